from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from node_host import AS_EVALUATED_TEXT, AS_FUNCTION, AS_MODULE, AS_SCRIPT, HostRun

from xgodo_dev.toolchain import run_report, tool_process
from xgodo_dev.toolchain.run_report import BodyDone, EndReport
from xgodo_dev.toolchain.source_map import map_stack
from xgodo_dev.toolchain.tools import Toolchain

MARK = "@@xgodo-dev:0123456789abcdef:"

Run = Callable[..., Awaitable[HostRun]]
SUCCESS = EndReport("success", None, None)
LAZY_STOP = "globalThis.stopIsLazy = true;"


def only_failure(done: HostRun) -> EndReport:
    [report] = done.reports
    assert isinstance(report, EndReport)
    assert report.status == "failed"
    return report


@pytest.mark.parametrize(
    "call",
    [
        "stopCurrentAutomation();",
        "agent.control.stopCurrentAutomation();",
        "const stop = agent.control.stopCurrentAutomation; stop();",
        "Promise.resolve(1).finally(agent.control.stopCurrentAutomation);",
        "Promise.reject(new Error('seen')).catch(() => {}).finally(stopCurrentAutomation);",
        "async function main() { await 1; } main().finally(() => agent.control.stopCurrentAutomation());",
        "setTimeout(stopCurrentAutomation, 1); await new Promise(() => {});",
    ],
)
async def test_a_stop_reports_success_and_then_stops(run: Run, call: str) -> None:
    done = await run({"main.ts": f"declare const agent: any; console.log('hello');\n{call}"})
    assert done.lines == ["hello", "host stopped"]
    assert [report for report in done.reports if report != BodyDone()] == [SUCCESS]


@pytest.mark.parametrize("load", [AS_SCRIPT, AS_MODULE, AS_FUNCTION, AS_EVALUATED_TEXT])
async def test_a_bundle_runs_however_the_host_loads_it(run: Run, load: str) -> None:
    source = "console.log(await Promise.resolve('awaited'));\nif (stops === 0) stopCurrentAutomation();\n"
    done = await run({"main.ts": f"declare const stops: number;\n{source}"}, load=load)
    assert (done.lines, done.reports) == (["awaited", "host stopped"], [SUCCESS])


async def test_a_host_that_needs_its_own_object_gets_it_even_when_stop_is_unbound(run: Run) -> None:
    setup = """
    agent.control = {
      host: "host stopped",
      stopCurrentAutomation() { console.log(this.host); process.exit(0); },
    };
    """
    done = await run(
        {"main.ts": "Promise.resolve().finally(agent.control.stopCurrentAutomation);"}, setup=setup
    )
    assert done.lines == ["host stopped"]


async def test_stopping_twice_reports_once_and_reaches_the_host_twice(run: Run) -> None:
    source = "agent.control.stopCurrentAutomation(); stopCurrentAutomation(); console.log(stops);"
    done = await run({"main.ts": source}, setup=LAZY_STOP)
    assert done.reports == [SUCCESS]
    assert done.lines == ["2"]


async def test_an_error_at_the_top_level_is_reported_at_its_own_line(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { fail } from "./deep/fail";\n\nconsole.log("before");\nfail(3);\n',
            "deep/fail.ts": "export interface Unused { a: 1 }\nexport function fail(n: number): never {\n"
            "  throw new TypeError(`broken ${n}`);\n}\n",
        }
    )
    failure = only_failure(done)
    assert failure.error == "TypeError: broken 3"
    assert failure.stack is not None
    assert map_stack(failure.stack, done.bundle.source_map).splitlines() == [
        "TypeError: broken 3",
        "    at fail (deep/fail.ts:3:9)",
        "    at main.ts:4:1",
    ]
    assert done.lines == ["before", "host stopped"]


async def test_a_rejected_top_level_await_is_reported_as_failure(run: Run) -> None:
    source = (
        'const value: number = await Promise.resolve(7);\nawait Promise.reject(new Error("no " + value));'
    )
    failure = only_failure(await run({"main.ts": source}))
    assert failure.error == "Error: no 7"


async def test_an_error_after_an_await_is_mapped_to_its_line(run: Run) -> None:
    source = (
        "async function step() {\n  await Promise.resolve();\n  throw new Error('late');\n}\n"
        "async function main() {\n  await step();\n}\nawait main();\n"
    )
    done = await run({"main.ts": source})
    failure = only_failure(done)
    assert failure.stack is not None
    frames = map_stack(failure.stack, done.bundle.source_map).splitlines()[1:]
    assert frames[:2] == ["    at step (main.ts:3:9)", "    at async main (main.ts:6:3)"]
    assert all("main.ts:" in frame for frame in frames)


