"""What the automation of a simulated device prints, and when: known to who prints and to who checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_ADJECTIVES = (
    "Amber",
    "Atomic",
    "Brave",
    "Curious",
    "Enormous",
    "Gentle",
    "Lucid",
    "Patient",
    "Rapid",
    "Silent",
)
_ANIMALS = ("Badger", "Elephant", "Falcon", "Heron", "Lynx", "Mammal", "Osprey", "Otter", "Raven", "Tortoise")
_SECONDS_BETWEEN_QUIETS = 3.0
LINE = re.compile(r"line (\d+) of ([A-Z][a-z]+ [A-Z][a-z]+(?: \d+)?): tapped the button at \d+,\d+")
"""A printed message: its number and its device."""


@dataclass(frozen=True)
class Schedule:
    """Prints ``rate`` lines a second for ``seconds``, and for three more after each pause of ``quiets``."""

    rate: float
    seconds: float
    quiets: tuple[float, ...] = ()
    """Seconds."""

    @cached_property
    def moments(self) -> tuple[float, ...]:
        """Of each line, in their order: seconds since the run began."""
        moments = [number / self.rate for number in range(round(self.rate * self.seconds))]
        for quiet in self.quiets:
            begin = moments[-1] + quiet
            moments += [
                begin + number / self.rate for number in range(round(self.rate * _SECONDS_BETWEEN_QUIETS))
            ]
        return tuple(moments)

    @property
    def length(self) -> float:
        """Seconds from the run's beginning to its end."""
        return self.moments[-1] + 1 / self.rate


def message(number: int, device: str) -> str:
    """The line with that number, from 1."""
    return f"line {number} of {device}: tapped the button at {60 + number % 960},{120 + number % 1800}"


def device_name(index: int) -> str:
    """A name that no other index has; two words, as the platform makes them up."""
    again, place = divmod(index, len(_ADJECTIVES) * len(_ANIMALS))
    name = f"{_ADJECTIVES[place % len(_ADJECTIVES)]} {_ANIMALS[place // len(_ADJECTIVES)]}"
    return f"{name} {again + 1}" if again else name
