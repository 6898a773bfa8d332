"""What programs find on a screen, and what they do with it."""

from __future__ import annotations

from phone_runs import run

from xgodo_dev.emulator.phone.engine import Engine, Outcome
from xgodo_dev.emulator.phone.screen import NOTES_PACKAGE, Phone


async def test_nodes_can_be_searched_and_walked(engine: Engine) -> None:
    done = await run(
        engine,
        f"""await agent.actions.launchApp("{NOTES_PACKAGE}");
const screen = await agent.actions.screenContent();
const add = findNodesById(screen, "{NOTES_PACKAGE}:id/add")[0];
console.log(add === screen.find((node) => node.text === "Add"), screen.findText("add").length);
console.log(findParentOf(screen, add) === add.parent, findParentOf(screen, screen), screen.parent);
console.log(buildNodePath(screen, add).length, buildNodePath(screen, null), buildNodePath(null, add));
console.log(screen.allNodes().length === getAllNodes(screen).length, getAllNodes(null));
console.log(screen.findTextOne("absent"));
console.log(JSON.parse(JSON.stringify(add)).text, Object.keys(add).includes("parent"));
const isAdd = (f) => f.hasPackageName("{NOTES_PACKAGE}") && f.isClickable() && f.text((t) => t === "Add");
console.log(screen.filterAdvanced(isAdd).length);
console.log(screen.filterAdvanced((f) => false).length, screen.findAdvanced((f) => f.hasText("no")));
console.log(agent.constants.ACTION_CLICK, ScreenshotRecord.NONE);""",
    )
    assert done.messages == [
        "true 1",
        "true null null",
        "3 [] []",
        "true []",
        "undefined",
        "Add false",
        "1",
        "0 undefined",
        "16 2",
    ]


async def test_actions_on_nodes_do_what_android_would(engine: Engine) -> None:
    phone = Phone()
    phone.launch_app(NOTES_PACKAGE)
    done = await run(
        engine,
        f"""const {{ ACTION_CLICK, ACTION_SET_TEXT, ACTION_SELECT, ACTION_EXPAND }} = agent.constants;
const find = async (id) => (await agent.actions.screenContent()).findByIdOne("{NOTES_PACKAGE}:id/" + id);
const show = (promise) => promise.then((result) => result.actionPerformed, (error) => error.message);
const field = await find("note"), disabled = await find("add");
console.log(await show(disabled.performAction(ACTION_CLICK)), await show(field.performAction(ACTION_EXPAND)));
console.log(await show(field.performAction(ACTION_SET_TEXT, {{ text: "milk" }})));
console.log(await show(field.performAction(ACTION_CLICK)));
console.log(await show(agent.actions.nodeAction(field, ACTION_CLICK, undefined, ["text"])));
await agent.actions.writeText(" and bread");
console.log(await show(disabled.performAction(ACTION_CLICK)), (await find("item")).text);
console.log(await show((await find("note")).performAction(ACTION_SET_TEXT, {{ words: "x" }})));
console.log(await show((await find("note")).performAction(ACTION_SELECT)));
console.log(await show(agent.actions.nodeAction(undefined, ACTION_CLICK)).catch((error) => error.name));""",
        phone=phone,
    )
    assert done.messages == [
        "false false",
        "true",
        "The node is not on the screen any more.",
        "true",
        "true milk and bread",
        "ACTION_SET_TEXT needs a text, such as { text: 'hello' }.",
        "The action 4 is not simulated yet.",
        done.messages[-1],
    ]
    assert "undefined" in done.messages[-1]


async def test_waiting_for_a_node_sees_it_come_and_go(engine: Engine) -> None:
    done = await run(
        engine,
        f"""const isField = (node) => node.viewId === "{NOTES_PACKAGE}:id/note";
const {{ waitForNode, waitForNodeGone }} = agent.utils;
console.log(await waitForNode(isField, 0), await waitForNodeGone(isField));
const come = waitForNode(isField, 10_000, 5);
await agent.actions.launchApp("{NOTES_PACKAGE}");
console.log(await come, await waitForNodeGone(isField, 20, 5), await waitForNodeGone(isField, "soon", 5));
const gone = waitForNodeGone(isField, 10_000, 5);
await agent.actions.goHome();
console.log(await gone);
console.log(await waitForNode(() => {{ throw new Error("mine"); }}).catch((error) => error.message));""",
    )
    assert done.messages == ["false true", "true false false", "true", "mine"]


async def test_random_clicks_hit_the_rectangle_and_a_refused_one_is_only_logged(engine: Engine) -> None:
    done = await run(
        engine,
        f"""(await agent.actions.screenContent()).findTextOne("Notes").randomClick();
await agent.utils.waitForNodeGone((node) => node.text === "Notes", 10_000, 1);
console.log((await agent.actions.screenContent()).packageName === "{NOTES_PACKAGE}");
agent.utils.randomClick(-10, -10, -5, -5);""",
    )
    assert done.outcome is Outcome.FINISHED
    assert done.messages[0] == "true"
    assert done.logs[1].level == "warn"
    assert "not on the screen" in done.messages[1]
