// `console`: every call becomes one line of the run's log.
(function installConsole(kit) {
  "use strict";

  const levels = { __proto__: null, log: "log", info: "log", debug: "log", trace: "log", warn: "warn", error: "error" };

  const writer = (level) =>
    function (...values) {
      let message = "";
      for (let place = 0; place < values.length; place++) {
        message += place === 0 ? kit.format(values[place]) : ` ${kit.format(values[place])}`;
      }
      kit.host.log(level, message);
    };

  const console = {};
  for (const name in levels) {
    const write = writer(levels[name]);
    Object.defineProperty(write, "name", { value: name });
    console[name] = write;
  }
  kit.define("console", console);
});
