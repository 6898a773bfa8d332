"""Which device planned tasks are pinned to, by its id or name."""

from __future__ import annotations

import pytest

from xgodo_dev.emulator.jobs.pinning import pinned
from xgodo_dev.emulator.jobs.refusals import JobRefused

NAMES = {"a1": "Atomic Mammal", "b2": "Enormous Elephant", "c3": "Atomic Mammal"}


def test_a_name_that_several_devices_have_is_refused_but_not_beside_an_id() -> None:
    with pytest.raises(JobRefused, match=r"2 devices have the name 'Atomic Mammal'\. Use remote_device_id"):
        pinned(NAMES, None, "Atomic Mammal")
    assert pinned(NAMES, "C3", "Atomic Mammal") == "c3"
    assert pinned(NAMES, None, "Enormous Elephant") == "b2"
    assert pinned(NAMES, None, None) is None
