"""A colour for each device, the same in every command as far as can be."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

# Of the 256 colours: bright enough for a dark background and dark enough for a light one (a contrast of at
# least 3.5 to both), apart in hue, and none that is taken for the red of an error.
_OF_256 = (31, 133, 64, 130, 63, 29, 134, 100, 67, 28, 98, 132)
# What these look like is the terminal's own choice, made for its background.
_OF_16 = ("cyan", "magenta", "blue", "green", "yellow", "bright_cyan", "bright_magenta", "bright_blue")


class DeviceColors:
    """Gives devices their colours, as ``click.style`` takes them.

    A colour follows from the device's name, so that a phone keeps it from day to day. Where it is taken by
    another device the next free one is given, until all are taken.

    Args:
        names: devices known beforehand; in whatever order they come, each gets the same colour.
        rich: whether the terminal has 256 colours.
    """

    def __init__(self, names: Iterable[str] = (), *, rich: bool = False) -> None:
        self._palette: tuple[int, ...] | tuple[str, ...] = _OF_256 if rich else _OF_16
        self._given: dict[str, int] = {}
        self._taken: set[int] = set()
        for name in sorted(names):
            self.color(name)

    def color(self, name: str) -> int | str:
        """The device's colour."""
        number = self._given.get(name)
        if number is None:
            number = self._given[name] = self._free(crc32(name.encode("utf-8", "surrogatepass")))
        return self._palette[number]

    def _free(self, wanted: int) -> int:
        size = len(self._palette)
        if len(self._taken) == size:
            self._taken.clear()
        number = next(each for step in range(size) if (each := (wanted + step) % size) not in self._taken)
        self._taken.add(number)
        return number
