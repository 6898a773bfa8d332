// Runs a bundle and reports how the run ends, in marked log lines. Plain ES2017: nothing translates this file.
(function (mark, bundleFile, body) {
  "use strict";
  // Bound now: the automation may replace console.log later.
  const log = console.log.bind(console);
  const then = Promise.prototype.then;
  // Where the engine keeps its globals between runs, wrap the originals and not the previous run's wrappers.
  const original = Symbol.for("xgodo-dev.original");
  // The engine's own name for this script, to tell its frames from the host's.
  const place = /([^\s(@,]+?):\d+(?::\d+)?\)?$/m.exec(new Error().stack || "");
  // Rejections whose .finally callback is running now: a stop called from there ends a failed run.
  const failures = new Set();
  let ended = false;
  let stop = null;

  function send(report) {
    log(mark + JSON.stringify(report));
  }

  function describe(error) {
    let text;
    let stack = null;
    try {
      const plain = typeof error === "object" && error !== null && typeof error.stack !== "string";
      text = (plain && JSON.stringify(error)) || String(error);
      if (error && typeof error.stack === "string") stack = error.stack;
    } catch (unprintable) {
      text = text || "an error that can't be printed";
    }
    if (stack !== null && place !== null) stack = stack.split(place[1] + ":").join(bundleFile + ":");
    // Of a long message the beginning is told, and of the frames behind it those that are nearest.
    if (stack !== null && stack.length > 8000) {
      const frames = stack.search(/(?:\n    at .*)+$/);
      const kept = frames < 0 ? "" : stack.slice(frames, frames + 4000);
      stack = stack.slice(0, frames < 0 ? 8000 : Math.min(frames, 4000)) + kept;
    }
    return { error: text.slice(0, 4000), stack };
  }

  function reportEnd(failure) {
    if (ended) return;
    ended = true;
    if (failure) send(Object.assign({ event: "end", status: "failed" }, describe(failure.reason)));
    else send({ event: "end", status: "success" });
  }

  function fail(reason) {
    if (ended) return;
    reportEnd({ reason });
    if (stop !== null) stop();
  }

  // Automations call it unbound (as a .finally callback) and more than once.
  function wrapStop(wrapped, owner) {
    const real = wrapped[original] || wrapped;
    const wrapper = function stopCurrentAutomation() {
      reportEnd(failures.values().next().value);
      return real.apply(owner, arguments);
    };
    wrapper[original] = real;
    if (stop === null) stop = wrapper;
    return wrapper;
  }

  // Host objects may be read-only: then the run's end is not reported, but the automation works as ever.
  try {
    const control = agent.control;
    if (typeof control.stopCurrentAutomation === "function")
      control.stopCurrentAutomation = wrapStop(control.stopCurrentAutomation, control);
  } catch (unavailable) {}
  try {
    if (typeof stopCurrentAutomation === "function")
      stopCurrentAutomation = wrapStop(stopCurrentAutomation, undefined);
  } catch (unavailable) {}

  const prototype = Promise.prototype;
  if (typeof prototype.finally === "function") {
    const realFinally = prototype.finally[original] || prototype.finally;
    const wrapper = function (callback) {
      if (typeof callback !== "function" || !(this instanceof Promise)) return realFinally.call(this, callback);
      let failure = null;
      // Registered before the real one, so it runs before the callback.
      then.call(this, undefined, function (reason) {
        failure = { reason };
      });
      return realFinally.call(this, function () {
        if (failure === null) return callback();
        const settled = function () {
          failures.delete(failure);
        };
        failures.add(failure);
        let result;
        try {
          result = callback();
        } finally {
          if (result instanceof Promise) then.call(result, settled, settled);
          else settled();
        }
        return result;
      });
    };
    wrapper[original] = realFinally;
    Object.defineProperty(prototype, "finally", { value: wrapper, writable: true, configurable: true });
  }

  if (typeof addEventListener === "function") {
    addEventListener("unhandledrejection", function (event) {
      fail(event.reason);
    });
    // Thrown by what no promise waits for, such as the function of a timer.
    addEventListener("error", function (event) {
      fail(event.error === undefined ? event.message : event.error);
    });
  }

  (async function () {
    try {
      await body();
    } catch (error) {
      fail(error);
      // Where no stop ended the run, the host still gets to see the error.
      throw error;
    }
    if (!ended) send({ event: "body-done" });
  })();
})
