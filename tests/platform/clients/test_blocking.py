"""The same clients for code that is not asynchronous."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.scripted_server import IMPATIENT, ScriptedServer, json_answer, scripted_server
from xgodo_dev.errors import NotFound
from xgodo_dev.platform.clients import Blocking, Xgodo


@pytest.fixture
def served() -> Iterator[ScriptedServer]:
    """A scripted server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    context = scripted_server()
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


def test_calls_and_pages_are_waited_for_and_errors_are_raised(served: ScriptedServer) -> None:
    buckets = [{"_id": str(number)} for number in range(3)]
    served.answers = [
        json_answer({"balance": 1.5, "active_balance": 1, "pending_earnings": 0}),
        json_answer({"buckets": buckets[:2], "total": 3}),
        json_answer({"buckets": buckets[2:], "total": 3}),
        json_answer({"error": "Job not found"}, 404),
    ]
    with Blocking(Xgodo(served.server, patience=IMPATIENT)) as blocking:
        xgodo = blocking.client
        assert blocking.run(xgodo.user.balance())["balance"] == 1.5
        assert list(blocking.each(xgodo.buckets.iter_list(job_id="j", limit=2))) == buckets
        with pytest.raises(NotFound):
            blocking.run(xgodo.buckets.read(job_id="j", device_id="d"))


def test_who_stops_before_the_end_asks_for_no_more(served: ScriptedServer) -> None:
    closed = []

    async def items() -> AsyncIterator[int]:
        try:
            for number in range(3):
                yield number
        finally:
            closed.append(number)

    with Blocking(Xgodo(served.server, patience=IMPATIENT)) as blocking:
        for number in blocking.each(items()):
            assert (number, closed) == (0, [])
            break
        assert closed == [0]


INTERRUPTED = """
import asyncio, signal
from contextlib import nullcontext
from xgodo_dev.platform.clients import Blocking

async def waiting(what):
    try:
        print(f"{what} begins", flush=True)
        await asyncio.Event().wait()
    finally:
        # Cleaning up takes a moment.
        await asyncio.sleep(0)
        print(f"{what} is cancelled", flush=True)

async def items():
    yield 1
    await waiting("item")

# A shell may have told background processes to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Blocking(nullcontext()) as blocking:
    for ask in (lambda: blocking.run(waiting("call")), lambda: list(blocking.each(items()))):
        try:
            ask()
        except KeyboardInterrupt:
            blocking.run(asyncio.sleep(0))
            print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_cancels_what_is_waited_for_and_is_raised_as_itself() -> None:
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True) as child:
        deadline = threading.Timer(60, child.kill)
        deadline.start()
        try:
            assert child.stdout
            for what in ("call", "item"):
                assert child.stdout.readline() == f"{what} begins\n"
                child.send_signal(signal.SIGINT)
                assert [child.stdout.readline() for _ in range(2)] == [
                    f"{what} is cancelled\n",
                    "interrupted\n",
                ]
            assert child.wait() == 0
        finally:
            deadline.cancel()
            child.kill()


def test_it_is_used_as_a_context_manager() -> None:
    async def nothing() -> None:
        return None

    waiting = nothing()
    with pytest.raises(RuntimeError):
        Blocking(waiting).run(waiting)  # type: ignore[type-var]
    waiting.close()
