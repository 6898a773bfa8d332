"""Jobs are posted, and shown with what is known of them elsewhere."""

from __future__ import annotations

from xgodo_dev.emulator import balances
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.refusals import JobFieldsRefused


def post(database: Database, job: Job) -> None:
    """Keep a new job and take what it costs. Raises JobFieldsRefused and InsufficientBalance."""
    errors = _errors(job)
    if errors:
        raise JobFieldsRefused(errors)
    with database.transaction():
        balances.charge(database, job.account_id, job.job_price, times=job.positions)
        jobs.insert(database, job)


def shown(emulator: Emulator, job: Job) -> dict[str, object]:
    """A job with its counts, its owner, and the schemas of its automation."""
    schemas = emulator.dispatcher.schemas(job)
    owner = emulator.accounts.account(job.account_id).name
    return jobs.document(job, jobs.counts(emulator.database, job.id), schemas, owner)


def _errors(job: Job) -> list[str]:
    texts = {
        "title": job.title,
        "category": job.category,
        "description": job.description,
        "proof": job.proof,
    }
    counted = {"positions": job.positions, "duration": job.duration}
    amounts = {"job_price": job.job_price, "daily_limit": job.daily_limit}
    return [
        *(f"{name} must not be empty" for name, text in texts.items() if not text.strip()),
        *(f"{name} must be at least 1" for name, count in counted.items() if count < 1),
        *(f"{name} must not be negative" for name, amount in amounts.items() if amount < 0),
    ]
