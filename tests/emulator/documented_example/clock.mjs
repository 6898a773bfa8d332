// A clock for the documented example, which polls every 2 s and stops after a minute: the next turn of an
// interval begins a little after the last has ended, and the minute is over when stdin ends.
const MINUTE = 60_000;
const pause = globalThis.setTimeout;

globalThis.setInterval = (turn) => {
  const interval = { open: true };
  const run = async () => {
    if (interval.open) {
      await turn();
      pause(run, 20);
    }
  };
  pause(run, 20);
  return interval;
};

globalThis.clearInterval = (interval) => {
  interval.open = false;
};

const elapsed = new Promise((resolve) => process.stdin.once("end", resolve).resume());

// Node.js's own fetch sets timeouts too, and those stay.
globalThis.setTimeout = (callback, milliseconds, ...rest) => {
  if (milliseconds !== MINUTE) {
    return pause(callback, milliseconds, ...rest);
  }
  void elapsed.then(callback);
};
