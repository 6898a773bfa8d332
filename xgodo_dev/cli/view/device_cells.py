"""What the cells of a table of devices say, and how they fit a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from xgodo_dev.cli import output
from xgodo_dev.cli.view.cells import without_middle
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import in_order

HEADINGS = ("NAME", "STATE", "MODEL", "ANDROID", "COUNTRY", "RUNNING", "ID")
_GAP = 2
# Names of any length exist, and each row is as wide as the longest.
_LONGEST = 60
# The columns that may be cut where a line is too long, and to how few characters, in that order.
_CUT = (("RUNNING", 13), ("MODEL", 10), ("NAME", 16))
_OURS = "this project"
_MOST_NAMED = 2


def rows(
    listed: Sequence[Device], *, own_ids: Collection[str], short: Mapping[str, str], width: int | None
) -> list[list[str]]:
    """The table's cells: who is online first, then by name.

    Args:
        own_ids: of what may run on a device, the ids that are this project's.
        short: by its id, what is enough of it.
        width: of a line in characters; cells are cut to fit it as far as they can be. None: any.
    """
    ordered = in_order(listed)
    cells = [
        [
            without_middle(output.shown(cell), _LONGEST)
            for cell in (
                device.name,
                "online" if device.online else "offline",
                _model(device),
                _text(device, "version"),
                _text(device, "country"),
                running(device.record.get("automations"), own_ids),
            )
        ]
        + [output.shown(device.id)]
        for device in ordered
    ]
    if width is None or _excess(cells, width) <= 0:
        return cells
    for row, device in zip(cells, ordered, strict=True):
        row[-1] = output.shown(short[device.id])
    if _excess(cells, width) > 0:
        # The model tells a phone without its maker as well.
        model = HEADINGS.index("MODEL")
        for row, device in zip(cells, ordered, strict=True):
            row[model] = output.shown(_text(device, "model")) or row[model]
    for heading, least in _CUT:
        column = HEADINGS.index(heading)
        most = max(least, _widths(cells)[column] - max(0, _excess(cells, width)))
        for row in cells:
            if len(row[column]) > most:
                row[column] = row[column][: most - 1].rstrip() + "…"
    return cells


def running(automations: object, own_ids: Collection[str]) -> str:
    """What a device's record says is running there, in a few words.

    The shape of the list's items is documented nowhere: one that carries an id of ours anywhere is ours,
    one with a name goes by it, and others count.
    """
    if not automations:
        return ""
    items = automations if isinstance(automations, list) else [automations]
    ours = any(_carries(item, own_ids) for item in items)
    others = Counter(_name(item) for item in items if not _carries(item, own_ids))
    named = [(name, count) for name, count in others.items() if name][:_MOST_NAMED]
    told = [_OURS] if ours else []
    told += [name if count == 1 else f"{name} ({count})" for name, count in named]
    untold = others.total() - sum(count for _, count in named)
    if untold and told:
        return f"{', '.join(told)} and {untold} more"
    if untold:
        return f"{untold} automation{'' if untold == 1 else 's'}"
    return ", ".join(told)


def _carries(item: object, ids: Collection[str]) -> bool:
    if isinstance(item, dict):
        return any(_carries(each, ids) for each in item.values())
    if isinstance(item, list):
        return any(_carries(each, ids) for each in item)
    return isinstance(item, str) and item in ids


def _name(item: object) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _model(device: Device) -> str:
    brand, model = _text(device, "brand"), _text(device, "model")
    return model if model.casefold().startswith(brand.casefold()) else f"{brand} {model}".strip()


def _text(device: Device, field: str) -> str:
    value = device.record.get(field)
    return str(value) if isinstance(value, str | int | float) else ""


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]


def _excess(cells: Sequence[Sequence[str]], width: int) -> int:
    """How many characters the longest line has too many, or less than none."""
    widths = _widths(cells)
    return sum(widths) + _GAP * (len(widths) - 1) - width
