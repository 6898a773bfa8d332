"""Models, apps and feedback of Mobilerun over a real socket."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from emulated_mobilerun import MODEL, Mobilerun
from served_emulator import ServedEmulator, list_of

from xgodo_dev.emulator.mobilerun.feedback_store import MOST_A_DAY

FEEDBACK = {"title": "Great experience", "feedback": "It worked perfectly for my task.", "rating": 5}


def names(answer: dict[str, object]) -> list[object]:
    return [item["displayName"] for item in list_of(answer["items"])]


def test_the_preferred_model_is_among_those_listed(mobilerun: Mobilerun) -> None:
    answer = mobilerun.get("models")

    assert answer["object"] == "list"
    assert MODEL in [model["id"] for model in list_of(answer["data"])]


def test_apps_are_listed_ten_to_a_page_the_newest_first(mobilerun: Mobilerun) -> None:
    first, second = mobilerun.get("apps"), mobilerun.get("apps", page=2)

    assert (len(names(first)), names(first)[0], names(second)[-1]) == (10, "Calendar", "Chrome")
    assert first["count"] == {
        "totalCount": 13,
        "availableCount": 12,
        "uploadCount": 2,
        "storeCount": 10,
        "queuedCount": 1,
        "failedCount": 0,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"source": "queued"}, ["Calendar"]),
        ({"source": "uploaded"}, ["Notes", "Example"]),
        ({"source": "uploaded", "order": "asc"}, ["Example", "Notes"]),
        ({"source": "store", "query": "GRAM"}, ["Telegram"]),
        ({"query": "ma", "sortBy": "name", "order": "asc"}, ["Gmail", "Maps"]),
        ({"query": "nothing of this name"}, []),
    ],
)
def test_apps_are_found_by_source_and_name(
    mobilerun: Mobilerun, query: dict[str, str], found: list[str]
) -> None:
    assert names(mobilerun.get("apps", **query)) == found


@pytest.mark.parametrize("query", ["source=mine", "sortBy=size", "order=up", "page=0", "pageSize=x"])
def test_an_order_of_apps_that_is_not_documented_is_refused(mobilerun: Mobilerun, query: str) -> None:
    assert query.partition("=")[0] in str(mobilerun.get(f"apps?{query}", 400)["detail"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "ab"},
        {"title": "x" * 101},
        {"feedback": "too short"},
        {"feedback": "x" * 4001},
        {"rating": 0},
        {"rating": 6},
        {"rating": 4.5},
        {"taskId": "that one"},
    ],
)
def test_feedback_that_is_not_as_documented_is_refused(mobilerun: Mobilerun, wrong: dict[str, Any]) -> None:
    assert next(iter(wrong)) in str(mobilerun.post("api/feedback", 400, **FEEDBACK | wrong)["detail"])


@pytest.mark.parametrize("missing", ["title", "feedback", "rating"])
def test_feedback_that_lacks_something_is_refused(mobilerun: Mobilerun, missing: str) -> None:
    body = {name: value for name, value in FEEDBACK.items() if name != missing}
    assert missing in str(mobilerun.post("api/feedback", 400, **body)["detail"])


def test_feedback_is_taken_under_both_paths_fifteen_times_a_day(
    emulator: ServedEmulator, mobilerun: Mobilerun
) -> None:
    origin = f"{emulator.record.url}/mobilerun"
    paths = [f"{origin}/v1/api/feedback", f"{origin}/api/feedback"]
    bodies: list[dict[str, Any]] = [FEEDBACK, {**FEEDBACK, "taskId": str(uuid.uuid4())}]

    # What other tests have submitted is of another day then.
    emulator.client.post("/_emulator/clock", json={"seconds": 24 * 3600})
    for number in range(MOST_A_DAY):
        assert mobilerun.post(paths[number % 2], 201, **bodies[number // 2 % 2]) == {"success": True}
    for path in paths:
        assert "15" in str(mobilerun.post(path, 429, **FEEDBACK)["detail"])
        assert emulator.client.post(path, json=FEEDBACK).status_code == 401

    emulator.client.post("/_emulator/clock", json={"seconds": 24 * 3600})
    assert mobilerun.post(paths[1], 201, **FEEDBACK) == {"success": True}
