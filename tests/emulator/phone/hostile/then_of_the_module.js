// The host waits for the end of a module's evaluation by a promise of the program's realm.
const native = Promise.prototype.then;
Promise.prototype.then = function (...callbacks) {
  for (const callback of callbacks) visit(callback, "callback of then");
  return native.apply(this, callbacks);
};
Object.defineProperty(Promise.prototype, "constructor", {
  get() { visit(this, "this of constructor"); return Promise; },
});
Object.defineProperty(Promise, Symbol.species, {
  get() { visit(this, "this of species"); return Promise; },
});
visit(globalThis, "globalThis");
await agent.actions.goHome();
await sleep(5);
