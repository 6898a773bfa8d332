"""Webhooks that are told when tasks change their state: ``/hooks`` and what is below it.

Where the documentation is silent: without ``events`` a webhook is told of all of them; one whose state is
set to ``deleted`` is gone, as after unsubscribing. What is sent, and what became of it, see ``delivery`` and
``GET /_emulator/mobilerun/deliveries?hookId=…``.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import delivery, hook_store
from xgodo_dev.emulator.mobilerun.paging import listed
from xgodo_dev.emulator.mobilerun.refusals import Unusable
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Document, control, mobilerun_endpoint

SHAPE = ErrorShape.DETAIL
TABLES = hook_store.TABLES + ";" + delivery.TABLES


async def subscribe(emulator: Emulator, call: Call) -> Document:
    """A new webhook."""
    asked = call.arguments
    if not delivery.is_address(asked["targetUrl"]):
        raise Unusable("targetUrl must be an http or https URL")
    hook = emulator.mobilerun.hooks.subscribe(
        asked["targetUrl"], asked.get("events"), asked.get("service", "other")
    )
    return {
        "id": hook.id,
        "subscribed": True,
        "url": hook.url,
        "events": list(hook.events),
        "service": hook.service,
    }


async def list_hooks(emulator: Emulator, call: Call) -> Document:
    """One page of the webhooks, the newest first."""
    page = Page(call.arguments["page"], call.arguments["pageSize"])
    hooks, total = emulator.mobilerun.hooks.page(page)
    return listed(page, [hook.document(emulator.mobilerun.user_id) for hook in hooks], total)


async def get(emulator: Emulator, call: Call) -> Document:
    """One webhook."""
    return emulator.mobilerun.hooks.require(call.arguments["hook_id"]).document(emulator.mobilerun.user_id)


async def edit(emulator: Emulator, call: Call) -> Document:
    """Changes which events a webhook is told of, or whether it is."""
    asked = call.arguments
    hook = emulator.mobilerun.hooks.edit(asked["hook_id"], asked.get("events"), asked.get("state"))
    return {"id": hook.id, "state": hook.state, "updated": True, "url": hook.url, "events": list(hook.events)}


async def unsubscribe(emulator: Emulator, call: Call) -> Document:
    """Deletes a webhook."""
    hook = emulator.mobilerun.hooks.edit(call.arguments["hook_id"], None, "deleted")
    return {"id": hook.id, "unsubscribed": True}


async def deliveries(emulator: Emulator, call: Call) -> Document:
    """What was sent to a webhook, or not, and why."""
    return emulator.mobilerun.deliveries.of_hook(call.query.text("hookId"))


ENDPOINTS = (
    mobilerun_endpoint("hooks.subscribe", subscribe),
    mobilerun_endpoint("hooks.list", list_hooks),
    mobilerun_endpoint("hooks.get", get),
    mobilerun_endpoint("hooks.edit", edit),
    mobilerun_endpoint("hooks.unsubscribe", unsubscribe),
    control("GET", "/mobilerun/deliveries", deliveries),
)
