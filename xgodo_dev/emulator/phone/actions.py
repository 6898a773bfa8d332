"""What a program's ``agent.actions`` do to a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xgodo_dev.emulator.phone.screen import Phone, PhoneActionError

# What a node is found again by. Which fields a device does that by is not known.
_IDENTIFYING = ("className", "packageName", "viewId", "text", "description", "boundsInScreen")


def perform(phone: Phone, name: str, arguments: Sequence[object]) -> object:
    """Do the action `name` and return what its promise resolves to, as JSON values.

    :raises PhoneActionError: the action is unknown, its arguments make no sense, or the phone refuses.
    """
    action = _ACTIONS.get(name)
    if action is None:
        raise PhoneActionError(f"agent.actions.{name} is not simulated yet")
    return action(phone, arguments)


def _go_home(phone: Phone, _arguments: Sequence[object]) -> None:
    phone.go_home()


def _go_back(phone: Phone, _arguments: Sequence[object]) -> None:
    phone.go_back()


def _launch_app(phone: Phone, arguments: Sequence[object]) -> None:
    match list(arguments):
        case [str(package)]:
            phone.launch_app(package)
        case [str(package), bool() | None as clear_existing, *_]:
            phone.launch_app(package, bool(clear_existing))
        case _:
            raise PhoneActionError("launchApp needs a package name, and then true or false or nothing")


def _tap(phone: Phone, arguments: Sequence[object]) -> None:
    match list(arguments):
        # A bool is an int to Python; NaN and Infinity arrive as null.
        case [int() | float() as x, int() | float() as y, *_] if not (
            isinstance(x, bool) or isinstance(y, bool)
        ):
            phone.tap(x, y)
        case _:
            raise PhoneActionError("tap needs x and y as numbers")


def _write_text(phone: Phone, arguments: Sequence[object]) -> None:
    match list(arguments):
        case [str(text), *_]:
            phone.write_text(text)
        case _:
            raise PhoneActionError("writeText needs a text")


def _node_action(phone: Phone, arguments: Sequence[object]) -> dict[str, object]:
    match list(arguments):
        case [dict(node), int(action), *rest] if not isinstance(action, bool):
            given, ignored = (*rest, None, None)[:2]
            data = given if isinstance(given, dict) else {}
            left_out = ignored if isinstance(ignored, list) else []
            fields = {name: node[name] for name in _IDENTIFYING if name in node and name not in left_out}
            return {"actionPerformed": phone.node_action(fields, action, data)}
        case _:
            raise PhoneActionError("nodeAction needs a node and the number of an action")


def _screen_content(phone: Phone, _arguments: Sequence[object]) -> dict[str, object]:
    return phone.screen_content()


_ACTIONS: dict[str, Callable[[Phone, Sequence[object]], object]] = {
    "goHome": _go_home,
    "goBack": _go_back,
    "launchApp": _launch_app,
    "tap": _tap,
    "writeText": _write_text,
    "nodeAction": _node_action,
    "screenContent": _screen_content,
}
