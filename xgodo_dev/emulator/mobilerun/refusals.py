"""Every "no" of the emulated Mobilerun, with its status.

Its documentation prints one of them, ``device_slot limit reached`` (403), and the statuses of feedback.
Every other text and status is this emulator's choice.
"""

from __future__ import annotations

from xgodo_dev.emulator.refusals import Refusal


class Unusable(Refusal):
    """A parameter that its type allows and its meaning does not."""


class SlotLimitReached(Refusal):
    """The plan has no slot for another cloud device."""

    status = 403

    def __init__(self) -> None:
        super().__init__("device_slot limit reached")


class DeviceIsPersonal(Refusal):
    """One's own phone disconnects when its Portal app is closed; nobody terminates it."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Personal devices cannot be terminated via the API")


class Missing(Refusal):
    """There is no such device, task, webhook or picture."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")


class NotReadyInTime(Refusal):
    """The device did not become ready while the request was held."""

    status = 408

    def __init__(self) -> None:
        super().__init__("Timed out waiting for the device to become ready")


class Conflict(Refusal):
    """The device or the task is in no state for this."""

    status = 409


class TooMuchFeedback(Refusal):
    """The cap of a day is reached."""

    status = 429

    def __init__(self, most: int) -> None:
        super().__init__(f"Rate limit exceeded: {most} feedback submissions a day")
