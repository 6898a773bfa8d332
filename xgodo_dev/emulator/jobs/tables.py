"""Where jobs and tasks are kept."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    job_type TEXT NOT NULL,
    automation_id TEXT,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    description TEXT NOT NULL,
    proof TEXT NOT NULL,
    target_workers TEXT NOT NULL,
    needs_file INTEGER NOT NULL,
    few_times INTEGER NOT NULL,
    premium INTEGER NOT NULL,
    featured INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    positions INTEGER NOT NULL,
    daily_limit INTEGER NOT NULL,
    job_price REAL NOT NULL,
    status TEXT NOT NULL,
    added REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_of_account ON jobs (account_id);
CREATE TABLE IF NOT EXISTS job_shares (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    account_id TEXT NOT NULL,
    may_edit INTEGER NOT NULL,
    PRIMARY KEY (job_id, account_id)
);
CREATE TABLE IF NOT EXISTS job_tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    worker_id TEXT NOT NULL,
    worker_name TEXT NOT NULL,
    country TEXT NOT NULL,
    device_id TEXT,
    device_name TEXT,
    planned_task_id TEXT,
    input TEXT,
    status TEXT NOT NULL,
    proof TEXT NOT NULL,
    files TEXT NOT NULL DEFAULT '[]',
    comment TEXT NOT NULL DEFAULT '',
    failure_reason TEXT,
    added REAL NOT NULL,
    updated REAL NOT NULL,
    finished REAL
);
CREATE INDEX IF NOT EXISTS tasks_of_job ON job_tasks (job_id, status);
CREATE INDEX IF NOT EXISTS tasks_of_worker ON job_tasks (worker_id);
CREATE INDEX IF NOT EXISTS tasks_of_device ON job_tasks (device_id, status);
CREATE TABLE IF NOT EXISTS planned_tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    input TEXT NOT NULL,
    device_id TEXT,
    applied_by TEXT,
    job_task_id TEXT UNIQUE,
    added REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS planned_of_job ON planned_tasks (job_id, job_task_id);
CREATE TABLE IF NOT EXISTS task_files (
    id TEXT PRIMARY KEY,
    job_task_id TEXT NOT NULL REFERENCES job_tasks (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content BLOB NOT NULL
);
"""
