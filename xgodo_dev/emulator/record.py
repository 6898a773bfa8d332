"""How a running emulator is found: a small file that says where it listens, and its token.

Apart from the server, so that finding one costs no import of it.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from xgodo_dev import places
from xgodo_dev.emulator.storage import replace_file

EMULATOR_NAME = "xgodo-dev emulator"
LOOPBACK = "127.0.0.1"

# On this machine one that is gone refuses at once; one that is there may have much else to do.
_ANSWER_SECONDS = 5.0
_ANSWER_BYTES = 4096


@dataclass(frozen=True)
class EmulatorRecord:
    """``url`` is the base before ``/api/v2``; ``data`` the data folder's path.

    Besides the token of its account: those of the operator and of a second account, and Mobilerun's.
    """

    url: str
    token: str = field(repr=False)
    pid: int
    instance: str
    data: str
    admin_token: str = field(default="", repr=False)
    colleague_token: str = field(default="", repr=False)
    mobilerun_key: str = field(default="", repr=False)


def running_record() -> EmulatorRecord | None:
    """The listed emulator, if the one that answers at its address is the one that wrote the record."""
    record = read_record(places.emulator_record_file())
    return record if record is not None and answers(record) else None


def read_record(file: Path) -> EmulatorRecord | None:
    """What the file says, or None when it is missing or is no record."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        record = EmulatorRecord(**document)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None
    texts = [value for name, value in asdict(record).items() if name != "pid"]
    return record if all(isinstance(text, str) for text in texts) and isinstance(record.pid, int) else None


def write_record(file: Path, record: EmulatorRecord) -> None:
    """Writes the record for its owner's eyes only."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(file, json.dumps(asdict(record)).encode(), staging=file.parent, mode=0o600)


def remove_record(file: Path, record: EmulatorRecord) -> None:
    """Removes the record unless another emulator has put its own there since."""
    if read_record(file) == record:
        file.unlink(missing_ok=True)


def answers(record: EmulatorRecord) -> bool:
    """Whether an emulator with that instance answers at the record's address within seconds.

    Only this machine is ever asked, whatever the record says, and no proxy.
    """
    address = urlsplit(record.url)
    try:
        if address.hostname != LOOPBACK or address.port is None:
            return False
        connection = http.client.HTTPConnection(LOOPBACK, address.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/_emulator")
            document = json.loads(connection.getresponse().read(_ANSWER_BYTES))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return bool(document == {"name": EMULATOR_NAME, "instance": record.instance})
