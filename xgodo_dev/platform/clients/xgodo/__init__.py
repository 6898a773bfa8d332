"""What Xgodo can do, section by section. Made from the spec by `make generate`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from xgodo_dev.platform.clients.calling import Calls

if TYPE_CHECKING:
    from xgodo_dev.platform.clients.xgodo.admin import Admin
    from xgodo_dev.platform.clients.xgodo.automation import Automation
    from xgodo_dev.platform.clients.xgodo.buckets import Buckets
    from xgodo_dev.platform.clients.xgodo.device_bucket import DeviceBucket
    from xgodo_dev.platform.clients.xgodo.devices import Devices
    from xgodo_dev.platform.clients.xgodo.files import Files
    from xgodo_dev.platform.clients.xgodo.jobs import Jobs
    from xgodo_dev.platform.clients.xgodo.payments import Payments
    from xgodo_dev.platform.clients.xgodo.planned_tasks import PlannedTasks
    from xgodo_dev.platform.clients.xgodo.platform_types import PlatformTypes
    from xgodo_dev.platform.clients.xgodo.projects import Projects
    from xgodo_dev.platform.clients.xgodo.proxies import Proxies
    from xgodo_dev.platform.clients.xgodo.tasks import Tasks
    from xgodo_dev.platform.clients.xgodo.templates import Templates
    from xgodo_dev.platform.clients.xgodo.user import User


class XgodoSections:
    """The sections of Xgodo, each as an attribute."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        """Every operation by its id, for who finds it at run time."""

    @cached_property
    def jobs(self) -> Jobs:
        """Post jobs, and judge what workers hand in."""
        from xgodo_dev.platform.clients.xgodo.jobs import Jobs

        return Jobs(self.calls)

    @cached_property
    def tasks(self) -> Tasks:
        """Apply for tasks of jobs, hand them in, and look at them."""
        from xgodo_dev.platform.clients.xgodo.tasks import Tasks

        return Tasks(self.calls)

    @cached_property
    def planned_tasks(self) -> PlannedTasks:
        """The inputs that wait for a device or worker, of one's own jobs."""
        from xgodo_dev.platform.clients.xgodo.planned_tasks import PlannedTasks

        return PlannedTasks(self.calls)

    @cached_property
    def payments(self) -> Payments:
        """Withdraw money, and list withdrawals."""
        from xgodo_dev.platform.clients.xgodo.payments import Payments

        return Payments(self.calls)

    @cached_property
    def user(self) -> User:
        """The account and its balance."""
        from xgodo_dev.platform.clients.xgodo.user import User

        return User(self.calls)

    @cached_property
    def devices(self) -> Devices:
        """Phones, the automations that run on them, and their logs."""
        from xgodo_dev.platform.clients.xgodo.devices import Devices

        return Devices(self.calls)

    @cached_property
    def proxies(self) -> Proxies:
        """SOCKS5 and HTTP proxies through one's own devices."""
        from xgodo_dev.platform.clients.xgodo.proxies import Proxies

        return Proxies(self.calls)

    @cached_property
    def admin(self) -> Admin:
        """What needs the platform's admin token."""
        from xgodo_dev.platform.clients.xgodo.admin import Admin

        return Admin(self.calls)

    @cached_property
    def buckets(self) -> Buckets:
        """The JSON object that a job's automation keeps on each device."""
        from xgodo_dev.platform.clients.xgodo.buckets import Buckets

        return Buckets(self.calls)

    @cached_property
    def device_bucket(self) -> DeviceBucket:
        """The JSON object that all automations on a device share."""
        from xgodo_dev.platform.clients.xgodo.device_bucket import DeviceBucket

        return DeviceBucket(self.calls)

    @cached_property
    def files(self) -> Files:
        """Files kept for 15 minutes."""
        from xgodo_dev.platform.clients.xgodo.files import Files

        return Files(self.calls)

    @cached_property
    def automation(self) -> Automation:
        """Files and commits of automation projects, by the documented API."""
        from xgodo_dev.platform.clients.xgodo.automation import Automation

        return Automation(self.calls)

    @cached_property
    def projects(self) -> Projects:
        """Automation projects, by the project API that the platform's own client uses."""
        from xgodo_dev.platform.clients.xgodo.projects import Projects

        return Projects(self.calls)

    @cached_property
    def templates(self) -> Templates:
        """Templates of automation projects."""
        from xgodo_dev.platform.clients.xgodo.templates import Templates

        return Templates(self.calls)

    @cached_property
    def platform_types(self) -> PlatformTypes:
        """The platform's type declarations."""
        from xgodo_dev.platform.clients.xgodo.platform_types import PlatformTypes

        return PlatformTypes(self.calls)
