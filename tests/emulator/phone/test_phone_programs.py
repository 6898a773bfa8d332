"""What programs see and do on a simulated device."""

from __future__ import annotations

import asyncio
import time

import pytest
from phone_runs import DEADLINE, Run, program, run, running

from xgodo_dev.emulator.phone.engine import Engine, Outcome, SyntaxRejected
from xgodo_dev.emulator.phone.screen import NOTES_PACKAGE, Phone


async def test_console_calls_become_logs_with_level_and_line(engine: Engine) -> None:
    before = time.time() * 1000
    done = await run(
        engine,
        """console.log("one", 2, { three: [3] });
console.info("info"); console.debug("debug");

function deep() { console.warn("careful"); }
deep();
[1].forEach(() => {
  console.error("bad");
});
setTimeout(() => console.log("later"), 1);
eval("console.log('evaluated')");
""",
    )
    assert done.outcome is Outcome.FINISHED
    assert [(line.level, line.line_number, line.message) for line in done.logs] == [
        ("log", 1, "one 2 { three: [3] }"),
        ("log", 2, "info"),
        ("log", 2, "debug"),
        ("warn", 4, "careful"),
        ("error", 7, "bad"),
        ("log", 10, "evaluated"),
        ("log", 9, "later"),
    ]
    assert all(before - 1 <= line.timestamp <= time.time() * 1000 for line in done.logs)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("undefined, null, true, -0, 10n, Symbol('s')", "undefined null true -0 10n Symbol(s)"),
        ("[1, 'a', [undefined]]", '[1, "a", [undefined]]'),
        ("{ a: 1, 'b c': { d: () => 1 } }", '{ a: 1, "b c": { d: [Function: d] } }'),
        ("new (class Point { x = 1 })()", "Point { x: 1 }"),
        ("Object.create(null), {}", "{} {}"),
        ("new Map([['k', { v: 1 }]]), new Set([1])", 'Map(1) {"k" => { v: 1 }} Set(1) {1}'),
        ("new Date(0), /a+/g", "1970-01-01T00:00:00.000Z /a+/g"),
        ("(() => { const o = { self: null }; o.self = o; return o; })()", "{ self: [Circular] }"),
        ("{ get a() { throw 1; } }", "{ a: [Getter] }"),
        ("new Proxy({}, { ownKeys() { throw 1; } })", "[Unreadable]"),
        (
            "{ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }",
            "{ a: { b: { c: { d: { e: { f: [Object] } } } } } }",
        ),
    ],
)
async def test_values_are_shown_readably(engine: Engine, expression: str, shown: str) -> None:
    done = await run(engine, f"console.log({expression});")
    assert done.messages == [shown]


async def test_errors_are_logged_by_their_stack_with_cause(engine: Engine) -> None:
    done = await run(
        engine,
        """function fail() { throw new TypeError("outer", { cause: new Error("inner") }); }
try { fail(); } catch (error) { console.log("caught", error); }
const bare = new Error("no stack"); bare.stack = undefined; console.log(bare);""",
    )
    first, second = done.messages
    assert first.startswith("caught TypeError: outer\n    at fail (automation.js:1:")
    assert "Caused by: Error: inner\n    at fail (automation.js:1:" in first
    assert second == "Error: no stack"


async def test_a_huge_message_is_cut_and_says_by_how_much(engine: Engine) -> None:
    done = await run(engine, "console.log('x'.repeat(200_000)); console.log('y'.repeat(65536))")
    assert done.messages[0] == "x" * 65536 + f"… ({200_000 - 65536} more characters)"
    assert done.messages[1] == "y" * 65536


async def test_half_a_surrogate_pair_can_be_stored_as_utf8(engine: Engine) -> None:
    done = await run(engine, r"console.log('\ud83d', '\ud83d\ude00')")
    assert done.messages == ["\ufffd \U0001f600"]
    assert done.messages[0].encode()


async def test_stopping_ends_the_run_at_once(engine: Engine) -> None:
    done = await run(engine, "console.log(1); agent.control.stopCurrentAutomation(); console.log(2);")
    assert (done.outcome, done.messages) == (Outcome.STOPPED, ["1"])


