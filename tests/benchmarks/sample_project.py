"""Projects of many small files that pass the type check, as `init` and a person would make them."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.benchmarks.command import COMMAND, PROJECT_ID

FILES_IN_A_FOLDER = 100

_MODULE = """\
import {{ config }} from "{up}config";
import {{ element, tap }} from "{up}util";
{neighbour_import}
/** What screen {number} shows, as far as this automation cares. */
export interface Screen{number} {{
  title: string;
  items: readonly string[];
  retries: number;
}}

const TITLE = `${{config.app}}:id/title_{number}`;
const ITEM = `${{config.app}}:id/item_{number}`;

/** Whether `screen` is the one with the number {number}. */
export function isScreen{number}(screen: AndroidNode): boolean {{
  return findNodesById(screen, TITLE).length > 0;
}}

/** Reads screen {number}; nothing on it is touched. */
export function readScreen{number}(screen: AndroidNode, retries = {retries}): Screen{number} {{
  const title = findNodesById(screen, TITLE)[0]?.text ?? "";
  const items = findNodesById(screen, ITEM).flatMap((node) => node.text ?? []);
  return {{ title, items: items.filter((text) => text.length > 0), retries }};
}}

/** Opens the item called `text`; says whether there was one. */
export async function openItem{number}(text: string): Promise<boolean> {{
  const screen = await agent.actions.screenContent();
  if (!isScreen{number}(screen) || !readScreen{number}(screen).items.includes(text)) {{
    return {otherwise};
  }}
  await tap(element(screen, ITEM));
  return true;
}}
"""


def make(root: Path, files: int) -> list[str]:
    """Make a project in ``root`` of that many files that count; returns the paths of the made-up modules."""
    subprocess.run(
        [COMMAND, "init", root, "--template", "stages", "--project-id", PROJECT_ID],
        check=True,
        capture_output=True,
    )
    written = sum(1 for file in root.rglob("*.ts") if ".xgodo" not in file.parts)
    paths = []
    for number in range(files - written):
        folder = root / "screens" / f"area{number // FILES_IN_A_FOLDER:02}"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"screen{number}.ts"
        file.write_text(_module(number), encoding="utf-8")
        paths.append(file.relative_to(root).as_posix())
    return paths


def change(file: Path) -> None:
    """Edit a file so that it differs from all that it ever was, and still passes the check."""
    text = file.read_text(encoding="utf-8").partition("\n// edited")[0]
    file.write_text(f"{text}\n// edited {time.time_ns()}\n", encoding="utf-8")


def _module(number: int) -> str:
    neighbour = number - 1 if number % FILES_IN_A_FOLDER else None
    return _MODULE.format(
        number=number,
        up="../../",
        retries=number % 7 + 1,
        neighbour_import=""
        if neighbour is None
        else f'import {{ isScreen{neighbour} }} from "./screen{neighbour}";\n',
        otherwise="false" if neighbour is None else f"isScreen{neighbour}(screen)",
    )
