"""Jobs: posted, listed, shown, shared, and what was handed in for them judged."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from job_board import UNKNOWN, JobBoard, said
from served_emulator import ServedEmulator


@pytest.fixture
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


def balance(board: JobBoard, *, colleague: bool = False) -> dict[str, Any]:
    return dict(board.ask("GET", "/user/balance", colleague=colleague).json())


def test_a_posted_job_is_shown_listed_and_paid_for(board: JobBoard) -> None:
    before = balance(board)["active_balance"]
    job = board.post(title="Unheard-of work", positions=4, job_price=0.5, Target_Workers=["de", "at"])
    shown = board.details(job)
    assert shown["title"] == "Unheard-of work"
    assert (shown["positions"], shown["duration"], shown["price"]) == ("4", "60", "2.00")
    assert (shown["Target_Workers"], shown["category"]) == (["de", "at"], ["Engineering"])
    assert shown["status"] == "active"
    assert shown["automation_id"] is shown["job_variables_schema"] is None
    listed = board.ask("POST", "/jobs/myjobs", {"Query": "unheard"}).json()
    assert listed == {"total_count": 1, "jobs": [shown]}
    assert balance(board)["active_balance"] == pytest.approx(before - 2.0)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"positions": 0, "duration": 0}, ["positions must be at least 1", "duration must be at least 1"]),
        ({"title": " "}, ["title must not be empty"]),
        ({"job_price": -1}, ["job_price must not be negative"]),
    ],
)
def test_a_job_that_makes_no_sense_is_refused_with_every_reason(
    board: JobBoard, fields: dict[str, Any], errors: list[str]
) -> None:
    body = {
        "title": "T",
        "category": "C",
        "description": "D",
        "proof": "P",
        "duration": 1,
        "positions": 1,
        "job_price": 1,
    }
    answer = board.ask("POST", "/jobs/submit", body | fields)
    assert said(answer) == (400, {"error": errors[0], "errors": errors})
    assert board.ask("POST", "/jobs/submit", {**body, "positions": "3"}).status_code == 400
    del body["proof"]
    assert said(board.ask("POST", "/jobs/submit", body)) == (400, {"error": "proof is required"})


def test_a_job_that_costs_more_than_there_is_is_not_posted(board: JobBoard) -> None:
    before = balance(board), board.ask("POST", "/jobs/myjobs", {}).json()["total_count"]
    with pytest.raises(AssertionError, match="Insufficient balance"):
        board.post(positions=1000, job_price=1000)
    assert (balance(board), board.ask("POST", "/jobs/myjobs", {}).json()["total_count"]) == before


@pytest.mark.parametrize(("price", "positions"), [(1e308, 3), (0, 1e308)])
def test_amounts_beyond_all_bounds_are_refused(board: JobBoard, price: float, positions: float) -> None:
    with pytest.raises(AssertionError, match=r"Insufficient balance|too large"):
        board.post(positions=positions, job_price=price)


@pytest.mark.parametrize("price", ["1e999", "1" + 400 * "0", "-1", "true", '"1"'])
def test_a_price_that_is_none_is_refused_also_for_a_job_of_phones(
    emulator: ServedEmulator, project: str, price: str
) -> None:
    emulator.write(project, "main.js", "")
    body = f'{{"automation_id": "{project}", "title": "T", "job_price": {price}}}'
    answer = emulator.client.post("/_emulator/jobs", content=body)
    words = "job_price must be a number from 0 to 1000000"
    assert said(answer) == (400, {"success": False, "message": words})


def test_jobs_are_listed_by_page_status_id_and_order(board: JobBoard) -> None:
    marker = uuid.uuid4().hex
    jobs = [board.post(description=f"For {marker}", title=title) for title in ("b", "c", "a")]
    board.ask("PUT", "/jobs/update-status", {"job_id": jobs[0], "status": "inactive"})

    def listed(**fields: Any) -> list[str]:
        answer = board.ask("POST", "/jobs/myjobs", {"Query": marker, **fields}).json()
        return [job["job_id"] for job in answer["jobs"]]

    assert listed() == jobs[::-1]
    assert listed(orientation="asc") == jobs
    assert listed(SortBY="title", orientation="asc") == [jobs[2], jobs[0], jobs[1]]
    assert listed(page=2, limit=2) == jobs[:1]
    assert listed(page=9) == []
    assert listed(status="active") == jobs[:0:-1]
    assert listed(job_id=jobs[1]) == jobs[1:2]
    assert board.ask("POST", "/jobs/myjobs", {"Query": marker}, colleague=True).json()["jobs"] == []


def test_a_job_that_is_not_there_is_not_found_anywhere(board: JobBoard) -> None:
    missing = {"error": "Job with this Id not found"}
    assert said(board.ask("GET", "/jobs/details", job_id=UNKNOWN)) == (404, missing)
    assert said(board.ask("GET", "/jobs/details")) == (400, {"error": "job_id is required"})
    assert said(board.ask("POST", "/jobs/applicants", {"job_id": UNKNOWN})) == (404, missing)
    assert said(board.judge(UNKNOWN, "confirmed")) == (404, missing)
    body = {"job_id": UNKNOWN, "status": "active"}
    assert said(board.ask("PUT", "/jobs/update-status", body)) == (404, missing)


def test_only_who_may_change_a_job_changes_its_status(board: JobBoard) -> None:
    job = board.post()
    body = {"job_id": job, "status": "inactive"}
    board.share(job, "view")
    refused = board.ask("PUT", "/jobs/update-status", body, colleague=True)
    assert said(refused) == (401, {"error": "Unauthorized action"})
    board.share(job, "edit")
    done = board.ask("PUT", "/jobs/update-status", body, colleague=True)
    assert (done.status_code, done.content) == (204, b"")
    assert board.details(job)["status"] == "inactive"
    assert board.ask("PUT", "/jobs/update-status", {**body, "status": "completed"}).status_code == 400


def test_a_job_for_phones_is_seen_by_those_it_is_shared_with_alone(board: JobBoard, project: str) -> None:
    job = board.automate(project)
    calls = [
        ("GET", "/jobs/details", None, {"job_id": job}),
        ("POST", "/jobs/applicants", {"job_id": job}, {}),
        ("GET", "/planned_tasks", None, {"job_id": job}),
    ]
    for method, path, body, query in calls:
        assert board.ask(method, path, body, colleague=True, **query).status_code == 404
    board.share(job, "view")
    for method, path, body, query in calls:
        assert board.ask(method, path, body, colleague=True, **query).status_code == 200


def test_a_job_for_phones_shows_the_schemas_of_its_automation(board: JobBoard, project: str) -> None:
    board.emulator.write(project, "main.ts", "console.log(1);")
    schema = {"fields": [{"name": "email", "type": "string", "required": True}]}
    board.emulator.client.patch(
        f"/api/v2/automation-project/{project}/options", json={"job_variables_schema": schema}
    )
    shown = board.details(board.automate(project, positions=7))
    assert (shown["job_type"], shown["automation_id"]) == ("devices_automation", project)
    assert (shown["positions"], shown["job_variables_schema"]) == ("7", schema)
    assert shown["automation_parameters_schema"] is shown["bucket_schema"] is None


def test_a_job_for_phones_brings_the_schemas_of_its_automation_and_leaves_others(
    board: JobBoard, project: str
) -> None:
    bucket = {"fields": [{"name": "token", "type": "string"}]}
    variables = {"fields": [{"name": "email", "type": "string"}]}
    first = board.automate(project, bucket_schema=bucket, job_variables_schema=variables)
    board.automate(project, job_variables_schema=None)
    shown = board.details(first)
    assert (shown["bucket_schema"], shown["job_variables_schema"]) == (bucket, None)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"automation_id": "x"}, (400, "automation_id must be a UUID, or 24 hexadecimal digits")),
        ({"automation_id": str(uuid.uuid4())}, (404, "Automation project not found or access denied")),
        ({"bucket_schema": {"fields": 1}}, (400, "bucket_schema.fields must be an array")),
    ],
)
def test_no_job_for_phones_is_posted_that_none_could_do(
    board: JobBoard, project: str, fields: dict[str, Any], answer: tuple[int, str]
) -> None:
    board.emulator.write(project, "main.js", "")
    body = {"automation_id": project, "title": "Notes", **fields}
    response = board.emulator.client.post("/_emulator/jobs", json=body)
    assert (response.status_code, response.json()["message"]) == answer


def test_what_was_handed_in_is_counted_and_can_be_searched(board: JobBoard) -> None:
    job = board.post(few_times=True)
    tasks = [board.hand_in(job, proof) for proof in ("first%", "second", "third")]
    assert [task["_id"] for task in board.applicants(job)] == tasks[::-1]
    assert [task["_id"] for task in board.applicants(job, order="asc", limit=2)] == tasks[:2]
    assert [task["_id"] for task in board.applicants(job, page=2, limit=2)] == tasks[:1]
    assert [task["job_proof"] for task in board.applicants(job, search="SEC")] == ["second"]
    assert [task["job_proof"] for task in board.applicants(job, search="%")] == ["first%"]
    assert len(board.applicants(job, search="colleague")) == 3
    assert len(board.applicants(job, search=board.details(job)["title"])) == 3
    board.decline(job, tasks[0])
    assert board.judge(job, "confirmed", tasks[1]).status_code == 200
    counted = board.ask("POST", "/jobs/applicants", {"job_id": job, "status": "declined"}).json()
    assert [task["_id"] for task in counted.pop("job_tasks")] == tasks[:1]
    assert counted == {
        "_id": job,
        "job_id": job,
        "title": board.details(job)["title"],
        "status": "active",
        "total_task": 3,
        "job_done": 2,
        "pending_tasks": 1,
        "satisfied_tasks": 1,
        "declined_tasks": 1,
        "failed_tasks": 0,
    }
    assert board.details(job)["tasks_confirmed_count"] == 1


def test_old_tasks_are_left_out_on_demand(board: JobBoard) -> None:
    job = board.post(few_times=True)
    old = board.hand_in(job)
    board.emulator.client.post("/_emulator/clock", json={"seconds": 2 * 3600})
    new = board.hand_in(job)
    assert [task["_id"] for task in board.applicants(job, hours_ago=1)] == [new]
    assert [task["_id"] for task in board.applicants(job, hours_ago=3)] == [new, old]


def test_a_task_is_found_by_its_own_id_and_by_that_of_its_planned_task(board: JobBoard) -> None:
    job = board.post()
    planned, idle = board.plan(job, {"name": "Ann"}, {"name": "Bob"})
    task = board.hand_in(job)
    for task_id in (task, planned):
        (found,) = board.applicants(job, task_id=task_id)
        assert (found["_id"], found["planned_task_id"]) == (task, planned)
        assert found["planned_task"] == '{"name": "Ann"}'
    assert board.applicants(board.post(), task_id=task) == []

    def refused(task_id: str) -> tuple[int, dict[str, Any]]:
        return said(board.ask("POST", "/jobs/applicants", {"job_id": job, "task_id": task_id}))

    assert refused("x") == (400, {"error": "Invalid task_id format"})
    assert refused(idle) == (
        400,
        {"error": f"Planned task {idle} exists but has no associated job task (job_task_id is null)"},
    )
    assert refused(UNKNOWN) == (
        404,
        {"error": f"task_id {UNKNOWN} is neither a valid job task ID nor a planned task ID"},
    )


def test_tasks_are_judged_by_both_kinds_of_ids_and_their_worker_is_told(board: JobBoard) -> None:
    job = board.post(few_times=True)
    planned, _ = board.plan(job, "a", "b")
    first, second = board.hand_in(job), board.hand_in(job)
    answer = board.judge(job, "declined", planned, second, comment="Not like this.").json()
    assert [task["_id"] for task in answer["job_tasks"]] == [first, second]
    shown = board.ask("POST", "/tasks/details", colleague=True, task_id=first).json()
    assert (shown["status"], shown["comment"]) == ("declined", "Not like this.")


def test_a_worker_is_promised_and_paid_what_the_job_offers(board: JobBoard) -> None:
    job = board.post(few_times=True, positions=2, job_price=0.25)
    before = balance(board, colleague=True)
    first, second = board.hand_in(job), board.hand_in(job)
    promised = balance(board, colleague=True)
    assert promised["pending_earnings"] == pytest.approx(before["pending_earnings"] + 0.5)
    board.decline(job, second)
    assert board.judge(job, "confirmed", first).status_code == 200
    assert board.judge(job, "confirmed", first).status_code == 200
    assert board.details(job)["status"] == "active"
    paid = balance(board, colleague=True)
    assert paid["pending_earnings"] == pytest.approx(before["pending_earnings"])
    assert paid["active_balance"] == pytest.approx(before["active_balance"] + 0.25)
    assert board.judge(job, "confirmed", second).status_code == 200
    assert balance(board, colleague=True)["active_balance"] == pytest.approx(before["active_balance"] + 0.5)
    assert board.details(job)["status"] == "completed"


def test_judging_changes_all_tasks_or_none(board: JobBoard) -> None:
    job = board.post(few_times=True)
    idle, _ = board.plan(job, "a", "b")
    board.ask("GET", "/tasks/apply", job_id=job)
    task = board.hand_in(job)
    other = board.hand_in(board.post())

    assert said(board.judge(job, "confirmed", task, other)) == (
        404,
        {"error": "Job Task with this Id not found"},
    )
    assert said(board.judge(job, "confirmed", task, UNKNOWN)) == (
        404,
        {"error": f"ID {UNKNOWN} is neither a valid job task ID nor a planned task ID"},
    )
    assert said(board.judge(job, "confirmed", task, idle)) == (
        400,
        {"error": f"Planned task {idle} exists but has no associated job task (job_task_id is null)"},
    )
    assert said(board.judge(job, "confirmed", task, "x")) == (400, {"error": "Invalid ID x"})
    status, document = said(board.judge(job, "running", task))
    assert status == 400
    assert document["error"].startswith("Invalid status")
    assert [each["status"] for each in board.applicants(job)] == ["pending"]
    board.judge(job, "confirmed", task)
    assert said(board.judge(job, "declined", task)) == (
        400,
        {"error": f"Job task {task} is confirmed already"},
    )


def test_who_may_only_view_a_job_judges_nothing(board: JobBoard) -> None:
    job = board.post()
    task = board.hand_in(job)
    body = {"job_id": job, "JobTasks_Ids": [task], "status": "confirmed"}
    board.share(job, "view")
    assert board.ask("PUT", "/jobs/applicants", body, colleague=True).status_code == 404
    board.share(job, "edit")
    assert board.ask("PUT", "/jobs/applicants", body, colleague=True).status_code == 200


def test_proofs_are_searched_for_words_or_parts_of_them(board: JobBoard) -> None:
    word = f"w{uuid.uuid4().hex}"
    board.hand_in(board.post(), f"mail: {word}@example.com")

    def unique(search: str, **option: str) -> object:
        answer = board.ask("POST", "/jobs/check-uniquenes", {"search": search, **option})
        return answer.json().get("unique", answer.status_code)

    assert unique(word.upper()) is False
    assert unique(word[:-1]) is True
    assert unique(word[:-1], option="word") is True
    assert unique(word[:-1], option="charactor") is False
    assert unique("") == unique(word, option="letters") == 400
