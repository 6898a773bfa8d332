"""A list of devices to choose from with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.terminal.chooser import answered
from xgodo_dev.cli.terminal.choosing import GAP, Choosing, Fragment
from xgodo_dev.cli.view import cells
from xgodo_dev.cli.view.device_cells import rows
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import short_ids, told

_LONGEST_NAME, _LONGEST_MODEL = 26, 20


async def pick(
    devices: Sequence[Device],
    *,
    several: bool,
    chosen: Collection[str] = (),
    own_ids: Collection[str] = (),
    title: str = "Which device?",
) -> list[Device] | None:
    """Let a person choose one device, or ``several``, in the terminal of stdin and stderr.

    ``chosen`` are the ids of those that are chosen from the beginning, and ``own_ids`` those of what may
    run on them and is this project's. None: given up with Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    choice = Choice(devices, several=several, chosen=chosen, own_ids=own_ids)
    if not await answered(choice, title):
        return None
    answer = choice.answer()
    output.note(f"{title} {click.style(output.shown(told(answer, devices)), bold=True)}")
    return answer


class Choice(Choosing[Device]):
    """Which devices are marked, which is current, and how the list looks. Offline ones can't be chosen."""

    NOTHING_FITS = "No device is called that."

    def __init__(
        self,
        devices: Sequence[Device],
        *,
        several: bool,
        chosen: Collection[str] = (),
        own_ids: Collection[str] = (),
    ) -> None:
        by_id = {output.shown(device.id): device for device in devices}
        short = short_ids(devices)
        table = rows(list(by_id.values()), own_ids=own_ids, short=short, width=None)
        listed = [by_id[row[-1]] for row in table]
        self._texts: dict[str, tuple[str, ...]] = {}
        for device, (name, _, model, version, country, running, _) in zip(listed, table, strict=True):
            if sum(other.name == device.name for other in listed) > 1:
                name = f"{name} ({output.shown(short[device.id])})"
            android = f"Android {version}" if version else ""
            self._texts[device.id] = (name, model, android, country, running if device.online else "offline")
        self._several = several
        before = [device for device in listed if device.online and device.id in chosen]
        super().__init__(listed, next(iter(before), None))
        # A single one is where the list begins: an arrow and Enter are enough to take another in its place.
        self._marked = {device.id for device in before} if several and len(before) > 1 else set()

    def text_of(self, item: Device) -> str:
        return item.name

    def can_be_chosen(self, item: Device) -> bool:
        return item.online

    def mark(self) -> None:
        """Mark the current device as one of several, or no longer."""
        if self._several and self.current:
            self._marked ^= {self.current.id}

    def mark_all(self) -> None:
        """Mark all that can be chosen of what typing has left, or none of these where all were."""
        if self._several:
            ids = {device.id for device in self.choosable()}
            self._marked = self._marked - ids if ids <= self._marked else self._marked | ids

    def answer(self) -> list[Device]:
        """The marked devices, else the current one; empty where there is none."""
        marked = [device for device in self.items if device.id in self._marked]
        return marked or ([self.current] if self.current else [])

    def is_answer(self) -> bool:
        """Whether Enter takes something now."""
        return bool(self.answer())

    def shown(self, items: Sequence[Device], room: int) -> list[list[Fragment]]:
        widths = self._widths(room)
        return [self._line(device, widths, room) for device in items]

    def _line(self, device: Device, widths: Sequence[int], room: int) -> list[Fragment]:
        current = device is self.current
        mark = ("[x] " if device.id in self._marked else "[ ] ") if self._several else ""
        if not device.online:
            mark = " " * len(mark)
        texts = [
            cells.padded(text, width)
            for text, width in zip(self._texts[device.id], widths, strict=True)
            if width
        ]
        # So many of the details as there is room for.
        name, *rest = texts
        details = cells.cut((" " * GAP).join(rest).rstrip(), room - 2 - len(mark) - widths[0] - GAP)
        if not device.online:
            return [("dim", f"  {mark}{name}{' ' * GAP}{details}")]
        style = "bold ansicyan" if current else ""
        return [(style, f"{'>' if current else ' '} {mark}{name}"), ("dim", " " * GAP + details)]

    def _widths(self, room: int) -> list[int]:
        """Of each column, as wide as its widest text; names leave something to the others."""
        most = (min(_LONGEST_NAME, max(8, room // 2)), _LONGEST_MODEL, room, room, room)
        columns = zip(*self._texts.values(), strict=True)
        return [min(limit, max(map(cells.width, texts))) for limit, texts in zip(most, columns, strict=False)]

    def hint(self, out_of_sight: int | None, room: int) -> str:
        marks = "Space marks, Ctrl-A all, " if self._several else ""
        counts = f"{out_of_sight} devices. " if out_of_sight else ""
        if self._marked:
            counts = f"{len(self._marked)} of {len(self.items)} marked. "
        whole = f"{counts}{marks}Enter takes, Esc gives up; type to narrow"
        # That Esc gives up is known from elsewhere.
        return whole if cells.width(whole) <= room - 2 else f"{counts}{marks}Enter takes; type to narrow"
