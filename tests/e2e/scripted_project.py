"""A remote project on a server of the test's own making, which runs beside the commands that use it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.scripted_server import RESET, Answer, Request, scripted_server
from tests.sync.remote_project import RemoteProject


class Failing(RemoteProject):
    """A remote project that takes some writes and then answers like this."""

    writes_taken = 1000
    afterwards: Answer = RESET

    def _act(self, request: Request) -> Answer:
        if request.method != "GET":
            if self.writes_taken <= 0:
                return self.afterwards
            self.writes_taken -= 1
        return super()._act(request)


@contextmanager
def failing_project() -> Iterator[Failing]:
    """It runs beside the test, which waits for commands."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = scripted_server()
    server = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(60)
    yield Failing(server)
    asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)
    loop.close()
