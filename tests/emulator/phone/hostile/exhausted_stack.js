// With no stack left, calls fail in places where nobody expects it. Where that is inside Node.js, such as when
// it writes `error.stack`, the error is one of its realm.
const caught = new Set();
function deeper(call) {
  try { deeper(call); } catch (error) { caught.add(error); }
  try { call(); } catch (error) { caught.add(error); }
}
for (const call of [
  () => { setTimeout(() => {}, 1); },
  () => { agent.actions.goHome().catch((error) => caught.add(error)); },
  () => { agent.actions.screenContent().catch((error) => caught.add(error)); },
  () => { agent.utils.deviceBucket.set({ a: 1 }).catch((error) => caught.add(error)); },
  () => { agent.utils.randomClick(1, 2, 3, 4).catch((error) => caught.add(error)); },
  () => { agent.utils.waitForNode(() => true).catch((error) => caught.add(error)); },
  () => { import("fs").catch((error) => caught.add(error)); },
  () => { sleep(1).catch((error) => caught.add(error)); },
  () => { queueMicrotask(() => {}); },
  () => { clearTimeout(setInterval(() => {}, 1)); },
  () => { new Error().stack; },
]) {
  try { deeper(call); } catch (error) { caught.add(error); }
}
await sleep(50);
let count = 0;
for (const error of caught) if (count++ < 2000 || isForeign(error)) visit(error, "caught", true);
