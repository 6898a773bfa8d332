"""The whole emulated platform, as its services see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from xgodo_dev.emulator.accounts import Accounts
from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.devices import DeviceFleet
from xgodo_dev.emulator.identity import Identity
from xgodo_dev.emulator.jobs.dispatch import Dispatcher
from xgodo_dev.emulator.mobilerun.account import MobilerunAccount
from xgodo_dev.emulator.project_settings import ProjectSettings
from xgodo_dev.emulator.projects import Projects
from xgodo_dev.emulator.uploads import Uploads


@dataclass(frozen=True)
class Emulator:
    """State that requests act on. Setting ``stopping`` ends the server that serves it."""

    identity: Identity
    projects: Projects
    settings: ProjectSettings
    fleet: DeviceFleet
    database: Database
    accounts: Accounts
    clock: Clock
    background: Background
    mobilerun: MobilerunAccount
    uploads: Uploads
    dispatcher: Dispatcher
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
