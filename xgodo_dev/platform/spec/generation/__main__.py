"""Writes everything that is derived from the specs."""

from __future__ import annotations

import json

from xgodo_dev.platform.spec.generation import clients, twins
from xgodo_dev.platform.spec.reading import Spec


def main() -> None:
    """Write the files anew, and remove those that no spec asks for any more."""
    for name in twins.NAMES:
        text = twins.twin(name)
        (twins.FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
        written = clients.formatted(clients.modules(name, Spec(json.loads(text))))
        (clients.FOLDER / name).mkdir(exist_ok=True)
        for file in (clients.FOLDER / name).glob("*.py"):
            if file.relative_to(clients.FOLDER) not in written:
                file.unlink()
        for path, module in written.items():
            (clients.FOLDER / path).write_text(module, encoding="utf-8")


if __name__ == "__main__":
    main()
