// Everything the runtime may use is replaced by something that keeps what it is given.
const taken = [];
const { apply, ownKeys } = Reflect;
const take = (value) => {
  if (taken.length < 20_000) taken[taken.length] = value;
};
const spy = (target, key) => {
  const property = Object.getOwnPropertyDescriptor(target, key);
  if (!property?.configurable || typeof property.value !== "function") return;
  const original = property.value;
  Object.defineProperty(target, key, {
    ...property,
    value: function (...values) {
      take(this);
      for (let place = 0; place < values.length; place++) take(values[place]);
      return apply(original, this, values);
    },
  });
};
const targets = [Array.prototype, Promise.prototype, Map.prototype, Set.prototype, String.prototype, RegExp.prototype,
  Function.prototype, Error.prototype, Date.prototype, JSON, Reflect, Promise, Array, Number, Math, Object, Map];
for (const target of targets) for (const key of ownKeys(target)) if (key !== "constructor") spy(target, key);
const added = ["toJSON", "get", "set", "then", "level", "code"];
const accessor = { __proto__: null, configurable: true, get() { take(this); }, set(value) { take(value); } };
for (const key of added) Object.defineProperty(Object.prototype, key, accessor);

let working = 0;
console.log("ok", { a: [1, new Map([[1, 2]])] }, new Error("shown"));
setTimeout(() => { working += 1; }, 1);
queueMicrotask(() => { working += 1; });
await agent.actions.goHome();
await agent.actions.tap("x").catch(() => { working += 1; });
const screen = await agent.actions.screenContent();
working += screen.allNodes().length > 1 ? 1 : 0;
await import("fs").catch(() => { working += 1; });
const kept = await agent.utils.deviceBucket.set({ a: { b: [1] } });
working += kept.deviceBucket.a.b[0];
working += (await agent.utils.bucket.get()).success === false ? 1 : 0;
working += (await agent.utils.waitForNode((node) => node.clickable, 100, 10)) ? 1 : 0;
const icon = (await agent.actions.screenContent()).findTextOne("Notes");
working += (await icon.performAction(agent.constants.ACTION_CLICK)).actionPerformed ? 1 : 0;
await icon.randomClick();
take(kept);
await sleep(5);
for (const key of added) delete Object.prototype[key];

// With this little works in any realm, but nothing leaks.
for (const key of ["0", "1"]) Object.defineProperty(Object.prototype, key, accessor);
console.log("ok", { a: [1, [2]] });
addEventListener("error", () => {});
const gone = await agent.actions.tap("x").catch((error) => error);
take(await agent.utils.deviceBucket.get());
take(await agent.utils.job.submitTask("success", { a: 1 }));
const searched = (await agent.actions.screenContent()).allNodes();
for (const key of ["0", "1"]) delete Object.prototype[key];
take(gone);
take(searched);

if (working !== 9) findings.push("only " + working + " of 9 things work");
for (const value of [...taken]) visit(value, "taken");
