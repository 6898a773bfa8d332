// `addEventListener` of the global object, for the two events a run can have, and what follows when
// nobody handles them.
(function installEvents(kit) {
  "use strict";

  const listeners = { __proto__: null, error: [], unhandledrejection: [] };
  const realm = globalThis;
  const indexOf = kit.uncurry(Array.prototype.indexOf);
  const splice = kit.uncurry(Array.prototype.splice);
  const slice = kit.uncurry(Array.prototype.slice);

  const addEventListener = (type, listener) => {
    const registered = listeners[type];
    if (registered === undefined || listener === null || listener === undefined) return;
    if (indexOf(registered, listener) >= 0) return;
    registered[registered.length] = listener;
  };

  const removeEventListener = (type, listener) => {
    const registered = listeners[type];
    const place = registered === undefined ? -1 : indexOf(registered, listener);
    if (place >= 0) splice(registered, place, 1);
  };

  const createEvent = (type, thrown) => {
    const event = {
      type,
      message: kit.summary(thrown),
      defaultPrevented: false,
      preventDefault() {
        event.defaultPrevented = true;
      },
    };
    event[type === "error" ? "error" : "reason"] = thrown;
    return event;
  };

  const call = (listener, event) => {
    if (typeof listener === "function") kit.apply(listener, realm, [event]);
    else kit.apply(listener.handleEvent, listener, [event]);
  };

  /** Ends the run, unless a listener takes responsibility through `preventDefault`. */
  kit.uncaught = (type, thrown) => {
    const event = createEvent(type, thrown);
    const registered = slice(listeners[type]);
    for (let place = 0; place < registered.length; place++) {
      try {
        call(registered[place], event);
      } catch (error) {
        // A second failure must not hide the first.
        kit.host.log("error", `A listener for "${type}" failed: ${kit.format(error)}`);
      }
    }
    if (event.defaultPrevented === true) return;
    const where = type === "error" ? "Uncaught" : "Uncaught (in promise)";
    kit.host.crash(`${where} ${kit.format(thrown)}`);
  };

  kit.define("addEventListener", addEventListener);
  kit.define("removeEventListener", removeEventListener);
});
