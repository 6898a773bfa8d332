"""Webhooks of Mobilerun: what is kept over a real socket, what is delivered to a real server."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from emulated_mobilerun import SETTINGS, Mobilerun, OpenAccount
from served_emulator import DEADLINE, ServedEmulator, list_of, wait_for

from tests.scripted_server import RESET, Answer, Request, ScriptedServer, scripted_server
from xgodo_dev.emulator.mobilerun.account import MobilerunAccount
from xgodo_dev.emulator.mobilerun.hook_store import EVENTS, Hook

ELSEWHERE = "https://hooks.example.com/mobilerun"


async def run(account: MobilerunAccount, task: str) -> str:
    """Runs a task on the personal phone until it ends or is paused."""
    (phone,) = account.devices.in_states(["ready"])
    task_id = account.runner.run(task, phone.id, SETTINGS).id
    async with asyncio.timeout(DEADLINE):
        while account.tasks.require(task_id).status in ("created", "running"):
            await account.tasks.changed.wait(None)
    return task_id


async def outcomes(account: MobilerunAccount, hook: Hook) -> list[tuple[int, str]]:
    """How often each delivery of a webhook was tried and what came of it, when all are done."""
    async with asyncio.timeout(DEADLINE):
        while any(each["outcome"] is None for each in account.deliveries.of_hook(hook.id)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return [(each["attempts"], each["outcome"]) for each in account.deliveries.of_hook(hook.id)]


def told(server: ScriptedServer) -> list[str]:
    """The events that a server was told of, in their order."""
    return [request.json["event"] for request in server.requests]


async def test_a_webhook_is_told_of_its_events_in_their_order(open_account: OpenAccount) -> None:
    async with scripted_server() as server, open_account() as account:
        server.answers = [Answer()]
        hook = account.hooks.subscribe(f"{server.url}/all", None, "other")
        some = account.hooks.subscribe(f"{server.url}/some", ["failed", "failed"], "n8n")

        task_id = await run(account, "Open Chrome")

        assert await outcomes(account, hook) == [(1, "delivered")] * 3
        assert await outcomes(account, some) == []
        assert told(server) == ["created", "running", "completed"]
        last = server.requests[-1]
        assert (last.method, last.path, last.headers["content-type"]) == ("POST", "/all", "application/json")
        assert last.json["hookId"] == hook.id
        assert last.json["task"].items() >= {"id": task_id, "status": "completed"}.items()


async def test_paused_and_cancelled_tasks_are_told_of(open_account: OpenAccount) -> None:
    async with scripted_server() as server, open_account() as account:
        server.answers = [Answer()]
        hook = account.hooks.subscribe(server.url, ["paused", "cancelled"], "other")
        account.runner.cancel(await run(account, "pause"))

        assert await outcomes(account, hook) == [(1, "delivered")] * 2
        assert told(server) == ["paused", "cancelled"]


async def test_a_delivery_is_tried_again_before_the_next_one(open_account: OpenAccount) -> None:
    async with scripted_server() as server, open_account() as account:
        server.answers = [Answer(500), Answer()]
        hook = account.hooks.subscribe(server.url, ["running", "failed"], "other")
        await run(account, "fail")

        assert await outcomes(account, hook) == [(2, "delivered"), (1, "delivered")]
        assert told(server) == ["running", "running", "failed"]


async def test_a_delivery_is_given_up_after_a_few_attempts(open_account: OpenAccount) -> None:
    async with scripted_server() as server, open_account() as account:
        server.answers = [RESET, Answer(302, headers={"Location": ELSEWHERE}), Answer(500)]
        hook = account.hooks.subscribe(server.url, ["failed"], "other")
        await run(account, "fail")

        assert await outcomes(account, hook) == [(3, "not delivered: status 500")]


async def test_nothing_is_sent_to_another_machine(open_account: OpenAccount) -> None:
    async with open_account() as account:
        hook = account.hooks.subscribe(ELSEWHERE, ["failed"], "zapier")
        await run(account, "fail")

        reason = "not delivered: the emulator sends to this machine only"
        assert await outcomes(account, hook) == [(0, reason)]


async def test_what_was_not_sent_when_the_emulator_stopped_is_sent_when_it_starts(
    open_account: OpenAccount,
) -> None:
    asked = asyncio.Event()

    async def hesitant(_: Request) -> Answer:
        asked.set()
        await asyncio.sleep(DEADLINE)
        return Answer()

    async with scripted_server() as server:
        server.handler = hesitant
        async with open_account() as account:
            hook = account.hooks.subscribe(server.url, ["failed"], "other")
            await run(account, "fail")
            await asyncio.wait_for(asked.wait(), DEADLINE)

        async def prompt(_: Request) -> Answer:
            return Answer()

        server.handler = prompt
        async with open_account() as account:
            assert await outcomes(account, hook) == [(1, "delivered")]


async def test_a_webhook_that_is_switched_off_is_told_of_nothing_that_still_waits(
    open_account: OpenAccount,
) -> None:
    async with scripted_server() as server, open_account() as account:
        hook = account.hooks.subscribe(server.url, ["running", "failed"], "other")

        async def switched_off_by_the_first(_: Request) -> Answer:
            account.hooks.edit(hook.id, None, "disabled")
            return Answer(500)

        server.handler = switched_off_by_the_first
        await run(account, "fail")
        assert {outcome for _, outcome in await outcomes(account, hook)} == {
            "not delivered: the webhook is not active any more"
        }
        assert told(server) == ["running"]


async def test_a_delivery_that_fails_in_an_unusual_way_ends_all_the_same(open_account: OpenAccount) -> None:
    async with open_account() as account:
        hook = account.hooks.subscribe("http://127.0.0.1:70000/", ["failed"], "other")
        await run(account, "fail")
        ((attempts, outcome),) = await outcomes(account, hook)
        assert (attempts, outcome.startswith("not delivered: ")) == (3, True)


async def test_a_webhook_that_is_switched_off_is_told_of_nothing(open_account: OpenAccount) -> None:
    async with open_account() as account:
        hook = account.hooks.subscribe(ELSEWHERE, ["failed"], "other")
        account.hooks.edit(hook.id, None, "disabled")
        await run(account, "fail")
        assert account.deliveries.of_hook(hook.id) == []

        account.hooks.edit(hook.id, ["completed"], "active")
        await run(account, "fail")
        assert account.deliveries.of_hook(hook.id) == []


def test_a_webhook_is_subscribed_edited_and_unsubscribed(mobilerun: Mobilerun) -> None:
    body = {"targetUrl": ELSEWHERE, "events": ["completed", "failed"], "service": "make"}
    made = mobilerun.post("hooks/subscribe", **body)
    path = f"hooks/{made['id']}"
    kept = {"id": made["id"], "url": ELSEWHERE, "service": "make", "events": ["completed", "failed"]}

    assert made == {**kept, "subscribed": True}
    assert mobilerun.get(path).items() >= {**kept, "state": "active", "updatedAt": None}.items()
    assert list_of(mobilerun.get("hooks")["items"])[0] == mobilerun.get(path)

    edited = {"id": made["id"], "url": ELSEWHERE, "updated": True}
    answer = mobilerun.post(f"{path}/edit", events=["completed"], state="disabled")
    assert answer == {**edited, "events": ["completed"], "state": "disabled"}
    assert mobilerun.post(f"{path}/edit", events=None, state="active")["events"] == ["completed"]
    assert mobilerun.get(path)["updatedAt"] is not None

    assert mobilerun.post(f"{path}/unsubscribe") == {"id": made["id"], "unsubscribed": True}
    assert mobilerun.get(path, 404) == {"detail": "Hook not found"}
    assert mobilerun.post(f"{path}/edit", 404) == {"detail": "Hook not found"}
    assert mobilerun.post(f"{path}/unsubscribe", 404) == {"detail": "Hook not found"}


def test_a_webhook_set_to_deleted_is_gone(mobilerun: Mobilerun) -> None:
    made = mobilerun.post("hooks/subscribe", targetUrl=ELSEWHERE)
    assert made.items() >= {"events": list(EVENTS), "service": "other"}.items()

    assert mobilerun.post(f"hooks/{made['id']}/edit", state="deleted")["state"] == "deleted"
    assert mobilerun.get(f"hooks/{made['id']}", 404)


def test_webhooks_are_listed_page_by_page_the_newest_first(mobilerun: Mobilerun) -> None:
    made = [mobilerun.post("hooks/subscribe", targetUrl=ELSEWHERE)["id"] for _ in range(3)]
    pages = [mobilerun.get("hooks", page=number, pageSize=2) for number in (1, 2)]

    assert [item["id"] for page in pages for item in list_of(page["items"])][:3] == made[::-1]
    for hook_id in made:
        mobilerun.post(f"hooks/{hook_id}/unsubscribe")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"targetUrl": "ftp://127.0.0.1/"},
        {"targetUrl": "nowhere"},
        {"targetUrl": ELSEWHERE, "events": ["exploded"]},
        {"targetUrl": ELSEWHERE, "service": "pigeon"},
    ],
)
def test_a_webhook_that_cannot_be_is_refused(mobilerun: Mobilerun, body: dict[str, object]) -> None:
    assert "detail" in mobilerun.post("hooks/subscribe", 400, **body)


def test_what_became_of_deliveries_is_told(emulator: ServedEmulator, mobilerun: Mobilerun) -> None:
    hook_id = mobilerun.post("hooks/subscribe", targetUrl=ELSEWHERE, events=["failed"])["id"]
    mobilerun.run("fail", deviceId=mobilerun.phone())

    def asked() -> list[dict[str, object]]:
        answer = emulator.client.get("/_emulator/mobilerun/deliveries", params={"hookId": str(hook_id)})
        return list_of(answer.json())

    (delivery,) = wait_for(asked, lambda found: bool(found) and found[0]["outcome"] is not None)
    assert delivery["url"] == ELSEWHERE
    mobilerun.post(f"hooks/{hook_id}/unsubscribe")


def test_a_webhook_of_nobody_is_not_found(mobilerun: Mobilerun) -> None:
    assert mobilerun.get(f"hooks/{uuid.uuid4()}", 404) == {"detail": "Hook not found"}
