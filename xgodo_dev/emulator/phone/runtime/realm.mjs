// @ts-check
// The realm programs run in. It holds what the language has and what the scripts of `context/` put there,
// all of it made inside.

import { readFileSync } from "node:fs";
import vm from "node:vm";

const SCRIPTS = [
  "format.js",
  "console.js",
  "events.js",
  "timers.js",
  "calls.js",
  "nodes.js",
  "node_filter.js",
  "screen.js",
  "constants.js",
  "agent.js",
];

/**
 * What the host may call inside. Every argument has to be text, a number or something of that realm.
 * @typedef {object} Kit
 * @property {(id: number) => void} fire
 * @property {(id: number, succeeded: boolean, payload: string) => void} settle
 * @property {(args: string, automation: string, device: string) => void} begin
 * @property {(type: "error" | "unhandledrejection", thrown: unknown) => void} uncaught
 * @property {(specifier: string) => Error} refusedImport
 * @property {(message: string) => Error} adoptedError
 */

/**
 * @typedef {object} Operations
 * @property {(level: unknown, message: unknown) => void} log
 * @property {(message: unknown) => void} crash
 * @property {(id: unknown, name: unknown, args: unknown) => void} call
 * @property {(id: unknown, ms: unknown, repeats: unknown) => void} startTimer
 * @property {(id: unknown) => void} stopTimer
 * @property {() => void} stop
 */

/**
 * @param {Operations} host
 * @returns {{ context: vm.Context, kit: Kit }}
 */
export function createRealm(host) {
  // Without a prototype: a name the global object lacks is looked up on this object, and
  // `Object.prototype` would be the host's.
  const context = vm.createContext(Object.create(null), {
    name: "program",
    codeGeneration: { strings: true, wasm: false },
  });
  const createKit = run("kit.js", context, () => {
    throw new Error("Nothing imports while the realm is made");
  });
  /** @type {Kit} */
  const kit = createKit(host.log, host.crash, host.call, host.startTimer, host.stopTimer, host.stop);
  for (const name of SCRIPTS) run(name, context, refuseImport(kit))(kit);
  return { context, kit };
}

/**
 * Answers `import()` with an error of the program's realm.
 * @param {Kit} kit
 * @returns {(specifier: string) => never}
 */
export function refuseImport(kit) {
  return (specifier) => {
    throw kit.refusedImport(specifier);
  };
}

/**
 * @param {string} name
 * @param {vm.Context} context
 * @param {(specifier: string) => never} importModuleDynamically
 */
function run(name, context, importModuleDynamically) {
  const text = readFileSync(new URL(`context/${name}`, import.meta.url), "utf8");
  const script = new vm.Script(text, { filename: `xgodo:${name}`, importModuleDynamically });
  return script.runInContext(context);
}