@pytest.mark.parametrize(
    "code",
    [
        "const { stopCurrentAutomation: stop } = agent.control; stop(); stop(); console.log('after')",
        "stopCurrentAutomation.call(null); console.log('after')",
        "try { stopCurrentAutomation(); } finally { console.log('after'); stopCurrentAutomation(); }",
        "Promise.reject(1).catch(() => {}).finally(agent.control.stopCurrentAutomation)"
        ".then(() => console.log('after')); setInterval(() => {}, 10)",
        "setTimeout(stopCurrentAutomation, 5); await new Promise(() => {}); console.log('after')",
        "[1, 2].forEach(stopCurrentAutomation); console.log('after')",
    ],
)
async def test_stop_works_unbound_twice_and_from_finally(engine: Engine, code: str) -> None:
    done = await run(engine, code)
    assert (done.outcome, done.messages) == (Outcome.STOPPED, [])


async def test_logs_written_right_before_the_stop_arrive(engine: Engine) -> None:
    done = await run(engine, "for (let i = 0; i < 3000; i++) console.log(i); stopCurrentAutomation();")
    assert done.messages == [str(number) for number in range(3000)]


async def test_a_run_with_nothing_left_to_do_finishes(engine: Engine) -> None:
    done = await run(engine, "await new Promise(() => {}); console.log('never')")
    assert (done.outcome, done.messages) == (Outcome.FINISHED, [])


async def test_timers_and_sleep_keep_the_run_going(engine: Engine) -> None:
    done = await run(
        engine,
        """let ticks = 0;
const interval = setInterval((by) => {
  ticks += by;
  if (ticks === 3) { clearInterval(interval); next(); }
}, 1, 1);
const cleared = setTimeout(() => console.log("cleared"), 1);
clearTimeout(cleared); clearTimeout(cleared); clearTimeout(undefined);
queueMicrotask(() => console.log("microtask"));
async function next() {
  const before = Date.now();
  await sleep(30);
  const fixed = Date.now() - before;
  await sleep(10, 20);
  console.log(ticks, fixed >= 29, Date.now() - before - fixed >= 9);
}""",
    )
    assert (done.outcome, done.messages) == (Outcome.FINISHED, ["microtask", "3 true true"])


async def test_an_uncaught_error_crashes_with_its_stack_and_line(engine: Engine) -> None:
    done = await run(engine, "console.log('before');\nsetTimeout(() => {\n  throw new Error('boom');\n}, 1);")
    assert done.outcome is Outcome.CRASHED
    last = done.logs[-1]
    assert (last.level, last.line_number) == ("error", 3)
    assert last.message.startswith("Uncaught Error: boom\n    at automation.js:3:")
    assert "xgodo:" not in last.message
    assert "node:" not in last.message


async def test_an_error_at_top_level_crashes(engine: Engine) -> None:
    done = await run(engine, "await sleep(1);\nnull.x;")
    assert done.outcome is Outcome.CRASHED
    assert done.logs[-1].line_number == 2


async def test_an_unhandled_rejection_crashes(engine: Engine) -> None:
    done = await run(engine, "\nPromise.reject(new Error('lost'));\nsetTimeout(() => {}, 60_000);")
    assert done.outcome is Outcome.CRASHED
    assert done.logs[-1].line_number == 2
    assert done.logs[-1].message.startswith("Uncaught (in promise) Error: lost")


async def test_something_thrown_that_is_no_error_crashes_too(engine: Engine) -> None:
    done = await run(engine, "throw { code: 7 }")
    assert (done.outcome, done.messages) == (Outcome.CRASHED, ["Uncaught { code: 7 }"])


async def test_listeners_hear_of_failures_first(engine: Engine) -> None:
    done = await run(
        engine,
        """const removed = () => console.log("removed");
addEventListener("error", removed); removeEventListener("error", removed);
addEventListener("error", (event) => console.log(event.type, event.error.message, event.message));
addEventListener("unhandledrejection", { handleEvent(event) {
  console.log(event.type, event.reason);
  event.preventDefault();
} });
Promise.reject("a reason");
setTimeout(() => { throw new Error("boom"); }, 20);""",
    )
    assert done.outcome is Outcome.CRASHED
    assert done.messages[:2] == ["unhandledrejection a reason", "error boom Error: boom"]
    assert done.messages[2].startswith("Uncaught Error: boom")


async def test_a_listener_may_stop_the_run(engine: Engine) -> None:
    done = await run(
        engine, "addEventListener('unhandledrejection', () => stopCurrentAutomation()); Promise.reject(1);"
    )
    assert (done.outcome, done.messages) == (Outcome.STOPPED, [])


