// Stacks tell which functions are running, and where their files are.
const files = new Set();
function look(sites, name) {
  if (typeof sites === "string") { files.add(sites); return; }
  visit(sites, name);
  for (const site of sites) {
    for (const method of Reflect.ownKeys(Object.getPrototypeOf(site))) {
      const got = attempt(() => site[method]());
      if (typeof got === "string") files.add(got);
      visit(got, name + "." + String(method));
    }
  }
}
const RealError = Error;
for (const Place of [Error, { prepareStackTrace: null }]) {
  globalThis.Error = Place;
  Place.prepareStackTrace = (error, sites) => { visit(error, "prepared"); return sites; };
  look(new RealError().stack, "here");
  look(await new Promise((done) => setTimeout(() => done(new RealError().stack), 1)), "timer");
  look(await new Promise((done) => queueMicrotask(() => done(new RealError().stack))), "microtask");
  look(await import("fs").catch((error) => error.stack), "import()");
  look(await agent.actions.tap("x").catch((error) => error.stack), "action");
  look(await new Promise((done) => {
    Object.defineProperty(Object.prototype, "then", {
      configurable: true,
      get() { delete Object.prototype.then; done(new RealError().stack); },
    });
    agent.actions.screenContent();
  }), "then");
  Place.prepareStackTrace = undefined;
}
globalThis.Error = RealError;
Error.stackTraceLimit = 100;
files.add(await new Promise((done) => setTimeout(() => done(new Error().stack), 1)));
files.add(await import("fs").catch((error) => error.stack));
files.add(await agent.actions.swipe().catch((error) => error.stack));
visit(globalThis, "globalThis");
for (const file of files) if (/file:|main\.mjs|[\\/]runtime[\\/]/.test(file)) findings.push("a path: " + file);
