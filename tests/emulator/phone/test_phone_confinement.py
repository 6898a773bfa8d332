"""Programs reach nothing of the host, and neither would the process they run in."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from phone_runs import DEADLINE, run

from xgodo_dev.emulator.phone.confinement import RUNTIME, Confinement, confinement_for, environment
from xgodo_dev.emulator.phone.engine import Engine, Outcome
from xgodo_dev.emulator.phone.process import RuntimeProcess
from xgodo_dev.emulator.phone.wire import WireError
from xgodo_dev.toolchain.node import find_node

HOSTILE = Path(__file__).parent / "hostile"
WALK = (HOSTILE / "walk.js").read_text("utf-8")
REPORT = (HOSTILE / "report.js").read_text("utf-8")
HOSTILE_PROGRAMS = sorted(path.stem for path in HOSTILE.glob("*.js") if path.stem not in ("walk", "report"))

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does this")


@pytest.fixture
async def confinement() -> Confinement:
    return await confinement_for(find_node())


@pytest.fixture
async def booted(confinement: Confinement, tmp_path: Path) -> AsyncIterator[RuntimeProcess]:
    process = await RuntimeProcess.boot(confinement, tmp_path)
    try:
        yield process
    finally:
        await process.end()


def in_node(confinement: Confinement, code: str, folder: Path) -> str:
    """What `code` prints in the realm of Node.js itself, confined like a runtime."""
    done = subprocess.run(
        confinement.command("--input-type=module", "--eval", code),
        env=environment(),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("hostile", HOSTILE_PROGRAMS)
async def test_a_program_that_looks_for_a_way_out_finds_none(engine: Engine, hostile: str) -> None:
    done = await run(engine, WALK + (HOSTILE / f"{hostile}.js").read_text("utf-8") + REPORT)
    assert [message for message in done.messages if not message.startswith("ok ")] == ["walked"]
    assert done.outcome is Outcome.FINISHED


async def test_the_walk_would_notice_an_object_of_another_realm(
    confinement: Confinement, tmp_path: Path
) -> None:
    searching = WALK + "visit(globalThis, 'globalThis');" + REPORT
    code = f"""
import vm from "node:vm";
for (const planted of [() => {{}}, {{}}, new Error("host"), Promise.resolve(), process]) {{
  const lines = [];
  const sandbox = Object.assign(Object.create(null), {{ planted }});
  const realm = vm.createContext(sandbox);
  vm.runInContext(`
    globalThis.lines = []; globalThis.console = {{ log(text) {{ lines.push(text); }} }};`, realm);
  vm.runInContext("{{" + {json.dumps(searching)} + "}}", realm);
  console.log(sandbox.lines.includes("foreign globalThis.planted"));
}}"""
    assert in_node(confinement, code, tmp_path).split() == ["true"] * 5


async def test_the_names_of_a_host_are_unknown(engine: Engine) -> None:
    names = [
        "process",
        "require",
        "module",
        "exports",
        "Buffer",
        "global",
        "WebAssembly",
        "WebSocket",
        "Worker",
    ]
    done = await run(engine, f"console.log({', '.join(f'typeof {name}' for name in names)})")
    assert done.messages == [" ".join(["undefined"] * len(names))]


@pytest.mark.parametrize(
    "attempt",
    [
        'readFileSync("/etc/hosts")',
        "readFileSync(FOREIGN)",
        'readdirSync("/")',
        "readdirSync(process.cwd())",
        'writeFileSync("new.txt", "")',
        'mkdirSync("new")',
        "readFileSync(process.execPath)",
    ],
)
async def test_files_are_out_of_reach_of_the_process_itself(
    confinement: Confinement, tmp_path: Path, attempt: str
) -> None:
    foreign = json.dumps(str(Path(__file__)))
    code = f"""import * as fs from "node:fs"; const FOREIGN = {foreign};
