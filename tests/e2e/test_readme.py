"""A newcomer's first minute: the script of the README, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.e2e.conftest import COMMAND, Home

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_script_of_a_newcomer_runs_as_it_is_written(home: Home) -> None:
    script = re.search(r"runs it as it stands\. -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert script
    environment = {**home.environment, "PATH": f"{COMMAND.parent}{os.pathsep}{home.environment['PATH']}"}
    try:
        done = subprocess.run(
            ["bash", "-e", "-c", script[1]],
            cwd=home.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            stdin=subprocess.DEVNULL,
        )
    finally:
        home.run("emulator", "stop")
    assert done.returncode == 0, done.stderr
    assert "Hello from my editor" in done.stdout
    assert done.stdout.count("Say hello") == 2, "the commit tells its message, and so does the log"


def test_every_link_between_the_pages_of_the_guide_leads_somewhere() -> None:
    root = Path(__file__).parents[2]
    pages = [root / "README.md", *(root / "docs").glob("*.md")]
    # As the hosts of repositories make them of headings.
    anchors = {
        page: {
            re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        }
        for page in pages
    }
    lost = []
    for page in pages:
        for file, anchor in re.findall(
            r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text(encoding="utf-8")
        ):
            target = (page.parent / file).resolve() if file else page
            if not target.is_file() or (anchor and anchor not in anchors[target]):
                lost.append((page.name, file, anchor))
    assert lost == []
