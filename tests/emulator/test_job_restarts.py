"""Jobs outlive the emulator; what was running when it ended has failed."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path

from job_board import JobBoard
from served_emulator import serve_in_thread, wait_for


def test_a_task_whose_run_the_emulators_end_cut_off_has_failed(tmp_path: Path) -> None:
    project = str(uuid.uuid4())
    with serve_in_thread(tmp_path) as served:
        board = JobBoard(served)
        served.write(project, "main.js", "setInterval(() => {}, 1000);")
        job = board.automate(project)
        board.plan(job, "{}", run_immediately=True)
        (task,) = wait_for(lambda: board.applicants(job), lambda tasks: tasks[0]["status"] == "running")

    with sqlite3.connect(tmp_path / "platform.db") as database:
        rows = database.execute("SELECT status, failure_reason FROM job_tasks").fetchall()
        assert rows == [("failed", "The automation ended without a result.")]
        assert database.execute("SELECT * FROM agent_tokens").fetchall() == []
        # As a kill leaves it.
        database.execute("UPDATE job_tasks SET status = 'running', failure_reason = NULL")
        database.execute("INSERT INTO agent_tokens VALUES ('left', 'a', 'd', ?)", [task["_id"]])
    database.close()

    with serve_in_thread(tmp_path) as served:
        board = JobBoard(served)
        (task,) = board.applicants(job)
        assert (task["status"], task["failureReason"]) == ("failed", "The emulator was stopped.")
        assert board.ask("GET", "/user/balance", token="left").status_code == 401
