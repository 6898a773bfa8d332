"""An emulator as a process: ``python emulator_process.py DATA`` prints its record as JSON once it answers."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from xgodo_dev.emulator.server import serve


def main() -> None:
    """Serves until it is stopped or interrupted."""
    try:
        asyncio.run(
            serve(
                Path(sys.argv[1]),
                port=0,
                listed=False,
                on_ready=lambda record: print(json.dumps(asdict(record)), flush=True),  # noqa: T201
            )
        )
    except KeyboardInterrupt:
        sys.exit(130)


main()
