// Node.js itself refuses `import()` in code that belongs to no script, by an error of its own realm. That one
// object can be had; nothing follows from it.
for (const [make, code] of [[eval, "import('fs')"], [Function, "return import('fs')"]]) {
  const made = await Promise.resolve(code).then(make).catch((thrown) => thrown);
  const error = await Promise.resolve(typeof made === "function" ? made() : made).catch((thrown) => thrown);
  visit(error, "error", true);
}
visit(globalThis, "globalThis");
