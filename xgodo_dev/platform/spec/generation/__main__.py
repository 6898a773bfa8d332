"""Writes everything that is derived from the specs."""

from __future__ import annotations

from xgodo_dev.platform.spec.generation import twins


def main() -> None:
    """Write the files anew."""
    for name in twins.NAMES:
        (twins.FOLDER / f"{name}.json").write_text(twins.twin(name), encoding="utf-8")


if __name__ == "__main__":
    main()
