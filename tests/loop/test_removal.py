from __future__ import annotations

from xgodo_dev.loop.removal import Removal


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_removal_goes_on_for_as_long_as_files_follow_closely() -> None:
    clock = Clock()
    removal = Removal(clock)
    assert removal.paths() == set()
    for number in range(30):
        removal.add(f"{number}.ts")
        clock.now += 5
    assert len(removal.paths()) == 30


def test_what_goes_after_a_while_is_another_removal() -> None:
    clock = Clock()
    removal = Removal(clock)
    removal.add("a.ts")
    clock.now += 5.1
    assert removal.paths() == set()
    removal.add("b.ts")
    assert removal.paths() == {"b.ts"}
