"""What a run runs: a bundle of ours, or the project as the platform has saved it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.toolchain.bundle import Bundle
from xgodo_dev.toolchain.source_map import SourceMap


class Program(Protocol):
    """Something that is started and stopped on devices."""

    @property
    def entry(self) -> str:
        """The file it starts from."""

    @property
    def mark(self) -> str | None:
        """What its reports about its own end begin with; None: it makes none."""

    @property
    def launch(self) -> str:
        """What all runs have in common that are launched together, or again from the same bundle."""

    @property
    def source_map(self) -> SourceMap | None:
        """Maps what runs back to its sources; None: that is not known."""

    @property
    def code(self) -> str | None:
        """The script that is sent; None: the platform has it, or it was sent already."""

    @property
    def reports_its_end(self) -> bool:
        """Whether its runs say how they ended."""

    @property
    def shares_its_logs(self) -> bool:
        """Whether all its runs log under one id."""

    def automation_id(self, run_id: str) -> str:
        """By what the platform knows a run of it, and keeps its logs."""

    async def start(
        self,
        api: AutomationApi,
        device: Device,
        run_id: str,
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
    ) -> None:
        """Start it on a device.

        Raises:
            DeviceOffline: the platform could not reach the device.
        """

    async def stop(self, api: AutomationApi, device: Device, run_id: str) -> None:
        """Stop that run of it."""


@dataclass(frozen=True)
class Direct:
    """A script that is launched directly; the launch id, under which it logs, is the run's own id."""

    entry: str
    mark: str
    source_map: SourceMap
    code: str | None = None
    reports_its_end = True
    shares_its_logs = False

    @classmethod
    def of(cls, bundle: Bundle) -> Direct:
        """The program that a bundle is."""
        return cls(bundle.entry, bundle.mark, bundle.source_map, bundle.code)

    @property
    def launch(self) -> str:
        # Each bundle has a mark of its own.
        return self.mark

    def automation_id(self, run_id: str) -> str:
        return run_id

    async def start(
        self,
        api: AutomationApi,
        device: Device,
        run_id: str,
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
    ) -> None:
        assert self.code is not None, "a run of the past is not started again"
        await api.launch_direct(device, run_id, self.code, parameters, variables)

    async def stop(self, api: AutomationApi, device: Device, run_id: str) -> None:
        await api.stop_direct(device, run_id)


@dataclass(frozen=True)
class Saved:
    """The project as the platform has it saved. All its runs log under its id, and report no end."""

    entry: str
    project_id: str
    launch: str = field(default_factory=lambda: f"saved:{uuid.uuid4()}")
    mark: None = None
    source_map: None = None
    code: None = None
    reports_its_end = False
    shares_its_logs = True

    def automation_id(self, run_id: str) -> str:  # noqa: ARG002 - all have the same
        return self.project_id

    async def start(
        self,
        api: AutomationApi,
        device: Device,
        run_id: str,  # noqa: ARG002 - the platform knows nothing of it
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
    ) -> None:
        await api.launch_saved(device, self.project_id, parameters, variables)

    async def stop(self, api: AutomationApi, device: Device, run_id: str) -> None:  # noqa: ARG002
        await api.stop_saved(device, self.project_id)
