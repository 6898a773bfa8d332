"""The platforms whose endpoints are commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from xgodo_dev.platform.spec.reading import Spec


@dataclass(frozen=True)
class Platform:
    """One platform: its spec, and the words that its commands begin with."""

    name: Literal["xgodo", "mobilerun"]
    words: tuple[str, ...]

    @property
    def spec(self) -> Spec:
        """Its spec, which is read when it is first asked for."""
        from xgodo_dev.platform.spec import reading

        return reading.xgodo() if self.name == "xgodo" else reading.mobilerun()


XGODO = Platform("xgodo", ())
MOBILERUN = Platform("mobilerun", ("mobilerun",))
