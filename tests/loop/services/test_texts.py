"""What services are described by, held against the rules of each system."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xgodo_dev.errors import UsageError
from xgodo_dev.loop.services import launchd, systemd, windows_task
from xgodo_dev.loop.services.service import Service, ServiceRefused, name_of

ODD = "my \"best\" 100% $HOME 'work' ;\\ ünï 手机"
ROOT = f"/home/ada/{ODD}"
SERVICE = Service(
    name="xgodo-dev-best-1234abcd",
    description=f"xgodo-dev watches {ODD}\nExecStart=/bin/evil",
    command=["/opt/a b/$(x)/xgodo-dev", "-C", ROOT, "daemon", "start", "--foreground", "--device=A %h $B"],
    environment={"PATH": '/usr/bin:/opt/"odd" 50%/bin'},
)


def test_a_services_name_tells_projects_of_one_name_apart_and_is_the_same_each_time(tmp_path: Path) -> None:
    one, other = name_of(tmp_path / "one", "My App!"), name_of(tmp_path / "two", "My App!")
    assert one != other
    assert one == name_of(tmp_path / "one", "My App!")
    assert re.fullmatch(r"xgodo-dev-my-app-[0-9a-f]{8}", one)
    assert re.fullmatch(r"xgodo-dev-[0-9a-f]{8}", name_of(tmp_path, "手机"))
    assert name_of(tmp_path, "My App!", "phones") == "xgodo-dev-phones"


@pytest.mark.parametrize("name", ["", "../up", "a b", "-x", "x" * 65, "a/b", "a%i"])
def test_a_name_that_could_mean_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="service"):
        name_of(tmp_path, "app", name)


def test_a_unit_says_when_to_start_again_and_no_text_of_a_project_becomes_a_setting() -> None:
    lines = systemd.unit(SERVICE).splitlines()
    assert [line for line in lines if line.startswith("ExecStart=")] == [lines[8]]
    assert {"Restart=on-failure", "RestartSec=30", "RestartPreventExitStatus=2 3 4"} <= set(lines)
    assert "WantedBy=default.target" in lines
    assert "100%% $HOME" in lines[1]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_reads_a_unit_as_it_was_meant(tmp_path: Path) -> None:
    program = tmp_path / "a b" / "the $HOME 50% ünï program"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    service = Service(
        SERVICE.name, SERVICE.description, [str(program), *SERVICE.command[1:]], SERVICE.environment
    )
    file = tmp_path / "xgodo-dev-best.service"
    file.write_text(systemd.unit(service), encoding="utf-8")
    # Says of a program that it does not find, or of a setting that it does not know.
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert [line for line in done.stderr.splitlines() if "xgodo-dev-best" in line] == []
    assert done.returncode == 0, done.stderr


def _words_of_systemd(setting: str) -> list[str]:
    """As systemd.syntax(7) has it, for the few things that a unit of ours uses."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', setting)
    assert " ".join(f'"{word}"' for word in words) == setting
    plain = [re.sub(r"\\(.)", r"\1", word) for word in words]
    assert not any(re.search(r"(?<!%)(%%)*%(?!%)", word) for word in plain)
    return [word.replace("%%", "%") for word in plain]


def test_a_units_command_line_comes_out_as_it_went_in() -> None:
    (setting,) = [line for line in systemd.unit(SERVICE).splitlines() if line.startswith("ExecStart=")]
    # The colon switches off what `$` would mean.
    assert _words_of_systemd(setting.removeprefix("ExecStart=")) == [
        f":{SERVICE.command[0]}",
        *SERVICE.command[1:],
    ]


def test_a_program_that_systemd_would_not_start_is_refused() -> None:
    with pytest.raises(ServiceRefused, match="quotes"):
        systemd.unit(Service("name", "text", ['/opt/"best"/xgodo-dev']))


def test_an_agent_holds_the_command_line_as_it_is() -> None:
    read = plistlib.loads(launchd.agent(SERVICE))
    assert read["ProgramArguments"][-len(SERVICE.command) :] == SERVICE.command
    assert read["Label"] == SERVICE.name
    assert (read["RunAtLoad"], read["KeepAlive"]) == (True, {"SuccessfulExit": False})
    assert read["ThrottleInterval"] >= 10


def test_an_agent_that_can_not_be_written_is_refused() -> None:
    with pytest.raises(ServiceRefused):
        launchd.agent(Service("name", "text", ["/bin/a\x01b"]))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(("code", "told"), [(0, 0), (1, 1), (2, 0), (3, 0), (4, 0), (5, 5), (130, 0)])
def test_launchd_is_told_success_where_no_further_start_mends_anything(code: int, told: int) -> None:
    command = ["/bin/sh", "-c", launchd.WRAPPER, "name", "/bin/sh", "-c", f"exit {code}"]
    assert subprocess.run(command, timeout=30).returncode == told


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_what_ends_an_agent_reaches_the_daemon_whose_end_is_waited_for(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    trap = f'sleep 0.1; touch "{ended}"; exit 130'
    daemon = f"trap '{trap}' TERM; touch '{ended}.begun'; while :; do sleep 0.02; done"
    command = ["/bin/sh", "-c", launchd.WRAPPER, "name", "/bin/sh", "-c", daemon]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while not ended.with_name("ended.begun").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert ended.exists()


def test_a_task_is_xml_that_the_scheduler_reads() -> None:
    command = ["C:\\Program Files\\xgodo-dev.exe", "-C", 'C:\\Users\\Ada\\<my> & "best"', "daemon", "start"]
    text = windows_task.task(Service("name", "100% <mine>", command), "PC\\Ada")
    assert text.startswith((b"\xff\xfe", b"\xfe\xff"))
    root = ElementTree.fromstring(text)
    within = {"": windows_task.NAMESPACE}
    # The order that its schema has.
    assert [child.tag.partition("}")[2] for child in root] == [
        "RegistrationInfo",
        "Triggers",
        "Principals",
        "Settings",
        "Actions",
    ]
    assert root.findtext("Actions/Exec/Command", namespaces=within) == command[0]
    arguments = root.findtext("Actions/Exec/Arguments", namespaces=within)
    assert arguments == '-C "C:\\Users\\Ada\\<my> & \\"best\\"" daemon start'
    assert root.findtext("Settings/ExecutionTimeLimit", namespaces=within) == "PT0S"
    assert root.findtext("Triggers/LogonTrigger/UserId", namespaces=within) == "PC\\Ada"
