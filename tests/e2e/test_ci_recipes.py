"""The recipes of docs/ci.md, run as the two CI systems run them."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.e2e.working_copies import OnServer

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALL = 'pip install "xgodo-dev[node] @ $XGODO_DEV"'
MISTAKE = 'export const retries: number = "three";\n'
pytestmark = pytest.mark.skipif(not Path("/bin/bash").exists(), reason="the recipes are for bash")


@pytest.fixture(scope="module")
def recipes() -> dict[str, Any]:
    """The workflow of GitHub and the pipeline of GitLab."""
    text = (REPOSITORY / "docs/ci.md").read_text("utf-8")
    github, gitlab = (
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    )
    return {"github": github, "gitlab": gitlab}


@dataclass
class Work:
    """A project in git, of which a CI system checks out each commit anew."""

    home: Home
    root: Path
    checkouts: int = 0

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self, path: str, content: str) -> None:
        (self.root / path).write_text(content, encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", f"Change {path}")

    def job(self, lines: Sequence[str], environment: dict[str, str], **of_ci: str) -> tuple[int, str, Path]:
        """Run lines of a job in a fresh checkout; the exit code, all that was printed, and the checkout."""
        self.checkouts += 1
        checkout = self.home.folder / f"checkout-{self.checkouts}"
        self.git("clone", "--quiet", "--no-local", str(self.root), str(checkout))
        assert INSTALL in lines
        program = "\n".join(line for line in lines if line != INSTALL)
        path = f"{COMMAND.parent}:{self.home.environment['PATH']}"
        placed = {name: value.replace("CHECKOUT", str(checkout)) for name, value in of_ci.items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", program],
            cwd=checkout,
            env={**self.home.environment, **environment, **placed, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, checkout


@pytest.fixture
def work(home: Home, project: Path) -> Work:
    work = Work(home, project)
    work.git("init", "--quiet", "--initial-branch=main")
    work.git("add", ".")
    work.git("commit", "--quiet", "-m", "Begin")
    return work


def steps_of(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_what_the_recipes_install_is_this_package_with_an_extra_that_it_has(recipes: dict[str, Any]) -> None:
    package = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    for variables in (recipes["github"]["env"], recipes["gitlab"]["variables"]):
        named = INSTALL.partition('"')[2].rstrip('"').replace("$XGODO_DEV", variables["XGODO_DEV"])
        requirement = Requirement(named)
        assert requirement.name == package["name"]
        assert requirement.extras <= package["optional-dependencies"].keys()
        assert (requirement.url or "").startswith("git+https://")


def test_the_workflow_of_github_checks_with_annotations_and_brings_what_is_merged(
    recipes: dict[str, Any], work: Work, emulator: Emulator, project_id: str
) -> None:
    workflow = recipes["github"]
    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    jobs, remote = workflow["jobs"], OnServer(emulator, project_id)
    github = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "CHECKOUT", "CI": "true"}
    assert jobs["publish"]["env"] == {"XGODO_TOKEN": "${{ secrets.XGODO_TOKEN }}"}
    # All of the history is there.
    assert jobs["publish"]["steps"][0]["with"] == {"fetch-depth": 0}
    publish = steps_of(jobs["publish"])

    code, printed, checkout = work.job(publish, emulator.env, **github)
    assert code == 0, printed
    assert "main.ts" in json.loads((checkout / "pushed.json").read_text("utf-8"))["pushed"]
    assert remote.commits()[0] == "Begin"
    # Nothing of what is there was ever seen by the next checkout, but git has it.
    work.commit("main.ts", 'console.log("merged");\nstopCurrentAutomation();\n')
    code, printed, _ = work.job(publish, emulator.env, **github)
    assert code == 0, printed
    assert "merged" in (remote.read("main.ts") or "")
    assert remote.commits()[0] == "Change main.ts"

    remote.write("main.ts", "// written on the platform\n")
    work.commit("main.ts", 'console.log("again");\nstopCurrentAutomation();\n')
    code, printed, checkout = work.job(publish, emulator.env, **github)
    assert code == 3, printed
    assert json.loads((checkout / "pushed.json").read_text("utf-8"))["conflicts"] == ["main.ts"]
    assert remote.read("main.ts") == "// written on the platform\n"

    work.commit("wrong.ts", MISTAKE)
    code, printed, _ = work.job(steps_of(jobs["check"]), {}, **github)
    assert code == 1
    assert "::error title=TS2322,file=wrong.ts,line=1,col=14,endColumn=21::" in printed


def test_the_pipeline_of_gitlab_reports_what_is_wrong_and_brings_what_is_merged(
    recipes: dict[str, Any], work: Work, emulator: Emulator, project_id: str
) -> None:
    pipeline = recipes["gitlab"]
    assert pipeline["publish"]["variables"] == {"GIT_DEPTH": 0}
    lines = {
        job: pipeline["default"]["before_script"] + pipeline[job]["script"] for job in ("check", "publish")
    }
    gitlab = {"GITLAB_CI": "true", "CI": "true", "CI_PROJECT_DIR": "CHECKOUT", "CI_COMMIT_TITLE": "Merge it"}

    for title in ("Merge it", "Merge nothing new"):
        code, printed, checkout = work.job(
            lines["publish"], emulator.env, **gitlab | {"CI_COMMIT_TITLE": title}
        )
        assert code == 0, printed
        assert OnServer(emulator, project_id).commits()[0] == "Merge it"
    assert json.loads((checkout / "pushed.json").read_text("utf-8"))["pushed"] == []

    work.commit("wrong.ts", MISTAKE + MISTAKE.replace("retries", "others"))
    code, printed, checkout = work.job(lines["check"], {}, **gitlab)
    assert code == 1
    report = pipeline["check"]["artifacts"]["reports"]["codequality"]
    findings = json.loads((checkout / report).read_text("utf-8"))
    assert [each["location"] for each in findings] == [
        {"path": "wrong.ts", "lines": {"begin": 1}},
        {"path": "wrong.ts", "lines": {"begin": 2}},
    ]
    for each in findings:
        assert each.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert (each["check_name"], each["severity"]) == ("TS2322", "critical")
    assert len({each["fingerprint"] for each in findings}) == 2
    # A report of nothing is a list as well: what was there before is told to be mended.
    work.commit("wrong.ts", "export {};\n")
    code, printed, checkout = work.job(lines["check"], {}, **gitlab)
    assert (code, json.loads((checkout / report).read_text("utf-8"))) == (0, [])