const {{ readFileSync, readdirSync, writeFileSync, mkdirSync }} = fs;
try {{ {attempt}; console.log("done"); }} catch (error) {{ console.log(error.code); }}"""
    assert in_node(confinement, code, tmp_path) == "ERR_ACCESS_DENIED"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "attempt",
    [
        'const { spawnSync } = await import("node:child_process"); spawnSync(process.execPath)',
        'const { Worker } = await import("node:worker_threads"); new Worker("0", { eval: true })',
        'process.dlopen({ exports: {} }, "x.node")',
    ],
)
async def test_other_code_is_out_of_reach_of_the_process_itself(
    confinement: Confinement, tmp_path: Path, attempt: str
) -> None:
    code = f'try {{ {attempt}; console.log("done"); }} catch (error) {{ console.log(error.code); }}'
    assert in_node(confinement, code, tmp_path) in ("ERR_ACCESS_DENIED", "ERR_DLOPEN_DISABLED")


async def test_text_is_no_code_in_the_process_itself(confinement: Confinement, tmp_path: Path) -> None:
    code = (
        'try { new Function("return 1")(); console.log("done"); } catch (error) { console.log(error.name); }'
    )
    assert in_node(confinement, code, tmp_path) == "EvalError"


async def test_the_environment_is_empty(
    confinement: Confinement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "secret")
    shown = json.loads(in_node(confinement, "console.log(JSON.stringify(process.env))", tmp_path))
    assert set(shown) <= {"SYSTEMROOT"}


@linux_only
async def test_a_machine_that_has_much_else_to_do_confines_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "setpriv"
    slow.write_text("#!/bin/sh\nexec sleep 3.2\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert str(slow) in (await confinement_for(find_node())).wrapper


@linux_only
async def test_the_network_is_out_of_reach(confinement: Confinement, tmp_path: Path) -> None:
    if not any(part.endswith("unshare") for part in confinement.wrapper):
        pytest.skip("this kernel lets nobody make a network namespace")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"""import net from "node:net";
net.connect({port}, "127.0.0.1").on("connect", () => {{ console.log("connected"); process.exit(); }})
  .on("error", (error) => console.log("refused"));"""
        assert in_node(confinement, code, tmp_path) == "refused"


@linux_only
async def test_a_booted_process_holds_no_handle_of_ours_and_can_open_none(
    booted: RuntimeProcess, tmp_path: Path
) -> None:
    process = psutil.Process(booted.pid)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        other = await RuntimeProcess.boot(await confinement_for(find_node()), tmp_path)
        try:
            held = {str(entry.readlink()) for entry in Path(f"/proc/{other.pid}/fd").iterdir()}
        finally:
            await other.end()
        assert f"socket:[{os.fstat(server.fileno()).st_ino}]" not in held
    assert process.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.environ() == {}
    assert process.cwd() == str(tmp_path)
    assert process.open_files() == []


@linux_only
async def test_a_program_in_an_endless_loop_dies_with_the_server(
    confinement: Confinement, tmp_path: Path
) -> None:
    if not any(part.endswith("setpriv") for part in confinement.wrapper):
        pytest.skip("this system has no setpriv")
    server = textwrap.dedent("""
        import asyncio
        from xgodo_dev.emulator.phone.engine import Engine, Program
        from xgodo_dev.emulator.phone.screen import Phone
        from xgodo_dev.toolchain.node import find_node

        async def main():
            async with Engine(find_node()) as engine:
                program = Program({"a.js": "console.log('up'); while (true) {}"}, "a.js", "id")
                await engine.run(program, Phone(), lambda line: print(line.message, flush=True), lambda: None)

        asyncio.run(main())
    """)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        server,
        stdout=asyncio.subprocess.PIPE,
        # A killed server can't remove its folder.
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            assert await process.stdout.readline() == b"up\n"
        orphans = psutil.Process(process.pid).children(recursive=True)
        assert orphans
    finally:
        process.kill()
        await process.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, orphans, DEADLINE)
    for orphan in alive:
        orphan.kill()
    assert alive == []


async def test_the_realm_of_node_is_worthless_once_locked(confinement: Confinement, tmp_path: Path) -> None:
    code = f"""
