"""Everything that the account has at Mobilerun."""

from __future__ import annotations

from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.identity import Identity
from xgodo_dev.emulator.mobilerun.delivery import Deliveries
from xgodo_dev.emulator.mobilerun.device_store import DeviceStore
from xgodo_dev.emulator.mobilerun.feedback_store import FeedbackStore
from xgodo_dev.emulator.mobilerun.hook_store import HookStore
from xgodo_dev.emulator.mobilerun.task_runner import TaskRunner
from xgodo_dev.emulator.mobilerun.task_store import Task, TaskStore


class MobilerunAccount:
    """Devices, tasks, webhooks and feedback, and what is under way between them."""

    def __init__(
        self, identity: Identity, user_id: str, database: Database, clock: Clock, background: Background
    ) -> None:
        self.user_id = user_id
        self.devices = DeviceStore(database, identity.instance, clock)
        self.tasks = TaskStore(database, clock)
        self.hooks = HookStore(database, clock)
        self.feedback = FeedbackStore(database, clock)
        self.deliveries = Deliveries(database, clock, background, self.hooks)
        self.runner = TaskRunner(self.tasks, self.devices, clock, background, self._tell)

    def carry_on(self) -> None:
        """Goes on with what a stop of the emulator interrupted."""
        self.deliveries.carry_on()
        self.runner.carry_on()

    def _tell(self, task: Task) -> None:
        for hook in self.hooks.active_for(task.status):
            self.deliveries.send(hook, task.status, task.document(self.user_id))
