"""What Mobilerun can do, section by section. Made from the spec by `make generate`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from xgodo_dev.platform.clients.calling import Calls

if TYPE_CHECKING:
    from xgodo_dev.platform.clients.mobilerun.apps import Apps
    from xgodo_dev.platform.clients.mobilerun.devices import Devices
    from xgodo_dev.platform.clients.mobilerun.feedback import Feedback
    from xgodo_dev.platform.clients.mobilerun.hooks import Hooks
    from xgodo_dev.platform.clients.mobilerun.models import Models
    from xgodo_dev.platform.clients.mobilerun.tasks import Tasks


class MobilerunSections:
    """The sections of Mobilerun, each as an attribute."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        """Every operation by its id, for who finds it at run time."""

    @cached_property
    def devices(self) -> Devices:
        """Cloud phones and one's own phones."""
        from xgodo_dev.platform.clients.mobilerun.devices import Devices

        return Devices(self.calls)

    @cached_property
    def tasks(self) -> Tasks:
        """Goals in plain words that an agent reaches on a phone."""
        from xgodo_dev.platform.clients.mobilerun.tasks import Tasks

        return Tasks(self.calls)

    @cached_property
    def models(self) -> Models:
        """The language models that tasks can use."""
        from xgodo_dev.platform.clients.mobilerun.models import Models

        return Models(self.calls)

    @cached_property
    def apps(self) -> Apps:
        """Apps that can be installed on cloud phones."""
        from xgodo_dev.platform.clients.mobilerun.apps import Apps

        return Apps(self.calls)

    @cached_property
    def feedback(self) -> Feedback:
        """What Mobilerun should hear."""
        from xgodo_dev.platform.clients.mobilerun.feedback import Feedback

        return Feedback(self.calls)

    @cached_property
    def hooks(self) -> Hooks:
        """Webhooks that are told when tasks change their state."""
        from xgodo_dev.platform.clients.mobilerun.hooks import Hooks

        return Hooks(self.calls)
