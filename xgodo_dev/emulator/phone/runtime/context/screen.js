// What `agent.utils` does with the screen: taps at random points, and waits for nodes. On a device these are
// the app's own work; here they are made of what a program could do itself.
(function installScreenUtils(kit) {
  "use strict";

  const PATIENCE = 30_000;
  const INTERVAL = 500;

  const { random } = Math;
  const { now } = Date;
  const tap = kit.asking(() => undefined)("agent.actions.tap");

  const between = (from, to) => from + random() * (to - from);

  // Nobody has to wait for it, so a refusal can't be a rejection: nobody would handle that either.
  const randomClick = async (x1, y1, x2, y2) => {
    try {
      await tap(between(x1, x2), between(y1, y2));
    } catch (error) {
      kit.host.log("warn", `randomClick did nothing: ${kit.format(error.message)}`);
    }
  };

  const waitUntil = async (isThere, condition, patience = PATIENCE, interval = INTERVAL) => {
    const deadline = now() + +patience;
    for (;;) {
      if (kit.holds(await kit.screenContent(), condition) === isThere) return true;
      if (!(now() < deadline)) return false; // Also when it is not a number.
      await kit.sleep(interval);
    }
  };

  kit.gestures = { randomClick, randomSwipe: kit.rejecting("agent.utils.randomSwipe") };
  kit.waiting = {
    waitForNode: (condition, patience, interval) => waitUntil(true, condition, patience, interval),
    waitForNodeGone: (condition, patience, interval) => waitUntil(false, condition, patience, interval),
  };
});
