"""The error for a daemon that does something else than what is asked for."""

from __future__ import annotations

from xgodo_dev.errors import UsageError


class OtherDaemon(UsageError):
    """The daemon does something else than what is asked for."""

    code = "other-daemon"
    default_hint = "`xgodo-dev daemon restart`, with the options wanted, lets it do something else."
