// Comes before each program of this folder: looks at every object reachable from a root. Is it of this realm,
// and does any function lead to `process`?
const { Error: NativeError, Promise: NativePromise } = globalThis;
const findings = [];
const seen = new Set();
const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
const attempt = (call) => { try { return call(); } catch (error) { return error; } };

function isForeign(value) {
  if (!isObject(value)) return false;
  for (let step = value; step !== null; step = Object.getPrototypeOf(step)) {
    if (step === Object.prototype) return false;
    const next = Object.getPrototypeOf(step);
    // `Object.prototype` of another realm is recognised by what only such objects have.
    if (next === null) return Object.hasOwn(step, "hasOwnProperty");
  }
  return false;
}

function tryMaker(maker, path) {
  for (const code of ["return process", "return require", "return this.process"]) {
    const made = attempt(() => maker(code)());
    if (made === undefined || made instanceof NativeError || isPromiseOrGenerator(made)) continue;
    findings.push("escape by " + path);
  }
  if (isForeign(attempt(() => maker("return globalThis")()))) findings.push("another realm by " + path);
}

// What an AsyncFunction or GeneratorFunction makes, holding the failure.
function isPromiseOrGenerator(value) {
  if (value instanceof NativePromise) { value.catch(() => {}); return true; }
  return /Generator/.test(Object.prototype.toString.call(value));
}

function visit(root, name, mayBeForeign = false) {
  const waiting = [[root, name]];
  while (waiting.length > 0) {
    const [value, path] = waiting.pop();
    if (!isObject(value) || seen.has(value)) continue;
    seen.add(value);
    if (!mayBeForeign && isForeign(value)) findings.push("foreign " + path);
    if (typeof value === "function") {
      const maker = attempt(() => value.constructor);
      if (typeof maker === "function") tryMaker(maker, path);
      if (typeof maker?.constructor === "function") tryMaker(maker.constructor, path);
    }
    // Errors are made anew for each failure, so that changing one changes nothing else.
    if (mayBeForeign && isForeign(value) && Object.prototype.toString.call(value) !== "[object Error]") {
      for (const key of ["poisoned", "constructor", "then", "toString", "call"]) {
        if (Reflect.set(value, key, 1, value)) findings.push("poison " + path);
      }
    }
    waiting.push([Object.getPrototypeOf(value), path + ".__proto__"]);
    for (const key of Reflect.ownKeys(value)) {
      const property = attempt(() => Object.getOwnPropertyDescriptor(value, key));
      const inner = path + "." + String(key);
      waiting.push([property?.value, inner], [property?.get, inner + " get"], [property?.set, inner + " set"]);
      if (property?.get) waiting.push([attempt(() => property.get.call(value)), inner + "()"]);
    }
  }
}
