// What the scripts of this folder share. They run inside the realm that programs run in, before any
// program does, and each is a function that is called once.
//
// Two rules keep the host out of a program's reach. Nothing but text and numbers crosses to the host, and
// no object of the host (its functions, what they throw) is ever stored where a program can get at it.
// And nothing here looks up a global, or a method on a prototype, once a program runs, since the program may
// have replaced it: globals are taken now, and methods off their prototypes, by `uncurry`. For the same reason
// a property descriptor has no prototype: `Object.prototype.get` would be taken for part of it.
(function createKit(hostLog, hostCrash, hostCall, hostStartTimer, hostStopTimer, hostStop) {
  "use strict";

  const { Error, Reflect, Object } = globalThis;
  const { apply, defineProperty } = Reflect;
  const { create } = Object;

  const uncurry =
    (method) =>
    (self, ...rest) =>
      apply(method, self, rest);

  // Passing many arguments needs room on the stack. When a program has used it up, the call fails here, by
  // the realm's own RangeError, and not halfway through something the host or Node.js is changing.
  const ROOM = new Array(4096).fill(0);
  const nothing = () => {};

  const guard = (operation) => (first, second, third) => {
    apply(nothing, undefined, ROOM);
    try {
      operation(first, second, third);
    } catch {
      // What the host throws is an object of the host.
      throw new Error("The simulated device could not do that.");
    }
  };

  const define = (name, value) => {
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  };

  // For errors made while the host is on the stack: a stack would show paths of this machine.
  const { prototype } = Error;
  const adoptedError = (message) =>
    create(prototype, {
      __proto__: null,
      message: { __proto__: null, value: message, writable: true, configurable: true },
      stack: { __proto__: null, value: `Error: ${message}`, writable: true, configurable: true },
    });

  return {
    __proto__: null,
    apply,
    define,
    uncurry,
    host: {
      __proto__: null,
      log: guard(hostLog),
      crash: guard(hostCrash),
      call: guard(hostCall),
      startTimer: guard(hostStartTimer),
      stopTimer: guard(hostStopTimer),
      stop: guard(hostStop),
    },
    adoptedError,
    refusedImport: (specifier) =>
      adoptedError(`import("${specifier}") is not simulated yet: import the file at the top of the module`),
  };
});
