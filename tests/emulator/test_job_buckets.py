"""The buckets of a job, asked for by its owner and by whom it is shared with."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from job_board import UNKNOWN, JobBoard
from platform_api import PlatformApi
from served_emulator import ServedEmulator

SCHEMA = {"fields": [{"name": "sessionToken", "type": "string", "required": True, "minLength": 3}]}
NO_JOB = {"error": "Job not found"}
NO_BUCKET = {"error": "Bucket not found"}
INVALID = "Invalid bucket data"


@pytest.fixture
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


@pytest.fixture
def job(board: JobBoard, project: str) -> str:
    """The id of an automated job of the owner's."""
    return board.automate(project)


def new_device() -> str:
    """The id of a device that nobody has."""
    return str(uuid.uuid4())


def write(api: PlatformApi, job: str, device: str, data: object, status: int = 200) -> dict[str, Any]:
    return dict(api.ask("PUT", f"bucket/{job}/{device}", status, json={"data": data}))


def test_a_written_bucket_replaces_what_was_there_and_is_read_back(owner: PlatformApi, job: str) -> None:
    device = new_device()
    owner.get(f"bucket/{job}/{device}", 404)
    first = write(owner, job, device, {"sessionToken": "abc123", "loggedIn": True})["bucket"]
    assert (first["job_id"], first["remote_device_id"]) == (job, device)

    second = write(owner, job, device.upper(), {"nested": {"list": [1, None, "é"]}})["bucket"]

    assert second == first | {
        "data": {"nested": {"list": [1, None, "é"]}},
        "updated_at": second["updated_at"],
    }
    assert owner.get(f"bucket/{job}/{device}") == {"bucket": second}


def test_buckets_are_listed_the_last_changed_first_with_the_names_of_devices(
    owner: PlatformApi, emulator: ServedEmulator, job: str
) -> None:
    phone = emulator.devices()[0]
    devices = [str(phone["remote_device_id"]), new_device(), new_device()]
    for device in (*devices, devices[0]):
        owner.advance(1)
        write(owner, job, device, {})

    listing = owner.get(f"bucket/{job}")
    assert (listing["total"], listing["page"], listing["pages"]) == (3, 1, 1)
    order = [devices[0], devices[2], devices[1]]
    assert [each["remote_device_id"] for each in listing["buckets"]] == order
    assert [each["device_name"] for each in listing["buckets"]] == [phone["name"], None, None]

    second = owner.get(f"bucket/{job}", page=2, limit=2)
    assert [each["remote_device_id"] for each in second["buckets"]] == order[2:]
    assert (second["total"], second["page"], second["pages"]) == (3, 2, 2)
    beyond = owner.get(f"bucket/{job}", page=10**14, limit=10**14)
    assert (beyond["buckets"], beyond["pages"]) == ([], 1)
    for wrong in ({"page": 0}, {"limit": 0}, {"limit": "many"}):
        owner.get(f"bucket/{job}", 400, **wrong)


def test_a_page_has_twenty_buckets_and_never_more_than_a_hundred(owner: PlatformApi, job: str) -> None:
    for _ in range(101):
        write(owner, job, new_device(), {})
    assert len(owner.get(f"bucket/{job}")["buckets"]) == 20
    capped = owner.get(f"bucket/{job}", limit=500)
    assert (len(capped["buckets"]), capped["pages"]) == (100, 2)


def test_deleted_buckets_are_gone_and_counted(owner: PlatformApi, job: str) -> None:
    devices = [new_device() for _ in range(3)]
    for device in devices:
        write(owner, job, device, {"a": 1})
    # To delete it once more changes nothing.
    for _ in range(2):
        assert owner.ask("DELETE", f"bucket/{job}/{devices[0]}") == {"success": True}
    assert owner.get(f"bucket/{job}/{devices[0]}", 404) == NO_BUCKET
    assert owner.get(f"bucket/{job}")["total"] == 2
    assert owner.ask("DELETE", f"bucket/{job}") == {"success": True, "deleted": 2}
    assert owner.get(f"bucket/{job}") == {"buckets": [], "total": 0, "page": 1, "pages": 0}