async def test_frames_of_the_host_are_not_taken_for_lines_of_the_bundle(run: Run) -> None:
    # Line 300 of the bundle is one of the many lines of main.ts, but this is line 300 of the host.
    setup = """
    vm.runInThisContext("function hostFailure() { throw new Error('the host refused'); }", {
      filename: "/app/host-actions.js",
      lineOffset: 299,
    });
    """
    many = "n += 1;\n" * 400
    source = f"declare function hostFailure(): void;\nlet n = 0;\n{many}hostFailure();\n"
    done = await run({"main.ts": source}, setup=setup)
    assert done.bundle.source_map.locate(300) is not None
    failure = only_failure(done)
    assert failure.stack is not None
    assert "/app/host-actions.js:300" in failure.stack
    assert map_stack(failure.stack, done.bundle.source_map).splitlines() == [
        "Error: the host refused",
        "    at main.ts:403:1",
    ]


@pytest.mark.parametrize(
    "callback",
    [
        "stopCurrentAutomation",
        "agent.control.stopCurrentAutomation",
        "() => { stopCurrentAutomation(); }",
        "async () => { await new Promise((resolve) => setTimeout(resolve, 1)); stopCurrentAutomation(); }",
    ],
)
async def test_a_stop_inside_finally_of_a_rejection_is_a_failure(run: Run, callback: str) -> None:
    source = (
        f"async function main() {{\n  await 1;\n  throw new Error('lost');\n}}\nmain().finally({callback});\n"
    )
    done = await run({"main.ts": source})
    [failure] = [report for report in done.reports if isinstance(report, EndReport)]
    assert (failure.status, failure.error) == ("failed", "Error: lost")
    assert failure.stack is not None
    assert "    at main (main.ts:3:9)" in map_stack(failure.stack, done.bundle.source_map)
    assert done.lines == ["host stopped"]


async def test_a_finally_that_ended_without_a_stop_does_not_taint_a_later_stop(run: Run) -> None:
    source = "await Promise.reject(1).finally(async () => {}).catch(() => {}); stopCurrentAutomation();"
    assert (await run({"main.ts": source})).reports == [SUCCESS]


async def test_finally_keeps_its_meaning(run: Run) -> None:
    source = """
    console.log(await Promise.resolve("kept").finally(() => "dropped"));
    console.log(await Promise.reject("reason").finally(() => "dropped").catch((reason) => reason));
    console.log(await Promise.resolve("kept").finally(() => Promise.reject("newer")).catch((why) => why));
    console.log(await Promise.reject("reason").finally(() => { throw "thrown" }).catch((reason) => reason));
    console.log(await Promise.resolve("kept").finally(undefined));
    console.log(Object.keys(Promise.prototype).length);
    console.log(Promise.prototype.finally.call({ then: () => "thenable" } as any, () => {}));
    """
    done = await run({"main.ts": source})
    assert done.lines == ["kept", "reason", "newer", "thrown", "kept", "0", "thenable"]
    assert done.reports == [BodyDone()]


async def test_the_order_of_callbacks_around_finally_is_the_engines_own(run: Run) -> None:
    source = """
    const order: string[] = [];
    const chain = Promise.resolve().finally(() => order.push("during")).then(() => order.push("after"));
    let ticks = Promise.resolve();
    for (let tick = 0; tick < 8; tick++) ticks = ticks.then(() => { order.push(String(tick)); });
    await Promise.all([chain, ticks]);
    console.log(order.join(" "));
    """
    wrapped = await run({"main.ts": source})
    untouched = await run(
        {"main.ts": source},
        setup="Object.defineProperty(Promise.prototype, 'finally', { value: Promise.prototype.finally });",
    )
    assert wrapped.lines == untouched.lines
    assert "after" in wrapped.lines[0]


async def test_the_end_of_the_body_is_reported_while_timers_go_on(run: Run) -> None:
    done = await run({"main.ts": "setTimeout(() => console.log('timer'), 1);"})
    assert done.reports == [BodyDone()]
    assert done.lines == ["timer"]


async def test_an_unhandled_rejection_is_a_failure_where_the_engine_tells(run: Run) -> None:
    setup = """
    globalThis.addEventListener = (name, listener) =>
      name === "unhandledrejection" && process.on("unhandledRejection", (reason) => listener({ reason }));
    """
    done = await run({"main.ts": "Promise.reject(new RangeError('nobody'));"}, setup=setup)
    assert done.reports[0] == BodyDone()
    [failure] = done.reports[1:]
    assert isinstance(failure, EndReport)
    assert failure.error == "RangeError: nobody"
    assert done.lines == ["host stopped"]


@pytest.mark.parametrize(
    "setup",
    [
        "delete globalThis.agent;",
        "globalThis.agent = {};",
        "globalThis.agent = Object.freeze({ control: Object.freeze({ stopCurrentAutomation: hostStop }) });",
    ],
)
async def test_a_host_without_a_usable_control_still_gets_its_run_reported(run: Run, setup: str) -> None:
    assert (await run({"main.ts": "stopCurrentAutomation();"}, setup=setup)).reports == [SUCCESS]


async def test_a_host_without_any_stop_sees_the_error_itself(run: Run) -> None:
    setup = "delete globalThis.agent; delete globalThis.stopCurrentAutomation;"
    done = await run({"main.ts": "throw new Error('alone');"}, setup=setup)
    assert only_failure(done).error == "Error: alone"
    assert done.exit_code == 1
    assert "alone" in done.stderr


