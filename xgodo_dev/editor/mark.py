"""The marks by which what setup wrote is told from what somebody made of it since, in whoever's checkout."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_MARK = re.compile(r"xgodo-dev editor setup ([0-9a-f]{12})\b")
_SAYS = "once it is changed by hand, it stays so"


def mark(value: Any) -> str:
    """The words to stand beside ``value``, of JSON or text, in a comment."""
    return f"xgodo-dev editor setup {_fingerprint(value)}: {_SAYS}"


def is_mark(comment: str) -> bool:
    """Whether a comment is such a mark, of whatever value."""
    return bool(_MARK.match(comment))


def is_untouched(value: Any, comment: str | None) -> bool:
    """Whether ``value`` is still what setup wrote with this comment."""
    found = _MARK.match(comment or "")
    return bool(found) and found is not None and found[1] == _fingerprint(value)


def _fingerprint(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
