"""Runs bundles in a real Node.js that plays the phone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.toolchain import run_report
from xgodo_dev.toolchain.bundle import Bundle
from xgodo_dev.toolchain.node import find_node

# The host's own stop: `stops` counts calls, and by default the run is over at once, as on a phone.
HOST = """
"use strict";
const vm = require("node:vm");
globalThis.stops = 0;
function hostStop() {
  globalThis.stops += 1;
  if (!globalThis.stopIsLazy) {
    console.log("host stopped");
    process.exit(0);
  }
}
globalThis.agent = { control: { stopCurrentAutomation: hostStop } };
globalThis.stopCurrentAutomation = hostStop;
%(setup)s
const file = %(bundle)s;
const code = require("node:fs").readFileSync(file, "utf8");
%(load)s
"""

AS_SCRIPT = 'vm.runInThisContext(code, { filename: "automation.js" });'
AS_MODULE = 'import(require("node:url").pathToFileURL(file));'
AS_FUNCTION = "new Function(code)();"
AS_EVALUATED_TEXT = "(0, eval)(code);"


@dataclass(frozen=True)
class HostRun:
    """What a bundle logged in a run: ordinary lines, and the reports among them."""

    bundle: Bundle
    lines: list[str]
    reports: list[run_report.EndReport | run_report.BodyDone]
    stderr: str
    exit_code: int


def write_files(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def run_in_node(made: Bundle, folder: Path, setup: str = "", load: str = AS_SCRIPT) -> HostRun:
    script = folder / ("bundle.mjs" if load == AS_MODULE else "bundle.js")
    script.write_text(made.code, encoding="utf-8")
    host = folder / "host.js"
    host.write_text(
        HOST % {"setup": setup, "bundle": json.dumps(str(script)), "load": load}, encoding="utf-8"
    )
    finished = subprocess.run(
        [find_node(), host], capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    lines: list[str] = []
    reports: list[run_report.EndReport | run_report.BodyDone] = []
    for line in finished.stdout.splitlines():
        report = run_report.parse(line, made.mark)
        if report is None:
            lines.append(line)
        else:
            reports.append(report)
    return HostRun(made, lines, reports, finished.stderr, finished.returncode)
