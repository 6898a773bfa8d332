"""Which operation a method and a path mean, and which paths may have been meant by one that is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from urllib.parse import unquote

from xgodo_dev.platform.spec.reading import Operation, Spec

_ALIKE = 0.75
# Comparing takes time by the square of it, and no part of a path is longer.
_LONGEST = 100
_MOST = 3


def find(spec: Spec, method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation of a method and a path without its query, and what its parameters in the path are.

    Of two that fit, the one with fewer parameters in its path: ``/devices/count`` is no device. What a
    server takes for the same path is the same here, however it is spelled: nobody spends money unasked by
    writing a slash twice.
    """
    fitting = [
        (operation, values)
        for operation in spec.operations.values()
        if operation.method == method and (values := _values(operation.path, path)) is not None
    ]
    return min(fitting, key=lambda each: len(each[1]), default=None)


def meant(spec: Spec, method: str, path: str) -> list[str]:
    """Methods and paths that may have been meant, the likeliest first."""
    same_path = [each for each in spec.operations.values() if _values(each.path, path) is not None]
    if same_path:
        return [f"{each.method} {each.path}" for each in same_path][:_MOST]
    alike = [
        (likeness, each) for each in spec.operations.values() if (likeness := _likeness(each.path, path))
    ]
    # Sorting keeps their order where they are equally alike.
    alike.sort(key=lambda each: (-each[0], each[1].method != method))
    return [f"{each.method} {each.path}" for _, each in alike][:_MOST]


def _likeness(template: str, path: str) -> float:
    """How alike a path is to an operation's, from 0 to 1; 0 where one part of it means something else."""
    known, given = template.strip("/").split("/"), path.strip("/").split("/")
    if len(known) != len(given):
        return 0.0
    pairs = [(one, other) for one, other in zip(known, given, strict=True) if not one.startswith("{")]
    ratios = [difflib.SequenceMatcher(None, one, other[:_LONGEST]).ratio() for one, other in pairs]
    return sum(ratios) / len(ratios) if min(ratios) >= _ALIKE else 0.0


def _values(template: str, path: str) -> Mapping[str, str] | None:
    """What the parameters of an operation's path are in a given one; None where it is another path."""
    known, given = _parts(template), _parts(path)
    if len(known) != len(given):
        return None
    values = {}
    for one, other in zip(known, given, strict=True):
        if one.startswith("{"):
            values[one[1:-1]] = other
        elif one.lower() != other.lower():
            return None
    return values


def plain(path: str) -> str:
    """The path without empty parts and dots, as it is sent: httpx would read ``//name`` as an address."""
    parts: list[str] = []
    for part in path.split("/"):
        if unquote(part) == "..":
            del parts[-1:]
        elif unquote(part) not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _parts(path: str) -> list[str]:
    """A path's parts as a web framework reads them: the platform has all of them below ``/server``, too."""
    parts = [unquote(part) for part in plain(path).split("/")[1:]]
    return parts[1:] if parts[0].lower() == "server" else parts