async def test_modules_have_real_semantics_in_cycles_and_live_bindings(engine: Engine) -> None:
    done = await run(
        engine,
        {
            "main.js": """import { count, increment } from "./lib/counter";
import * as stages from "./stages/index.js";
console.log(count); increment(); console.log(count, stages.first.name, stages.registry.length);""",
            "lib/counter.js": "export let count = 0; export const increment = () => { count += 1; };",
            "stages/index.js": """import { first } from "./first";
export const registry = [first]; export { first };""",
            "stages/first.js": """import { registry } from "../stages";
import { increment } from "../lib/counter.js";
increment();
export const first = { name: "first", others: () => registry };""",
            "unused.js": "this is not JavaScript",
        },
        entry="main.js",
    )
    assert (done.outcome, done.messages) == (Outcome.FINISHED, ["1", "2 first 1"])


async def test_modules_evaluate_in_the_order_of_their_imports(engine: Engine) -> None:
    done = await run(
        engine,
        {
            "main.js": 'import "./a"; import "./b"; console.log("main");',
            "a.js": 'import "./c"; console.log("a");',
            "b.js": 'import "./c"; console.log("b");',
            "c.js": 'console.log("c"); await null; console.log("c too");',
        },
        entry="main.js",
    )
    assert done.messages == ["c", "c too", "a", "b", "main"]


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ('import "./absent";', 'automation.js imports "./absent": there is no such file'),
        ('import fs from "node:fs";', "a device has only the automation's own files"),
        ('import "xgodo:gate";\nimport "./x.js"', "no such file"),
        ('import { absent } from "./automation.js";', "does not provide an export named 'absent'"),
    ],
)
async def test_an_import_of_what_is_not_there_crashes(engine: Engine, code: str, complaint: str) -> None:
    done = await run(engine, code)
    assert done.outcome is Outcome.CRASHED
    assert complaint in done.messages[0]


async def test_a_program_that_does_not_parse_is_rejected_and_the_next_one_runs(engine: Engine) -> None:
    going = Run()
    going.start(engine, program("const a = 1;\nconst b: number = a;"), Phone())
    assert going.task is not None
    with pytest.raises(SyntaxRejected) as caught:
        async with asyncio.timeout(DEADLINE):
            await going.task
    assert (caught.value.path, caught.value.line) == ("automation.js", 2)
    assert str(caught.value).startswith("automation.js:2: ")
    assert not going.started.is_set()
    assert (await run(engine, "console.log('fine')")).messages == ["fine"]


async def test_an_unfinished_program_is_rejected_for_what_it_lacks(engine: Engine) -> None:
    with pytest.raises(SyntaxRejected, match=r"^automation\.js: Unexpected end of input$"):
        await run(engine, "export function unfinished() {")


@pytest.mark.parametrize(
    "ending", ["// a comment", "/* a comment */", "`text`", "//# sourceMappingURL=x.map"]
)
async def test_whatever_a_program_ends_with_it_means_what_it_says(engine: Engine, ending: str) -> None:
    assert (await run(engine, f"console.log(1);\n{ending}")).messages == ["1"]


@pytest.mark.parametrize("ending", ["/*", "`", "x =", "label:", "export * from", "@"])
async def test_an_open_end_does_not_swallow_what_is_added_to_a_program(engine: Engine, ending: str) -> None:
    with pytest.raises(SyntaxRejected):
        await run(engine, f"console.log(1);\n{ending}")


async def test_arguments_and_information_are_there(engine: Engine) -> None:
    going = Run()
    given = program(
        """console.log(agent.arguments.automationParameters.count + 1, agent.arguments.jobVariables);
const info = agent.info.getAutomationInfo(), device = agent.info.getDeviceInfo();
console.log(info.name, info.launchId, device.id, device.isEmulator, device.width);""",
        automation_parameters={"count": 2},
        job_variables={"__proto__": "x", "text": "é"},
        name="demo",
        device_id="device-1",
    )
    going.start(engine, given, Phone())
    assert going.task is not None
    await asyncio.wait_for(going.task, DEADLINE)
    assert going.messages == ['3 { __proto__: "x", text: "é" }', "demo the-launch-id device-1 true 1080"]


