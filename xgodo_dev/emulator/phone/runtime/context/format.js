// Makes text of what a program hands to `console`: strings as they are, errors by their stack, objects
// much like JSON. Getters and proxies are the program's code, so anything read may throw.
(function installFormat(kit) {
  "use strict";

  const MOST_DEPTH = 6;
  const MOST_ENTRIES = 100;
  const MOST_TEXT = 70_000; // The host cuts at 64 Ki; no use in making more.

  const { Error } = globalThis;
  const { ownKeys, getPrototypeOf } = Reflect;
  const { getOwnPropertyDescriptor, hasOwn, is } = Object;
  const { isArray } = Array;
  const { stringify } = JSON;
  const { isView } = ArrayBuffer;
  const text = String;
  const isInteger = Number.isInteger;
  const objectText = kit.uncurry(Object.prototype.toString);
  const dateText = kit.uncurry(Date.prototype.toISOString);
  const regexpText = kit.uncurry(RegExp.prototype.toString);
  const errorText = kit.uncurry(Error.prototype.toString);
  const split = kit.uncurry(String.prototype.split);
  const includes = kit.uncurry(String.prototype.includes);
  const mapSize = kit.uncurry(getOwnPropertyDescriptor(Map.prototype, "size").get);
  const setSize = kit.uncurry(getOwnPropertyDescriptor(Set.prototype, "size").get);
  const mapEach = kit.uncurry(Map.prototype.forEach);
  const setEach = kit.uncurry(Set.prototype.forEach);
  const matches = kit.uncurry(RegExp.prototype.exec);
  const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

  const attempt = (read, otherwise) => {
    try {
      return read();
    } catch {
      return otherwise;
    }
  };

  // Frames of this runtime say nothing about the program.
  const isOwnFrame = (line) =>
    includes(line, "(xgodo:") || includes(line, "at xgodo:") || includes(line, "node:internal");

  const withoutOwnFrames = (stack) => {
    const lines = split(stack, "\n");
    let kept = lines[0];
    for (let place = 1; place < lines.length; place++) {
      if (!isOwnFrame(lines[place])) kept += `\n${lines[place]}`;
    }
    return kept;
  };

  const isError = (value) => {
    for (let step = value, depth = 0; step !== null && depth < 50; step = getPrototypeOf(step), depth++) {
      if (step === Error.prototype) return true;
    }
    return objectText(value) === "[object Error]";
  };

  const formatError = (error, path) => {
    const title = attempt(() => errorText(error), "Error");
    const stack = attempt(() => error.stack, undefined);
    // V8 writes the stack when the error is made; the message may have been changed since.
    const described = typeof stack === "string" && stack !== "" ? withoutOwnFrames(stack) : title;
    const cause = attempt(() => (hasOwn(error, "cause") ? error.cause : undefined), undefined);
    if (cause === undefined || path.length >= MOST_DEPTH) return described;
    return `${described}\nCaused by: ${formatValue(cause, grow(path, error))}`;
  };

  const formatFunction = (value) => {
    const name = attempt(() => value.name, "");
    return typeof name === "string" && name !== "" ? `[Function: ${name}]` : "[Function]";
  };

  const grow = (path, value) => {
    const longer = { __proto__: null, length: path.length + 1 };
    for (let place = 0; place < path.length; place++) longer[place] = path[place];
    longer[path.length] = value;
    return longer;
  };

  const contains = (path, value) => {
    for (let place = 0; place < path.length; place++) if (path[place] === value) return true;
    return false;
  };

  const formatKey = (key) => {
    if (typeof key === "symbol") return `[${text(key)}]`;
    return matches(IDENTIFIER, key) ? key : stringify(key);
  };

  const formatProperty = (value, key, path) => {
    const property = getOwnPropertyDescriptor(value, key);
    if (property === undefined) return "undefined";
    return "value" in property ? formatValue(property.value, path) : "[Getter]";
  };

  /** Joins up to MOST_ENTRIES results of `entry(place)`. */
  const listed = (count, entry) => {
    let written = "";
    for (let place = 0; place < count; place++) {
      if (place === MOST_ENTRIES || written.length > MOST_TEXT) return `${written}, … ${count - place} more`;
      written += place === 0 ? entry(place) : `, ${entry(place)}`;
    }
    return written;
  };

  const formatArray = (value, path) =>
    `[${listed(value.length, (place) => formatProperty(value, text(place), path))}]`;

  const formatCollection = (name, size, each, value, path) => {
    const entries = [];
    each(value, (item, key) => {
      if (entries.length > MOST_ENTRIES) return;
      const shown = formatValue(item, path);
      entries[entries.length] = name === "Map" ? `${formatValue(key, path)} => ${shown}` : shown;
    });
    return `${name}(${size}) {${listed(size, (place) => entries[place])}}`;
  };

  const formatRecord = (value, path) => {
    const keys = ownKeys(value);
    const shown = [];
    for (let place = 0; place < keys.length; place++) {
      const property = getOwnPropertyDescriptor(value, keys[place]);
      if (property !== undefined && property.enumerable) shown[shown.length] = keys[place];
    }
    const body = listed(
      shown.length,
      (place) => `${formatKey(shown[place])}: ${formatProperty(value, shown[place], path)}`,
    );
    const constructor = attempt(() => getPrototypeOf(value)?.constructor?.name, "");
    const isNamed = typeof constructor === "string" && constructor !== "" && constructor !== "Object";
    return `${isNamed ? `${constructor} ` : ""}{${body === "" ? "" : ` ${body} `}}`;
  };

  const formatObject = (value, path) => {
    if (contains(path, value)) return "[Circular]";
    if (isError(value)) return formatError(value, path);
    if (path.length >= MOST_DEPTH) return isArray(value) ? "[Array]" : "[Object]";
    const inside = grow(path, value);
    if (isArray(value)) return formatArray(value, inside);
    if (isView(value) && isInteger(value.length)) return `${objectText(value)} ${formatArray(value, inside)}`;
    const size = attempt(() => mapSize(value), undefined);
    if (size !== undefined) return formatCollection("Map", size, mapEach, value, inside);
    const members = attempt(() => setSize(value), undefined);
    if (members !== undefined) return formatCollection("Set", members, setEach, value, inside);
    const date = attempt(() => dateText(value), undefined);
    if (date !== undefined) return date;
    if (objectText(value) === "[object RegExp]") return attempt(() => regexpText(value), "[RegExp]");
    return formatRecord(value, inside);
  };

  const formatValue = (value, path) => {
    if (typeof value === "string") return stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return formatFunction(value);
    if (typeof value === "object" && value !== null) {
      return attempt(() => formatObject(value, path), "[Unreadable]");
    }
    return is(value, -0) ? "-0" : text(value);
  };

  const nowhere = { __proto__: null, length: 0 };

  /** Text of one argument of `console.log`, or of something thrown that nobody caught. */
  kit.format = (value) => (typeof value === "string" ? value : formatValue(value, nowhere));

  /** The first line of that. */
  kit.summary = (value) => split(kit.format(value), "\n")[0];
});
