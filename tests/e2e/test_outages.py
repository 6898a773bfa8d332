"""Servers that fail: what was done is told exactly, with the exit code for it."""

from __future__ import annotations

import pytest

from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy
from tests.scripted_server import RESET, Answer, Request, page
from tests.sync.remote_project import RemoteProject

FILES = {f"{name}.js": f"// {name}\n" for name in ("a", "b", "c", "d")}


@pytest.fixture
def copy(scripted: Copy) -> Copy:
    """A folder with four files, none of which was ever sent."""
    scripted.write_all(FILES)
    return scripted


@pytest.mark.parametrize("afterwards", [RESET, page(502)], ids=["cut off", "gateway"])
def test_a_server_that_goes_away_during_a_push_leaves_an_exact_account(
    copy: Copy, failing: Failing, afterwards: Answer
) -> None:
    failing.writes_taken, failing.afterwards = 2, afterwards
    told = copy.json("push", "--no-check", exit_code=5)
    assert set(told["pushed"]) == set(failing.files)
    assert len(told["pushed"]) == 2
    assert {each["path"] for each in told["failed"]} == set(FILES) - set(told["pushed"])
    assert told["error"]["code"] in {"unreachable", "server-unavailable"}
    failing.writes_taken = 1000
    assert copy.json("push", "--no-check")["pushed"] == sorted(set(FILES) - set(told["pushed"]))
    assert failing.files == FILES
    assert sorted(path for path, _ in failing.writes if path in told["pushed"]) == sorted(told["pushed"])


def test_a_person_is_told_what_was_sent_and_what_was_not(copy: Copy, failing: Failing) -> None:
    copy.delete("b.js", "c.js", "d.js")
    assert copy.json("push", "--no-check")["pushed"] == ["a.js"]
    copy.write_all(FILES)
    failing.writes_taken, failing.has_project_api = 1, False
    shown = copy.run("push", "--no-check")
    assert shown.returncode == 5
    lines = shown.stderr.splitlines()
    assert len([line for line in lines if line.startswith("sent ")]) == 1
    (not_sent,) = [line for line in lines if line.startswith("not sent: ")]
    assert not_sent.count(".js") == 2
    told = lines[lines.index(next(line for line in lines if line.startswith("error:"))) :]
    assert len(told) <= 3
    assert "hint:" in told[-1]


@pytest.mark.parametrize("command", [("push", "--no-check"), ("pull",), ("status", "--remote"), ("log",)])
def test_a_server_that_is_not_there_ends_every_command_with_5(copy: Copy, command: tuple[str, ...]) -> None:
    nobody = Copy(copy.home, copy.root, {**copy.env, "XGODO_API_URL": "http://127.0.0.1:9"})
    before = copy.files()
    failed = nobody.json(*command, exit_code=5)["error"]
    assert failed["code"] == "unreachable"
    assert "http://127.0.0.1:9" in failed["message"]
    assert failed["hint"]
    assert copy.files() == before


def test_a_write_whose_answer_was_lost_is_settled_by_looking(copy: Copy, failing: Failing) -> None:
    copy.delete("b.js", "c.js", "d.js")

    def lose_the_first(request: Request) -> Answer:
        answer = RemoteProject._act(failing, request)
        if request.method != "GET" and not lost:
            lost.append(request)
            return RESET
        return answer

    lost: list[Request] = []
    failing._act = lose_the_first  # type: ignore[method-assign]
    copy.json("push", "--no-check")
    assert failing.files == {"a.js": FILES["a.js"]}
    assert copy.states("--remote") == {}


def test_a_broken_state_of_the_network_commits_nothing(copy: Copy, failing: Failing) -> None:
    failing.writes_taken = 2
    refused = copy.json("commit", "--allow-errors", "-m", "Half", exit_code=5)
    assert len(refused["pushed"]) == 2
    assert not [call for call in failing.server.calls() if "commit" in call]
