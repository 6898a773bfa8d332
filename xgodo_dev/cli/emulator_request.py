"""Asks a running emulator for what only an emulator has, below ``/_emulator``."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from xgodo_dev.emulator.record import EmulatorRecord
from xgodo_dev.errors import ApiError, UnreachableError

_ANSWER_SECONDS = 5.0


def ask(record: EmulatorRecord, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    """What the emulator answers to a POST of ``body``.

    Raises:
        UnreachableError: it does not answer, or with what is no JSON.
        ApiError: it refuses.
    """
    address = urlsplit(record.url)
    assert address.hostname and address.port, "the record was verified"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {record.token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body or {}), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"The emulator at {record.url} does not answer: {error}.") from error
    finally:
        connection.close()
    if response.status >= 400:
        said = str(answer.get("message"))
        raise ApiError(
            f"The emulator refused it: {said}",
            status=response.status,
            endpoint=f"POST {path}",
            server_message=said,
        )
    assert isinstance(answer, dict), "the emulator answers with objects"
    return answer
