"""In which state a device is. Pure: it follows from what is known of the device and from the time.

So nothing has to happen for a device to become ready or to be terminated at the time it was told to, and
a restart of the emulator changes nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from xgodo_dev.emulator.timestamps import written

State = Literal["creating", "assigned", "ready", "disconnected", "terminated"]

PERSONAL: Final = "personal"
"""The provider of one's own phones."""

CREATING_SECONDS: Final = 0.2
PROVISIONING_SECONDS: Final = 0.45
"""From the request until the device is ready."""

_MESSAGES: dict[State, str] = {
    "creating": "device is being created",
    "assigned": "device is starting",
    "ready": "device ready",
    "disconnected": "Portal app is not connected",
    "terminated": "device terminated",
}


@dataclass(frozen=True)
class Device:
    """A phone. Moments are Unix seconds."""

    id: str
    name: str
    provider: str
    device_type: str
    country: str
    apps: tuple[str, ...]
    files: tuple[str, ...]
    stream_token: str
    created_at: float
    connected: bool
    """Whether the Portal app runs on it, if it is personal."""
    terminates_at: float | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it is one's own phone, which nobody can terminate."""
        return self.provider == PERSONAL

    @property
    def stream_url(self) -> str:
        """Where its screen would be streamed; nothing answers there."""
        return f"wss://stream.mobilerun.invalid/devices/{self.id}"

    def state(self, now: float) -> State:
        """The state at that time."""
        if self.terminates_at is not None and self.terminates_at <= now:
            return "terminated"
        if self.is_personal:
            return "ready" if self.connected else "disconnected"
        if now < self.created_at + CREATING_SECONDS:
            return "creating"
        return "assigned" if now < self.created_at + PROVISIONING_SECONDS else "ready"

    def assigned_at(self, now: float) -> float | None:
        """Since when it belongs to the account, if it does."""
        moment = self.created_at if self.is_personal else self.created_at + CREATING_SECONDS
        ended = self.terminates_at is not None and self.terminates_at < moment
        return moment if moment <= now and not ended else None

    def updated_at(self, now: float) -> float:
        """When it changed its state last."""
        return max((moment for moment in self._changes() if moment <= now), default=self.created_at)

    def seconds_to_change(self, now: float) -> float | None:
        """How long until it changes its state by itself; None if it never does."""
        moment = min((moment for moment in self._changes() if moment > now), default=None)
        return None if moment is None else moment - now

    def document(
        self, now: float, *, user_id: str, task_count: int, active_task_id: str
    ) -> dict[str, object]:
        """The device as the API shows it."""
        state, assigned_at = self.state(now), self.assigned_at(now)
        return {
            "id": self.id,
            "name": self.name,
            "state": state,
            "stateMessage": _MESSAGES[state],
            "streamUrl": self.stream_url,
            "streamToken": self.stream_token,
            "deviceType": self.device_type,
            "type": self.device_type,
            "platform": "android",
            "provider": self.provider,
            "apps": list(self.apps),
            "files": list(self.files),
            "country": self.country,
            "createdAt": written(self.created_at),
            "updatedAt": written(self.updated_at(now)),
            "assignedAt": assigned_at and written(assigned_at),
            "terminatesAt": self.terminates_at and written(self.terminates_at),
            "taskCount": task_count,
            "activeTaskId": active_task_id,
            "userId": user_id,
        }

    def _changes(self) -> list[float]:
        steps = () if self.is_personal else (CREATING_SECONDS, PROVISIONING_SECONDS)
        changes = [self.created_at + step for step in steps]
        if self.terminates_at is None:
            return changes
        return [*(moment for moment in changes if moment < self.terminates_at), self.terminates_at]
