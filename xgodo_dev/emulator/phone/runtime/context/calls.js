// What a program asks of the phone and of the platform behind it: the host answers each call once, by text.
// Also what becomes of calls that are documented but not simulated.
(function installCalls(kit) {
  "use strict";

  const { stringify } = JSON;
  const { Error, Promise } = globalThis;
  const mapGet = kit.uncurry(Map.prototype.get);
  const mapSet = kit.uncurry(Map.prototype.set);
  const mapDelete = kit.uncurry(Map.prototype.delete);
  const pending = new Map();
  let lastCall = 0;

  /** Asks for what a call of `path` does on a device. `receive` makes the result of the answer's JSON. */
  kit.ask = (path, values, receive) =>
    new Promise((resolve, reject) => {
      const id = ++lastCall;
      const described = stringify(values);
      mapSet(pending, id, { __proto__: null, receive, resolve, reject });
      kit.host.call(id, path, described);
    });

  /** The host calls this when what `ask` asked for is done, or refused. */
  kit.settle = (id, succeeded, payload) => {
    const call = mapGet(pending, id);
    if (call === undefined) return;
    mapDelete(pending, id);
    if (succeeded) call.resolve(call.receive(payload));
    else call.reject(new Error(payload));
  };

  const notSimulatedError = (path) => new Error(`${path} is not simulated yet`);

  /** Rejects: nearly everything on a device answers with a promise. */
  kit.notSimulated = async (path) => {
    throw notSimulatedError(path);
  };

  // How functions are made from their paths:

  kit.methods = (path, names, make) => {
    const methods = {};
    for (const name of names) methods[name] = make(`${path}.${name}`);
    return methods;
  };
  kit.rejecting = (path) => () => kit.notSimulated(path);
  kit.throwing = (path) => () => {
    throw notSimulatedError(path);
  };
  kit.asking =
    (receive) =>
    (path) =>
    (...values) =>
      kit.ask(path, values, receive);
});
