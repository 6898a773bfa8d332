"""How long to pause before a request is sent again, and when to give up. Pure: no clock, no sleep."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from math import isfinite

# Seconds that a server gets which asks to slow down without saying for how long.
_UNSAID = 1.0
# More than anybody waits for; what a header may hold beyond that makes no difference, and no message.
_LONGEST_TOLD = 86_400.0


def pauses(
    steps: Sequence[float], budget: float, random: Callable[[], float]
) -> Generator[float | None, float, None]:
    """A generator that, after ``next()``, is sent what the server asks for and gives the pause, or None.

    It is sent the seconds that the server wants to be left alone (0: it did not say) after each
    failure, and answers how long to pause before the next attempt. None means to give up: no step
    is left, or the server wants longer than the budget has left, so that asking sooner would only
    be refused again. The pauses given never add up to more than ``budget``.

    A pause of our own lies between the half and the whole of its step, so that many requests that
    failed together don't come back together; it is added to the server's for the same reason.
    Steps bound the attempts where the server says nothing; one that names its pause knows when to
    be asked again, and is asked for as long as the budget lasts.

    Args:
        steps: seconds of our own pauses, in turn; none at all means that nothing is tried again.
        budget: seconds.
        random: gives numbers from 0 up to 1.
    """
    left, taken = budget, 0
    asked = yield None
    while True:
        pause = None
        if steps and asked <= left and (asked > 0 or taken < len(steps)):
            step = steps[min(taken, len(steps) - 1)]
            pause = min(asked + step * (1 + random()) / 2, left)
            left, taken = left - pause, taken + 1
        asked = yield pause


def asked_pause(retry_after: str | None, date: str | None, now: float) -> float:
    """Seconds that a ``Retry-After`` header asks for; a second where it is missing or says nothing.

    Args:
        retry_after: the header: seconds, or an HTTP date.
        date: the answer's own ``Date``: a moment by the server's clock is measured by that clock.
        now: this machine's clock in Unix seconds, for an answer without a ``Date``.
    """
    if retry_after is None:
        return _UNSAID
    try:
        seconds = float(retry_after)
    except ValueError:
        moment = _unix_seconds(retry_after)
        if moment is None:
            return _UNSAID
        sent = _unix_seconds(date) if date else None
        seconds = moment - (now if sent is None else sent)
    return min(max(seconds, 0.0), _LONGEST_TOLD) if isfinite(seconds) else _UNSAID


def _unix_seconds(http_date: str) -> float | None:
    # Only a server that is asked too much needs them: not worth every command's start.
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(http_date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
