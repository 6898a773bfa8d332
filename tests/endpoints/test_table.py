"""The table of coverage tells what was not shown."""

from __future__ import annotations

from tests.endpoints.reached import TABLE, Reached, table


def row(text: str, operation: str) -> list[str]:
    line = next(line for line in text.splitlines() if f"`{operation}`," in line)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_what_no_test_has_reached_leaves_its_cells_empty() -> None:
    assert row(table([]), "jobs.details")[2:] == ["", "", "", ""]


def test_each_face_fills_its_own_cell() -> None:
    reached = Reached("xgodo", "jobs.details", "client", 200, "tests/a.py::test_it[jobs.details]")

    assert row(table([reached]), "jobs.details")[2:] == ["`Xgodo.jobs.details`", "", "200", "test_it"]


def test_the_table_as_it_was_written_last_has_no_empty_cell() -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert len(rows) == 92
    assert all(cell.strip() for line in rows for cell in line.strip("|").split("|"))
