from __future__ import annotations

import random
import uuid

from xgodo_dev.runs.seen_ids import SeenIds


def test_an_id_is_new_once() -> None:
    seen = SeenIds(kept=600)
    ids = [str(uuid.UUID(int=random.Random(number).getrandbits(128))) for number in range(20_000)]
    assert all(seen.add(each, 0.0) for each in ids)
    assert not any(seen.add(each, 0.0) for each in ids)


def test_ids_are_forgotten_when_they_can_not_come_again() -> None:
    seen = SeenIds(kept=600)
    for number in range(200_000):
        seen.add(f"id-{number}", number / 10)
    assert not seen.add("id-199999", 20_000)
    assert seen.add("id-0", 20_000)
    # What came within 600 s is 6,000 of them; they are put away together with others.
    assert sum(len(chunk.hashes) for chunk in seen._chunks) < 60_000
    assert len(seen._chunks) < 30
