// @ts-check
// Makes the host's own realm worthless to a program that gets hold of one of its objects after all. It
// must find no way from there to code, to `process`, or to anything the host will use later.

import process from "node:process";
import vm from "node:vm";

// What Node.js itself looks up there when it runs timers and promises, reads input, and reports errors.
const KEPT_OF_PROCESS = new Set([
  "nextTick",
  "emitWarning",
  "exitCode",
  "_exiting",
  "_events",
  "_eventsCount",
  "_maxListeners",
  "_fatalException",
]);

/** No function of the host's realm is of any use afterwards, except to code that kept it before. */
export async function lockdown() {
  const intrinsics = collectIntrinsics(await errorOfNode());
  stripGlobals();
  stripProcess();
  for (const intrinsic of intrinsics) {
    // The way from any object to `Function`, which makes code.
    if (Object.hasOwn(intrinsic, "constructor")) Reflect.deleteProperty(intrinsic, "constructor");
  }
  const { freeze } = Object;
  for (const intrinsic of intrinsics) freeze(intrinsic);
}

/**
 * The error of Node.js that a program can get to see: `import()` in code that belongs to no script, made
 * by `Promise.resolve("import('x')").then(eval)`, is refused by Node.js before it asks us.
 */
async function errorOfNode() {
  try {
    return await vm.runInThisContext("import('x')");
  } catch (error) {
    return error;
  }
}

/**
 * Everything the language itself puts into a realm, found by walking.
 * @param {...unknown} others
 */
function collectIntrinsics(...others) {
  const asyncGenerator = async function* () {};
  const roots = [
    ...others,
    ...languageGlobals(),
    new Error(), // In newer versions of V8 its stack is a getter.
    function* () {},
    async () => {},
    asyncGenerator,
    asyncGenerator(),
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ""[Symbol.iterator](),
    "".matchAll(/a/g),
    Object.getPrototypeOf(Int8Array),
  ].map((root) => (typeof root === "function" && !isBuiltIn(root) ? Object.getPrototypeOf(root) : root));
  const seen = new Set();
  const waiting = [...roots];
  while (waiting.length > 0) {
    const value = waiting.pop();
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    if (!isObject || seen.has(value) || value === globalThis || value === process) continue;
    seen.add(value);
    waiting.push(Object.getPrototypeOf(value));
    for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) {
      waiting.push(property.value, property.get, property.set);
    }
    for (const symbol of Object.getOwnPropertySymbols(value)) {
      const property = Object.getOwnPropertyDescriptor(value, symbol);
      waiting.push(property?.value, property?.get, property?.set);
    }
  }
  return seen;
}

/** @param {Function} value */
function isBuiltIn(value) {
  return Function.prototype.toString.call(value).includes("[native code]");
}

function languageGlobals() {
  return languageNames().map((name) => Reflect.get(globalThis, name));
}

function languageNames() {
  return [
    "Object", "Function", "Array", "Number", "Boolean", "String", "Symbol", "Date", "Promise", "RegExp",
    "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError",
    "JSON", "Math", "Intl", "ArrayBuffer", "SharedArrayBuffer", "Atomics", "DataView", "Uint8Array", "Int8Array",
    "Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Float32Array", "Float64Array",
    "Uint8ClampedArray", "BigUint64Array", "BigInt64Array", "Map", "BigInt", "Set", "WeakMap", "WeakSet",
    "WeakRef", "Proxy", "Reflect", "FinalizationRegistry", "eval", "parseFloat", "parseInt", "isNaN", "isFinite",
  ].filter((name) => name in globalThis);
}

/** Leaves the language's own names, and no `process`, `fetch`, `WebSocket` or `WebAssembly`. */
function stripGlobals() {
  const kept = new Set([...languageNames(), "globalThis", "undefined", "NaN", "Infinity"]);
  for (const key of Reflect.ownKeys(globalThis)) {
    if (!kept.has(/** @type {string} */ (key))) Reflect.deleteProperty(globalThis, key);
  }
}

function stripProcess() {
  for (const key of Reflect.ownKeys(process)) {
    if (typeof key === "string" && !KEPT_OF_PROCESS.has(key)) Reflect.deleteProperty(process, key);
  }
}