async def test_a_replaced_console_does_not_swallow_the_report(run: Run) -> None:
    assert (await run({"main.ts": "console.log = () => {}; stopCurrentAutomation();"})).reports == [SUCCESS]


@pytest.mark.parametrize(
    ("thrown", "told"),
    [
        ("'text'", "text"),
        ("{ code: 7 }", '{"code":7}'),
        ("undefined", "undefined"),
        ("null", "null"),
        ("Object.create(null)", "{}"),
        ("{ toJSON() { throw 1 } }", "an error that can't be printed"),
    ],
)
async def test_whatever_is_thrown_is_told(run: Run, thrown: str, told: str) -> None:
    failure = only_failure(await run({"main.ts": f"throw {thrown};"}))
    assert (failure.error, failure.stack) == (told, None)


async def test_a_host_that_keeps_its_globals_gets_one_report_a_run(run: Run) -> None:
    again = """
    globalThis.isFirst = true;
    vm.runInThisContext(code);
    globalThis.isFirst = false;
    """
    source = "if (!isFirst) setTimeout(stopCurrentAutomation, 1);"
    done = await run({"main.ts": source}, load=again + AS_SCRIPT)
    assert [report for report in done.reports if report != BodyDone()] == [SUCCESS]


async def test_names_of_the_wrapper_are_not_visible_to_the_automation(run: Run) -> None:
    names = [
        "mark",
        "body",
        "log",
        "then",
        "send",
        "stop",
        "fail",
        "failures",
        "ended",
        "original",
        "describe",
    ]
    source = "\n".join(f"console.log(typeof {name});" for name in names)
    done = await run({"main.ts": f"// @ts-nocheck\n{source}"})
    assert done.lines == ["undefined"] * len(names)


async def test_the_wrapper_itself_needs_nothing_newer_than_es2017(toolchain: Toolchain) -> None:
    wrapper = (run_report.prologue("mark") + run_report.epilogue()).encode()

    async def printed_for(target: str) -> bytes:
        finished = await tool_process.run(
            [toolchain.esbuild, f"--target={target}"],
            directory=toolchain.esbuild.parent,
            environment={},
            deadline=30,
            stdin=wrapper,
        )
        assert finished.exit_code == 0
        return finished.stdout

    assert await printed_for("es2017") == await printed_for("esnext")
    # a guard of the guard: newer syntax does change
    wrapper = b"try { a?.b } catch {}"
    assert await printed_for("es2017") != await printed_for("esnext")


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "",
        MARK,
        MARK + "not json",
        MARK + "[1]",
        MARK + '{"event":"end"}',
        MARK + '{"event":"else"}',
        " " + MARK + '{"event":"body-done"}',
        MARK + "[" * 5000,
        '@@xgodo-dev:{"event":"end","status":"success"}',
    ],
)
def test_anything_but_a_whole_report_is_an_ordinary_line(message: str) -> None:
    assert run_report.parse(message, MARK) is None


def test_a_failure_of_an_unknown_shape_is_still_a_failure() -> None:
    assert run_report.parse(MARK + '{"event":"end","status":"failed","error":5}', MARK) == EndReport(
        "failed", None, None
    )


async def test_a_long_message_leaves_the_frames_in_place(run: Run) -> None:
    thrown = "throw new Error('answer: ' + '<p>line</p>\\n'.repeat(3000));"
    done = await run({"main.ts": f"function ask() {{\n  {thrown}\n}}\nask();\n"})
    [report] = done.reports
    assert isinstance(report, EndReport)
    assert report.stack
    stack = map_stack(report.stack, done.bundle.source_map)
    assert stack.startswith("Error: answer: <p>line</p>")
    assert "    at ask (main.ts:2:9)" in stack.splitlines()
    assert len(stack) < 10_000


@pytest.mark.parametrize(
    "thrown",
    [
        "new Proxy({}, { get() { throw 1; } })",
        "Object.defineProperty(new Error('x'), 'stack', { get() { throw 1; } })",
    ],
)
async def test_what_resists_being_read_still_fails_the_run(run: Run, thrown: str) -> None:
    done = await run({"main.ts": f"throw {thrown};\n"})
    [report] = done.reports
    assert isinstance(report, EndReport)
    assert report.status == "failed"


async def test_a_stack_has_the_names_that_were_written(run: Run) -> None:
    thrower = "export class Deep {\n  check() {\n    throw new Error('deep');\n  }\n}\n"
    done = await run(
        {
            "main.ts": 'import { Deep as Other } from "./other";\nclass Deep {\n'
            "  act() {\n    new Other().check();\n  }\n  static one = 1;\n}\n"
            "function go() {\n  new Deep().act();\n}\ngo();\n",
            "other.ts": thrower + "function go() {}\ngo();\nclass _Own {}\nnew _Own();\n",
        }
    )
    [report] = done.reports
    assert isinstance(report, EndReport)
    assert report.stack
    names = re.findall(r"at ([\w.]+) \(", map_stack(report.stack, done.bundle.source_map))
    assert names[:3] == ["Deep.check", "Deep.act", "go"]