const {{ writeSync }} = await import("node:fs");
const log = (...values) => writeSync(1, `${{values.join(" ")}}\\n`);
const {{ lockdown }} = await import({json.dumps((RUNTIME / "lockdown.mjs").as_uri())});
const {{ default: processObject }} = await import("node:process");
await lockdown();
const {{ getPrototypeOf, isFrozen }} = Object;
const frozen = [Object, Function.prototype, Object.prototype, Array.prototype, Promise.prototype,
  RangeError.prototype, getPrototypeOf(function* () {{}}), getPrototypeOf(async () => {{}})].every(isFrozen);
log(frozen, typeof process, typeof fetch, typeof WebAssembly, typeof Buffer, typeof setTimeout);
const objects = [{{}}, () => {{}}, [], new Error(), async () => {{}}, function* () {{}}, Promise.resolve()];
log(objects.map((object) => object.constructor).join());
log(["binding", "dlopen", "kill", "getBuiltinModule", "mainModule", "reallyExit", "env", "execPath"]
  .filter((name) => name in processObject).join());
"""
    assert in_node(confinement, code, tmp_path).splitlines() == [
        "true undefined undefined undefined undefined undefined",
        ",,,,,,",
    ]


class Impostor(Confinement):
    """Runs something else in place of the runtime, as if a program had taken it over."""

    def runtime_command(self) -> list[str]:
        return [str(self.node), "-c", self.permission_option]


@pytest.mark.parametrize(
    "said",
    [
        b"not JSON\n",
        b"[]\n",
        b'{"type": "log"}\n',
        b'{"type": "log", "level": "fatal", "message": "", "line": 1}\n',
        b'{"type": "log", "level": "log", "message": "", "line": true}\n',
        b'{"type": "log", "level": "log", "message": "", "line": 1e400}\n',
        b'{"type": "log", "level": "log", "message": "", "line": -1}\n',
        b'{"type": "call", "id": 1, "name": "tap", "arguments": "{}"}\n',
        b'{"type": "call", "id": ' + b"9" * 5000 + b', "name": "tap", "arguments": "[]"}\n',
        b'{"type": "call", "id": 1, "name": "tap", "arguments": "[NaN]"}\n',
        b'{"type": "call", "id": 1, "name": "tap", "arguments": "[-1e999]"}\n',
        b'{"type": "call", "id": 1, "name": "tap", "arguments": "' + b"[" * 100_000 + b'"}\n',
        b'{"type": "end", "outcome": "success"}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
    ],
)
async def test_garbage_from_the_process_is_noticed(tmp_path: Path, said: bytes) -> None:
    assert await complaint_about(said, tmp_path)


async def test_a_message_without_end_is_noticed_and_not_kept(tmp_path: Path) -> None:
    before = psutil.Process().memory_info().rss
    assert "bytes" in await complaint_about(b"x" * 1_000_000, tmp_path, times=1000)
    assert psutil.Process().memory_info().rss - before < 100 * 1024 * 1024


async def complaint_about(said: bytes, folder: Path, times: int = 1) -> str:
    script = f"""
import sys, time
out, said = sys.stdout.buffer, open({str(folder / "said")!r}, "rb").read()
out.write(b'{{"type": "ready"}}\\n'); out.flush()
sys.stdin.readline()
for _ in range({times}): out.write(said)
out.flush(); time.sleep(60)
"""
    (folder / "said").write_bytes(said)
    process = await RuntimeProcess.boot(Impostor(Path(sys.executable), script, ()), folder)
    try:
        await process.send(b"go\n")
        with pytest.raises(WireError) as caught:
            async with asyncio.timeout(DEADLINE):
                await anext(process.messages())
        return str(caught.value)
    finally:
        await process.end()
