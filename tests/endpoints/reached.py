"""Which endpoints the passing tests have reached, by which face of the toolkit: the table of coverage.

A plugin of pytest, for workers and their controller alike. A test tells what it saw go over the wire with
``record_reached``; it counts when the test has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Operation

TABLE = Path(__file__).with_name("COVERAGE.md")
_OPTION = "--endpoint-table"
_TITLES = {"xgodo": "Xgodo", "mobilerun": "Mobilerun"}
_seen = pytest.StashKey[list["Reached"]]()
_all = pytest.StashKey[list["Reached"]]()


@dataclass(frozen=True, order=True)
class Reached:
    """An answer that worked and was as its spec says."""

    platform: str
    operation: str
    column: str
    status: int
    test: str


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _OPTION, choices=["check", "write"], help="hold the table of endpoints against this run, or write it"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_all] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    outcome = yield
    if call.when == "call" and outcome.get_result().passed:
        item.config.stash[_all] += item.stash.get(_seen, [])


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["reached"] = [asdict(each) for each in config.stash[_all]]
        return
    wanted = config.getoption(_OPTION)
    if wanted is None:
        return
    text = table(config.stash[_all])
    if wanted == "write":
        TABLE.write_text(text, encoding="utf-8")
        return
    missing = [row for row in text.splitlines() if "| |" in row.replace("  ", " ")]
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if missing or text != TABLE.read_text(encoding="utf-8"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("")
        reporter.write_line(f"{TABLE.name} is not what this run has shown; `make endpoint-table` writes it.")
        for row in missing:
            reporter.write_line(f"not reached: {row}")


def pytest_testnodedown(node: Any) -> None:
    output = getattr(node, "workeroutput", {})
    node.config.stash[_all] += [Reached(**each) for each in output.get("reached", [])]


def record(item: pytest.Item, reached: Iterable[Reached]) -> None:
    """What a test has seen; it counts if the test passes."""
    item.stash.setdefault(_seen, []).extend(reached)


def table(reached: Iterable[Reached]) -> str:
    """Every endpoint of both specs, and what of it was shown; a cell of which nothing was shown is empty."""
    shown = sorted(set(reached))
    lines = [
        "# Every documented endpoint, and what the tests have shown of it",
        "",
        "`make test` holds this table against the traffic of its passing tests, `make endpoint-table` writes",
        "it. Spec: the operation, and which document it comes from. Emulator: the status of the answers, all",
        "held against the spec.",
    ]
    for name, spec in (("xgodo", reading.xgodo()), ("mobilerun", reading.mobilerun())):
        lines += ["", f"## {_TITLES[name]}", ""]
        lines += ["| Endpoint | Spec | Client | Command | Emulator | Test |", "|---|---|---|---|---|---|"]
        lines += [
            _row(name, operation, [each for each in shown if (each.platform, each.operation) == (name, id_)])
            for id_, operation in spec.operations.items()
            if not operation.hidden
        ]
    return "\n".join(lines) + "\n"


def _row(platform: str, operation: Operation, shown: list[Reached]) -> str:
    columns = {each.column for each in shown}
    words = " ".join([*(["mobilerun"] if platform == "mobilerun" else []), *operation.command])
    cells = [
        f"`{operation.method} {operation.path}`",
        f"`{operation.id}`, {operation.source}",
        f"`{_TITLES[platform]}.{operation.id}`" if "client" in columns else "",
        f"`{words}`" if "command" in columns else "",
        " ".join(sorted({str(each.status) for each in shown})),
        "; ".join(sorted({each.test.partition("[")[0].rpartition("::")[2] for each in shown})),
    ]
    return f"| {' | '.join(cells)} |"
