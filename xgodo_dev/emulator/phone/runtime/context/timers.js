// Timers, `queueMicrotask` and `sleep`. The host keeps time and knows timers by number only.
(function installTimers(kit) {
  "use strict";

  const MOST_DELAY = 2_147_483_647;

  const timers = new Map();
  const mapGet = kit.uncurry(Map.prototype.get);
  const mapSet = kit.uncurry(Map.prototype.set);
  const mapDelete = kit.uncurry(Map.prototype.delete);
  const { random } = Math;
  const { Promise, TypeError } = globalThis;
  let lastTimer = 0;

  const delayOf = (given) => {
    const ms = +given;
    if (!(ms >= 1)) return 1; // Also what is not a number.
    return ms > MOST_DELAY ? MOST_DELAY : ms;
  };

  const start = (callback, delay, values, repeats) => {
    if (typeof callback !== "function") throw new TypeError("A timer needs a function to call");
    const ms = delayOf(delay);
    const id = ++lastTimer;
    mapSet(timers, id, { __proto__: null, callback, values, repeats });
    kit.host.startTimer(id, ms, repeats);
    return id;
  };

  const stop = (id) => {
    if (typeof id === "number" && mapDelete(timers, id)) kit.host.stopTimer(id);
  };

  const run = (callback, values) => {
    try {
      kit.apply(callback, undefined, values);
    } catch (error) {
      kit.uncaught("error", error);
    }
  };

  /** The host calls this when a timer is due. */
  kit.fire = (id) => {
    const timer = mapGet(timers, id);
    if (timer === undefined) return;
    if (!timer.repeats) stop(id);
    run(timer.callback, timer.values);
  };

  const inMicrotask = async (callback) => {
    await undefined;
    run(callback, []);
  };

  kit.sleep = (ms, most) =>
    new Promise((resolve) => {
      const least = +ms;
      start(resolve, most === undefined ? least : least + random() * (most - least), [], false);
    });

  kit.define("setTimeout", (callback, delay, ...values) => start(callback, delay, values, false));
  kit.define("setInterval", (callback, delay, ...values) => start(callback, delay, values, true));
  kit.define("clearTimeout", stop);
  kit.define("clearInterval", stop);
  kit.define("queueMicrotask", (callback) => {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask needs a function to call");
    inMicrotask(callback);
  });
  kit.define("sleep", kit.sleep);
});
