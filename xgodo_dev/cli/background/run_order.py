"""What `run` hands over to the daemon, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from xgodo_dev.errors import UsageError
from xgodo_dev.loop.control import described
from xgodo_dev.loop.control_client import error_of
from xgodo_dev.runs.events import RunStatus
from xgodo_dev.runs.fleet_launch import Becoming


@dataclass(frozen=True)
class RunOrder:
    """A run, as somebody's command line has it: what its own environment and folder say is in it."""

    entry: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    devices: Sequence[str] = ()
    environment_devices: Sequence[str] = ()
    follow: bool = True
    timeout: float | None = None
    exclusive: bool = False
    may_ask: bool = False
    """Whether somebody is there who could choose a device."""

    def to_json(self) -> dict[str, Any]:
        """As it is sent."""
        return asdict(self)

    @classmethod
    def of(cls, document: object) -> RunOrder:
        """The order that was sent.

        Raises:
            UsageError: it is none.
        """
        try:
            order = cls(**document) if isinstance(document, dict) else None
        except TypeError:
            order = None
        if order is None or not order._is_sound():
            raise UsageError("This is no run that the daemon understands.")
        return order

    def _is_sound(self) -> bool:
        texts = [self.devices, self.environment_devices]
        return (
            isinstance(self.entry, str | None)
            and isinstance(self.parameters, dict)
            and isinstance(self.variables, dict)
            and all(isinstance(some, list) and all(isinstance(each, str) for each in some) for some in texts)
            and isinstance(self.timeout, int | float | None)
            and all(type(each) is bool for each in (self.follow, self.exclusive, self.may_ask))
        )


def told(launched: Sequence[Becoming]) -> list[dict[str, Any]]:
    """What became of a launch, as it is sent."""
    return [
        {
            "device": each.device,
            "status": each.status,
            "error": described(each.error) if each.error else None,
            "may_go_on": each.may_go_on,
        }
        for each in launched
    ]


def becoming_of(document: object) -> list[Becoming]:
    """What became of a launch, of what was sent; nothing, where that can't be understood."""
    launched = document if isinstance(document, list) else []
    return [
        Becoming(
            str(each.get("device")),
            each.get("status") if each.get("status") in get_args(RunStatus) else None,
            error_of(each["error"]) if each.get("error") else None,
            each.get("may_go_on") is True,
        )
        for each in launched
        if isinstance(each, dict)
    ]
