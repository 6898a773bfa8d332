"""Jobs of a served emulator, and what its two accounts do with them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import httpx
from served_emulator import ServedEmulator, wait_for

UNKNOWN = "60c72b2f9b1e8c001c8e4d8a"
"""An id that nothing has."""

_numbers = itertools.count(1)

_JOB = {
    "category": "Engineering",
    "description": "We are looking for somebody.",
    "proof": "An address.",
    "duration": 60,
    "positions": 3,
    "job_price": 0.06,
}


class JobBoard:
    """What an emulator's own account asks, and its colleague with ``colleague=True``."""

    def __init__(self, emulator: ServedEmulator) -> None:
        self.emulator = emulator

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        colleague: bool = False,
        token: str | None = None,
        **query: Any,
    ) -> httpx.Response:
        """One request below ``/api/v2``."""
        token = self.emulator.record.colleague_token if colleague else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.emulator.client.request(
            method, f"/api/v2{path}", json=body, params=query, headers=headers
        )

    def post(self, *, colleague: bool = False, **fields: Any) -> str:
        """The id of a new job for people."""
        body = {**_JOB, "title": f"Job {next(_numbers)}", **fields}
        response = self.ask("POST", "/jobs/submit", body, colleague=colleague)
        assert response.status_code == 201, response.text
        return str(response.json()["job_id"])

    def automate(self, project: str, *, colleague: bool = False, **fields: Any) -> str:
        """The id of a new job for phones, whose project has a file at least."""
        self.emulator.write(project, "notes.txt", "of no interest to phones")
        token = self.emulator.record.colleague_token if colleague else self.emulator.record.token
        response = self.emulator.client.post(
            "/_emulator/jobs",
            json={"automation_id": project, "title": f"Job {next(_numbers)}", **fields},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 201, response.text
        return str(response.json()["job_id"])

    def share(self, job: str, right: str) -> None:
        """Shares a job of the account with its colleague."""
        response = self.emulator.client.post(f"/_emulator/jobs/{job}/share", json={"share": right})
        assert response.status_code == 200, response.text

    def details(self, job: str) -> dict[str, Any]:
        """A job."""
        return dict(self.ask("GET", "/jobs/details", job_id=job).json())

    def plan(self, job: str, *inputs: object, **fields: Any) -> list[str]:
        """The ids of new planned tasks, one for each input."""
        texts = [text if isinstance(text, str) else json.dumps(text) for text in inputs]
        response = self.ask("POST", "/planned_tasks/submit", {"job_id": job, "inputs": texts, **fields})
        assert response.status_code == 200, response.text
        return [each["planned_task_id"] for each in response.json()["inserted_ids"]]

    def waiting(self, job: str, **query: Any) -> list[str]:
        """The ids of a job's planned tasks that nobody works on, the oldest first."""
        response = self.ask("GET", "/planned_tasks", job_id=job, sortOrder="asc", limit=100, **query)
        assert response.status_code == 200, response.text
        return [each["planned_task_id"] for each in response.json()["data"]["plannedTasks"]]

    def applicants(self, job: str, **fields: Any) -> list[dict[str, Any]]:
        """The tasks of a job."""
        response = self.ask("POST", "/jobs/applicants", {"job_id": job, **fields})
        assert response.status_code == 200, response.text
        return list(response.json()["job_tasks"])

    def hand_in(self, job: str, proof: str = "done", **fields: Any) -> str:
        """The id of a task that the colleague hands in, with what he gets from applying for it."""
        variables = self.ask("GET", "/tasks/apply", colleague=True, job_id=job).json()
        body = {"job_id": job, "job_proof": proof, **fields}
        if variables:
            body["custom_vars"] = variables
        response = self.ask("POST", "/tasks/submit", body, colleague=True)
        assert response.status_code == 201, response.text
        return str(response.json()["job_task_id"])

    def judge(self, job: str, status: str, *tasks: str, **fields: Any) -> httpx.Response:
        """What is answered where tasks are judged."""
        body = {"job_id": job, "JobTasks_Ids": tasks, "status": status, **fields}
        return self.ask("PUT", "/jobs/applicants", body)

    def decline(self, job: str, *tasks: str) -> None:
        """Declines tasks."""
        assert self.judge(job, "declined", *tasks).status_code == 200

    def until(self, job: str, *statuses: str) -> list[dict[str, Any]]:
        """The tasks of a job, the oldest first, as soon as they have these statuses."""
        return wait_for(
            lambda: self.applicants(job, order="asc"),
            lambda tasks: tuple(task["status"] for task in tasks) == statuses,
        )


def said(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    """The status and document of an answer."""
    return response.status_code, response.json()
