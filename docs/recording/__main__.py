"""Records the first minute: a project, a save with a mistake, a save that runs, a commit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.recording.animation import animated
from docs.recording.screens import Frame, Screens
from xgodo_dev import places

COLUMNS, ROWS = 88, 26
TITLE = "xgodo-dev: a new project, a save with a mistake, a save that runs, and a commit"
TARGET = Path(__file__).parent.parent / "first-minute.svg"


def record(folder: Path) -> list[Frame]:
    """Live through the first minute in ``folder``, which is also the home."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(places.cache_directory().parent),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    screens = Screens(folder, environment, COLUMNS, ROWS)
    main = folder / "hello" / "main.ts"
    try:
        screens.rest(0.5)
        screens.type("xgodo-dev emulator start --detach")
        screens.wait_for_prompt()
        screens.type("xgodo-dev init hello --yes && cd hello")
        screens.wait_for_prompt()
        screens.rest(1.5)
        screens.type("xgodo-dev watch --run")
        screens.wait_for("ended well", "synced main.ts")
        screens.rest(2)
        right = main.read_text("utf-8")
        screens.caption("in the editor: main.ts saved, with a mistake")
        save(main, right + "console.log(greeting);\n")
        screens.wait_for("not compiled there")
        screens.rest(3)
        screens.caption("in the editor: the mistake mended, main.ts saved")
        save(main, right + 'const greeting = "Hello from my editor";\nconsole.log(greeting);\n')
        screens.wait_for("Hello from my editor", "synced main.ts", "ended well")
        screens.rest(3)
        screens.caption("")
        screens.press("q")
        screens.wait_for_prompt()
        screens.type('xgodo-dev commit -m "Say hello"')
        screens.wait_for_prompt("Say hello")
        screens.rest(1)
    finally:
        screens.close()
        subprocess.run(["xgodo-dev", "emulator", "stop"], env=environment, check=False, capture_output=True)
    return screens.frames


def save(file: Path, content: str) -> None:
    """Save as an editor does."""
    file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        TARGET.write_text(animated(record(Path(made)), COLUMNS, ROWS, TITLE), encoding="utf-8")
