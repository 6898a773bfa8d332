// @ts-check
// Boots, waits for one program, runs it. The process ends with the run.

import process from "node:process";
import { clearTimeout, setImmediate, setInterval, setTimeout } from "node:timers";

import { Calls } from "./calls.mjs";
import { receive, send, sendLast, whenIdle } from "./channel.mjs";
import { lockdown } from "./lockdown.mjs";
import { ModuleGraph, ModuleSyntaxError } from "./modules.mjs";
import { callingLine, lineOf } from "./position.mjs";
import { createRealm, refuseImport } from "./realm.mjs";

const LONGEST_LOG = 64 * 1024;

/** @type {Map<number, ReturnType<typeof setTimeout>>} */
const timers = new Map();
const calls = new Calls(send);

const { context, kit } = createRealm({
  log: (level, message) => sendLog(String(level), String(message), callingLine()),
  crash: (message) => {
    const text = String(message);
    sendLog("error", text, lineOf(text));
    sendLast({ type: "end", outcome: "crashed" });
  },
  call: (id, name, args) => calls.request(Number(id), String(name), args),
  startTimer: (id, ms, repeats) => {
    // Node.js calls the program's realm itself: with no frame of ours, stacks show no path of this machine.
    const start = repeats ? setInterval : setTimeout;
    timers.set(Number(id), start(kit.fire, Number(ms), Number(id)));
  },
  stopTimer: (id) => {
    const timer = timers.get(Number(id));
    timers.delete(Number(id));
    if (timer !== undefined) clearTimeout(timer);
  },
  stop: () => sendLast({ type: "end", outcome: "stopped" }),
});

const HostError = Error;

/**
 * @param {unknown} thrown
 * @returns {unknown} the same, or for an error of the host one that programs may see
 */
function adopt(thrown) {
  return thrown instanceof HostError ? kit.adoptedError(String(thrown.message)) : thrown;
}

/**
 * @param {string} level
 * @param {string} message
 * @param {number} line
 */
function sendLog(level, message, line) {
  const excess = message.length - LONGEST_LOG;
  const shown = excess > 0 ? `${message.slice(0, LONGEST_LOG)}… (${excess} more characters)` : message;
  send({ type: "log", level, message: shown, line });
}

/** @param {any} launch */
async function start(launch) {
  const graph = new ModuleGraph(context, new Map(Object.entries(launch.modules)), refuseImport(kit));
  let program;
  try {
    program = await graph.link(launch.entry);
  } catch (error) {
    if (error instanceof ModuleSyntaxError) {
      // Nothing has run: the process is as good as new.
      send({ type: "rejected", path: error.path, line: error.line, message: error.message });
      return;
    }
    send({ type: "started" });
    sendLog("error", String(/** @type {Error} */ (error).message), 0);
    sendLast({ type: "end", outcome: "crashed" });
    return;
  }
  kit.begin(launch.arguments, launch.automation, launch.device);
  whenIdle(() => calls.expected, () => sendLast({ type: "end", outcome: "finished" }));
  send({ type: "started" });
  // Not awaited: this function would show up in the stacks of the program's errors.
  program.evaluate().then(undefined, (error) => setImmediate(kit.uncaught, "error", adopt(error)));
  setImmediate(program.open);
}

process.on("uncaughtException", (error) => {
  setImmediate(kit.uncaught, "error", adopt(error));
});
process.on("unhandledRejection", (reason) => {
  setImmediate(kit.uncaught, "unhandledrejection", adopt(reason));
});

receive((message) => {
  if (message.type === "launch") {
    start(message);
  } else if (message.type === "answer") {
    calls.settled(message.id);
    setImmediate(kit.settle, message.id, message.succeeded, message.payload);
  }
});

/** Goes once through what a launch does. Quicker the second time, and Node.js has given its warnings. */
async function rehearse() {
  const graph = new ModuleGraph(context, new Map([["rehearsal.js", ""]]), refuseImport(kit));
  const program = await graph.link("rehearsal.js");
  const evaluated = program.evaluate();
  program.open();
  await evaluated;
}

await rehearse();
// The first use of local time reads a file, which is out of reach once the engine has closed the box.
new Date().getTimezoneOffset();
await lockdown();
send({ type: "ready" });
