"""Tasks of Mobilerun that are followed to their end, through streams that break."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import chain, repeat

from xgodo_dev.errors import ApiError, UnreachableError
from xgodo_dev.platform.clients.events import Events
from xgodo_dev.platform.clients.mobilerun.tasks import Tasks, TasksStatusResult, TrajectoryEvent

FINAL = frozenset({"completed", "failed", "cancelled"})
"""The states in which nothing happens any more."""
# Behind these nothing comes; behind an ExceptionEvent nobody documents what does.
_LAST = frozenset({"ResultEvent", "CancelEvent"})
# Seconds before a stream that ended too early is attached to again; the last again and again.
_PAUSES = (0.2, 1.0, 5.0, 15.0)


class FollowableTasks(Tasks):
    """Goals in plain words that an agent reaches on a phone."""

    def follow(self, task: str | Events[TrajectoryEvent]) -> FollowedTask:
        """What happens in a task until it has ended, each event once, whatever happens to the connection.

        Args:
            task: A task's id, or what `stream` returned::

                run = client.tasks.follow(client.tasks.stream(task="Open Chrome", llm_model=model))
                async for event in run:
                    print(event["event"])
                print(run.final["status"])
        """
        return FollowedTask(self, task)


class FollowedTask:
    """The events of one task. Iterate over it once; close it where you stop before its end.

    Where a stream breaks off or ends too early, the task's status is asked for, and while it is not final,
    the stream is attached to again, as long as that may take. UnreachableError ends that: the server can't
    be reached any more, or the first stream broke off before it told which task it is about.
    """

    def __init__(
        self, tasks: Tasks, task: str | Events[TrajectoryEvent], *, pauses: tuple[float, ...] = _PAUSES
    ) -> None:
        self.id: str | None = task if isinstance(task, str) else None
        """The task's id; None until the stream has told it."""
        self.final: TasksStatusResult | None = None
        """How the task ended; None until all of its events were told."""
        self._tasks = tasks
        self._stream: Events[TrajectoryEvent] | None = None if isinstance(task, str) else task
        self._pauses = pauses
        self._seen = _Seen()
        self._events = self._followed()

    def __aiter__(self) -> AsyncGenerator[TrajectoryEvent, None]:
        return self._events

    async def aclose(self) -> None:
        """Let go of the connection; the task goes on."""
        await self._events.aclose()
        if self._stream is not None:
            await self._stream.aclose()

    async def _followed(self) -> AsyncGenerator[TrajectoryEvent, None]:
        pauses = chain(self._pauses, repeat(self._pauses[-1]))
        newest = ""
        while True:
            is_new = self._seen.beginning()
            broken: UnreachableError | ApiError | None = None
            stream = self._stream or self._attached()
            self._stream = None
            async with aclosing(stream):
                try:
                    async for event in stream:
                        self._note(event)
                        if is_new(event, stream.last_id):
                            pauses = chain(self._pauses, repeat(self._pauses[-1]))
                            newest = event["event"]
                            yield event
                except (UnreachableError, ApiError) as error:
                    broken = error
            if self.id is None:
                raise broken or UnreachableError("The stream ended before it told which task it is about.")
            status = await self._tasks.status(task_id=self.id)
            if status["status"] in FINAL:
                # A stream that a gateway cut off may look like one that came to its end.
                if newest not in _LAST:
                    history = await self._tasks.trajectory(task_id=self.id)
                    for event in self._seen.missing(history["trajectory"]):
                        yield event
                self.final = status
                return
            if isinstance(broken, ApiError):
                raise broken
            await asyncio.sleep(next(pauses))

    def _attached(self) -> Events[TrajectoryEvent]:
        assert self.id
        return self._tasks.attach(task_id=self.id)

    def _note(self, event: TrajectoryEvent) -> None:
        told = event["data"].get("id")
        if self.id is None and event["event"] == "CreatedEvent" and isinstance(told, str):
            self.id = told


class _Seen:
    """Which events were told already, over the streams of one task.

    Whether a stream begins with what has happened before is documented nowhere. One with ids is told by
    them; one without either repeats all from the first event on, or nothing.
    """

    def __init__(self) -> None:
        self._with_ids: set[tuple[str, str, int]] = set()
        self._without: list[str] = []
        self._contents: Counter[str] = Counter()

    def beginning(self) -> Callable[[TrajectoryEvent, str], bool]:
        """Tells of each event of a further stream, given with its id, whether it is new."""
        in_this_stream: Counter[tuple[str, str]] = Counter()
        repeated = iter(list(self._without))

        def is_new(event: TrajectoryEvent, event_id: str) -> bool:
            nonlocal repeated
            content = json.dumps(event, sort_keys=True)
            if event_id:
                # With the content: an id stays in force for events without one, and a server may count anew.
                number = in_this_stream[event_id, content]
                in_this_stream[event_id, content] += 1
                if (event_id, content, number) in self._with_ids:
                    return False
                self._with_ids.add((event_id, content, number))
            else:
                if next(repeated, None) == content:
                    return False
                repeated = iter(())
                self._without.append(content)
            self._contents[content] += 1
            return True

        return is_new

    def missing(self, trajectory: list[TrajectoryEvent]) -> list[TrajectoryEvent]:
        """What a whole history has that no stream told."""
        told = Counter(self._contents)
        missing = []
        for happened in trajectory:
            # As streams tell it: one without particulars has empty ones.
            event: TrajectoryEvent = {"data": {}, **happened}
            content = json.dumps(event, sort_keys=True)
            if told[content]:
                told[content] -= 1
            else:
                missing.append(event)
        return missing
