"""The clients are those that the specs make."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator

import pytest

from xgodo_dev.platform.clients import Mobilerun, Xgodo
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.generation import clients, twins
from xgodo_dev.platform.spec.reading import Operation

SPECS = {"xgodo": reading.xgodo(), "mobilerun": reading.mobilerun()}
SERVER = Server(profile="test", api_url="http://127.0.0.1:1", remote="test", token="token")
CLIENTS = {"xgodo": Xgodo, "mobilerun": Mobilerun}


@pytest.mark.parametrize("name", twins.NAMES)
def test_the_client_of_a_platform_is_the_one_that_make_generate_writes(name: str) -> None:
    made = clients.formatted(clients.modules(name, SPECS[name]))
    kept = {file.relative_to(clients.FOLDER) for file in (clients.FOLDER / name).glob("*.py")}
    assert kept == set(made)
    for path, text in made.items():
        assert (clients.FOLDER / path).read_text(encoding="utf-8") == text, f"run `make generate`: {path}"


def operations() -> Iterator[tuple[str, Operation]]:
    for name, spec in SPECS.items():
        for operation in spec.operations.values():
            if not operation.hidden:
                yield name, operation


@pytest.mark.parametrize(("name", "operation"), [*operations()], ids=lambda each: getattr(each, "id", each))
def test_every_operation_has_a_method_that_takes_what_is_documented(name: str, operation: Operation) -> None:
    client = CLIENTS[name](SERVER)
    method = getattr(getattr(client, operation.section), operation.name)
    taken = inspect.signature(method).parameters
    documented = {each.python_name: each for each in operation.parameters}
    assert len(documented) == len(operation.parameters), "two parameters of one name"
    further = {"to", "progress"} if operation.downloads else {"progress"} if operation.uploads else set()
    assert set(documented) | further == set(taken)
    for name, parameter in documented.items():
        assert taken[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert (taken[name].default is inspect.Parameter.empty) is parameter.required
    assert inspect.getdoc(method)


def test_importing_the_clients_loads_no_section_and_nothing_that_most_calls_do_without() -> None:
    loaded = "import sys, xgodo_dev.platform.clients; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=60)
    modules = set(run.stdout.split())
    sections = {each for each in modules if each.count(".") == 4 and each.startswith("xgodo_dev.platform.cl")}
    assert not sections
    assert not modules & {"keyring", "httpx_sse", "anyio.from_thread", "jsonschema", "yaml", "starlette"}
