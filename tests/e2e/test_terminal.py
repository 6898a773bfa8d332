"""What a server, a name or a text says is shown on a terminal, and has no power over it."""

from __future__ import annotations

import pexpect
import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy
from tests.scripted_server import json_answer

EVIL = "\x1b]0;title\x07\x1b[2J\x1b[8m\x9b31m\r\u202e\u2028\x7f"
HARMFUL = ("\x1b]", "\x07", "\x1b[2J", "\x1b[8m", "\x9b", "\u202e", "\u2028", "\x7f")
SHOWN = r"\x1b]0;title\x07\x1b[2J\x1b[8m\x9b31m\x0d\u202e\u2028\x7f"
NAME = "e\x1b]0;t\x07\u202e\n  forged.ts"


@pytest.fixture
def evil(scripted: Copy, failing: Failing) -> Copy:
    """A project whose server, names and texts all try."""
    failing.has_project_api = True
    failing.refusal = json_answer({"success": False, "message": EVIL}, 400)
    failing.files = {NAME: "// theirs\n", "a.js": f"// {EVIL}\n"}
    scripted.write_all({"b.js": "// b\n", "a.js": "// ours\n"})
    return scripted


def on_terminal(copy: Copy, *arguments: str) -> str:
    environment = {**copy.home.environment, **copy.env}
    shown, _ = pexpect.run(
        f"{COMMAND} {' '.join(arguments)}", cwd=copy.root, env=environment, withexitstatus=True, timeout=60
    )
    return shown.decode()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("push", "--no-check"), SHOWN),
        (("diff",), SHOWN),
        (("pull",), r"e\x1b]0;t\x07\u202e\x0a  forged.ts"),
        (("status", "--remote"), ""),
    ],
)
def test_foreign_words_are_shown_and_not_obeyed(evil: Copy, command: tuple[str, ...], told: str) -> None:
    shown = on_terminal(evil, *command)
    assert told in shown
    assert not [code for code in HARMFUL if code in shown]
    assert "\n  forged.ts" not in shown
    # Our own colours stay.
    assert "\x1b[" in shown
    assert "\x1b" not in on_terminal(evil, "--no-color", *command)