@pytest.mark.parametrize("share", [None, "view", "edit"])
def test_a_share_to_view_reads_one_to_edit_writes_and_without_one_there_is_no_job(
    owner: PlatformApi, colleague: PlatformApi, board: JobBoard, job: str, share: str | None
) -> None:
    device = new_device()
    write(owner, job, device, {"mine": 1})
    if share:
        board.share(job, share)
    may_read, may_write = (200 if share else 404), (200 if share == "edit" else 404)

    answers = {
        "list": (may_read, colleague.get(f"bucket/{job}", may_read)),
        "read": (may_read, colleague.get(f"bucket/{job}/{device}", may_read)),
        "write": (may_write, write(colleague, job, device, {"theirs": 2}, may_write)),
        "delete": (may_write, colleague.ask("DELETE", f"bucket/{job}/{device}", may_write)),
        "delete all": (may_write, colleague.ask("DELETE", f"bucket/{job}", may_write)),
    }

    assert all(answer == NO_JOB for status, answer in answers.values() if status == 404)
    if share != "edit":
        assert owner.get(f"bucket/{job}/{device}")["bucket"]["data"] == {"mine": 1}


def test_there_are_no_buckets_of_a_job_that_does_not_exist(owner: PlatformApi) -> None:
    assert owner.get(f"bucket/{UNKNOWN}", 404) == NO_JOB
    assert owner.get("bucket/no-id-at-all", 404) == NO_JOB
    assert write(owner, UNKNOWN, new_device(), {}, 404) == NO_JOB


@pytest.mark.parametrize("data", [None, [], "text", 1])
def test_a_bucket_holds_an_object_and_nothing_else(owner: PlatformApi, job: str, data: object) -> None:
    assert write(owner, job, new_device(), data, 400) == {"error": INVALID}
    assert owner.ask("PUT", f"bucket/{job}/{new_device()}", 400, json={}) == {"error": INVALID}
    assert owner.get(f"bucket/{job}")["total"] == 0


def test_a_bucket_too_large_or_too_deep_is_refused(owner: PlatformApi, job: str) -> None:
    deep: dict[str, object] = {}
    for _ in range(200):
        deep = {"a": deep}
    for data in ({"a": "x" * 200_000}, deep):
        refused = write(owner, job, new_device(), data, 400)
        assert refused["error"] == INVALID
        assert refused["errors"]


@pytest.fixture
def with_schema(emulator: ServedEmulator, board: JobBoard, project: str) -> str:
    """The id of a job whose automation has a schema of its bucket."""
    settings = emulator.data / "settings" / f"{project}.json"
    settings.write_text(json.dumps({"bucket_schema": SCHEMA}))
    return board.automate(project)


def test_the_automations_schema_decides_what_a_bucket_may_hold(
    owner: PlatformApi, board: JobBoard, with_schema: str
) -> None:
    device = new_device()
    assert board.details(with_schema)["bucket_schema"] == SCHEMA
    write(owner, with_schema, device, {"sessionToken": "abc"})
    for wrong, place in (
        ({"sessionToken": "ab"}, "sessionToken"),
        ({}, "sessionToken"),
        ({"tocen": 1}, "tocen"),
    ):
        refused = write(owner, with_schema, device, wrong, 400)
        assert refused["error"] == INVALID
        assert any(reason.startswith(f"{place}: ") for reason in refused["errors"])
    assert owner.get(f"bucket/{with_schema}/{device}")["bucket"]["data"] == {"sessionToken": "abc"}


def test_an_automation_at_work_and_the_api_have_one_bucket_and_one_schema(
    owner: PlatformApi, emulator: ServedEmulator, board: JobBoard, project: str, with_schema: str
) -> None:
    device = emulator.device_id()
    program = """
        const { bucket } = agent.utils;
        const seen = await bucket.get();
        const refused = await bucket.set({ sessionToken: 1 });
        const set = await bucket.set({ sessionToken: "from the phone" });
        await agent.utils.job.submitTask("success", { seen, refused, set }, true);
        stopCurrentAutomation();
    """
    emulator.write(project, "main.js", program)
    write(owner, with_schema, device, {"sessionToken": "from the api"})

    board.plan(with_schema, {}, remote_device_id=device, run_immediately=True)

    (task,) = board.until(with_schema, "pending")
    proof = json.loads(task["job_proof"])
    assert proof["seen"]["bucket"] == {"sessionToken": "from the api"}
    assert proof["refused"]["success"] is False
    assert "sessionToken" in proof["refused"]["error"]
    assert proof["set"] == {"success": True, "bucket": {"sessionToken": "from the phone"}}
    kept = owner.get(f"bucket/{with_schema}/{device}")["bucket"]["data"]
    assert kept == {"sessionToken": "from the phone"}