async def test_tapping_and_typing_change_the_screen(engine: Engine) -> None:
    phone = Phone()
    done = await run(
        engine,
        f"""async function tap(find) {{
  const node = find(await agent.actions.screenContent());
  const {{ left, right, top, bottom }} = node.boundsInScreen;
  await agent.actions.tap((left + right) / 2, (top + bottom) / 2);
}}
await agent.actions.goHome();
await agent.actions.launchApp("{NOTES_PACKAGE}");
await tap((screen) => screen.findAdvanced((f) => f.isEditText().isEditable()));
await agent.actions.writeText("milk");
await tap((screen) => screen.findByIdOne("{NOTES_PACKAGE}:id/add"));
const screen = await agent.actions.screenContent();
console.log(screen.findTextOne("MILK").viewId, findNodesByText(screen, "1 note").length);
await agent.actions.goBack(); await agent.actions.goBack();
console.log((await agent.actions.screenContent()).packageName);""",
        phone=phone,
    )
    assert done.messages == [f"{NOTES_PACKAGE}:id/item 1", "com.android.launcher3"]
    assert done.outcome is Outcome.FINISHED


async def test_the_usual_last_words_of_an_automation_keep_its_error(engine: Engine) -> None:
    done = await run(
        engine,
        """console.log((await agent.utils.isServerReachable()).reachable);
Promise.reject(new Error("boom")).catch(async (error) => {
  console.error(error.message);
  console.log(JSON.stringify(await agent.utils.reportCrash(error)));
}).finally(agent.control.stopCurrentAutomation);
await sleep(60_000);""",
    )
    assert done.outcome is Outcome.STOPPED
    assert done.messages[:2] == ["true", "boom"]
    assert '"success":false' in done.messages[2]


async def test_refused_actions_reject_with_the_reason(engine: Engine) -> None:
    done = await run(
        engine,
        """for (const act of [
  () => agent.actions.writeText("x"), () => agent.actions.launchApp("com.example.absent"),
  () => agent.actions.tap(-1, 0), () => agent.actions.tap(NaN),
  () => agent.actions.writeText("x".repeat(2_000_000)),
]) {
  const said = await act().then(() => "done", (error) => `${error instanceof Error} ${error.message}`);
  console.log(said);
}""",
    )
    assert [message.split()[0] for message in done.messages] == ["true"] * 5
    assert "no field has focus" in done.messages[0]
    assert "com.example.absent" in done.messages[1]


async def test_what_is_not_simulated_says_so_and_a_typo_is_undefined(engine: Engine) -> None:
    done = await run(
        engine,
        """const rejected = (promise) => promise.catch((error) => console.log(error.message));
const thrown = (call) => { try { call(); } catch (error) { console.log(error.message); } };
await rejected(agent.actions.swipe(1, 2, 3, 4, 5));
await rejected(agent.actions.adb.tap(1, 2));
await rejected(agent.utils.uploadTempFile("a.txt", ""));
await rejected(agent.utils.randomSwipe(1, 2, 3, 4, "up"));
await rejected(fetch("http://127.0.0.1/"));
await rejected(import("./automation.js"));
thrown(() => agent.utils.files.exists("/"));
thrown(() => agent.display.hideHTMLCode());
console.log(typeof agent.actions.tapp, typeof agent.utils.shell, agent.utils.toastCallback);""",
    )
    assert done.messages == [
        "agent.actions.swipe is not simulated yet",
        "agent.actions.adb.tap is not simulated yet",
        "agent.utils.uploadTempFile is not simulated yet",
        "agent.utils.randomSwipe is not simulated yet",
        "fetch is not simulated yet",
        'import("./automation.js") is not simulated yet: import the file at the top of the module',
        "agent.utils.files.exists is not simulated yet",
        "agent.display.hideHTMLCode is not simulated yet",
        "undefined undefined null",
    ]


async def test_thousands_of_actions_at_once_are_all_answered(engine: Engine) -> None:
    done = await run(
        engine,
        """const asked = Array.from({ length: 2000 }, () => agent.actions.screenContent());
const screens = await Promise.all(asked);
console.log(new Set(screens.map((screen) => screen.falseId)).size);""",
    )
    assert done.messages == ["2000"]


async def test_logs_arrive_while_answers_wait_for_a_busy_program(engine: Engine) -> None:
    async with running(
        engine,
        """for (let i = 0; i < 100; i++) agent.actions.screenContent();
const until = Date.now() + 300; while (Date.now() < until) {}
console.log("still here"); while (true) {}""",
    ) as going:
        assert (await going.first_log()).message == "still here"
