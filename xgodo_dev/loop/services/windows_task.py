"""Services of Windows: a scheduled task of the user's, begun at login."""

from __future__ import annotations

import subprocess
from xml.etree import ElementTree

from xgodo_dev.loop.services.service import Service, in_one_line

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# The scheduler counts in minutes here, and no higher than this.
_RESTART_INTERVAL, _RESTARTS = "PT1M", "999"


def task(service: Service, user: str) -> bytes:
    """The task's XML, as `schtasks /Create /XML` reads it: in UTF-16.

    Which exit codes end it for good can't be said there: it is begun anew after any failure, each minute.
    The environment is the user's own.

    Args:
        service: what it begins.
        user: whose task it is, as ``DOMAIN\\name``.
    """
    root = ElementTree.Element("Task", version="1.2", xmlns=NAMESPACE)
    _add(root, "RegistrationInfo", Description=in_one_line(service.description))
    trigger = _add(_add(root, "Triggers"), "LogonTrigger", Enabled="true")
    _add(trigger, "UserId").text = user
    principals = _add(root, "Principals")
    principal = _add(principals, "Principal", UserId=user, LogonType="InteractiveToken")
    principal.set("id", "Author")
    _add(principal, "RunLevel").text = "LeastPrivilege"
    settings = _add(
        root,
        "Settings",
        MultipleInstancesPolicy="IgnoreNew",
        DisallowStartIfOnBatteries="false",
        StopIfGoingOnBatteries="false",
        StartWhenAvailable="true",
        # Without an end.
        ExecutionTimeLimit="PT0S",
    )
    _add(settings, "RestartOnFailure", Interval=_RESTART_INTERVAL, Count=_RESTARTS)
    actions = _add(root, "Actions")
    actions.set("Context", "Author")
    program, *arguments = service.command
    _add(actions, "Exec", Command=program, Arguments=subprocess.list2cmdline(arguments))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-16", xml_declaration=True)
    return text


def _add(parent: ElementTree.Element, tag: str, **texts: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, tag)
    for name, text in texts.items():
        ElementTree.SubElement(made, name).text = text
    return made
