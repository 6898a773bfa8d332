"""What the modules of random programs do. ``random_members`` says what the signs stand for.

Nothing prints the name of a function that a field holds: with esbuild's ``--keep-names`` it is called like
the field, while the language gives it no name. And nothing runs two chains of promises at once: how many
turns a lowered ``for await`` takes is not laid down.
"""

from __future__ import annotations

STATEMENTS: dict[str, str] = {
    "fields": """class Base_§n {
  log: string[] = [];
  kind?: string;
  constructor() {
    this.fill();
  }
  fill() {}
  set watched(value: number) {
    this.log.push(`watched ${value}`);
  }
}
class Derived_§n extends Base_§n {
  // Neither defines a field of its own: the platform's compiler assigns.
  override kind?: string;
  // @ts-ignore
  override watched = §k;
  override fill() {
    this.kind = "filled §j";
  }
}
console.log(`§p §m fields ${new Derived_§n().kind} ${new Derived_§n().log}`);""",
    "closures": """const calls_§n: (() => number)[] = [];
for (let turn = 0; turn < 3; turn++) calls_§n.push(() => turn++ * §k + (§e));
for (var shared_§n = 0; shared_§n < 2; shared_§n++) calls_§n.push(() => shared_§n);
console.log(`§p §m closures ${calls_§n.map((call) => call())} ${calls_§n.map((call) => call())}`);""",
    "labels": """outer_§n: for (const a of [1, 2, 3]) {
  for (const b of [1, 2, 3]) {
    if (b === §k) continue outer_§n;
    if (a * b > §j) break outer_§n;
    console.log(`§p §m labels ${a} ${b}`);
  }
}""",
    "destructuring": """const { first_§n = §e, ...rest_§n } = { second: §k, third: [§j, ...[1, 2]] } as any;
const [a_§n, , b_§n = first_§n, ...others_§n] = [...rest_§n.third, ..."xyz"];
console.log(`§p §m destructuring ${[first_§n, a_§n, b_§n, others_§n]}`);
console.log(`§p §m spread ${JSON.stringify({ ...rest_§n, a_§n, ...null })}`);""",
    "tagged": """const tag_§n = (strings: TemplateStringsArray, ...values: unknown[]) =>
  strings.raw.map((text, place) => text + "<" + (values[place] ?? "") + ">").join("");
const same_§n = [1, 2].map(() => ((strings: TemplateStringsArray) => strings)`x${0}`);
console.log(`§p §m tagged ${tag_§n`a\\n${§e}b\\u0041${§k}`} ${same_§n[0] === same_§n[1]}`);""",
    "operators": """let number_§n: any = 1_000 + 2 ** §k ** 2 + 0b1_1 + 0xf.toString().length;
number_§n **= 2;
let missing_§n: any = null;
missing_§n ??= { count: §j };
missing_§n.count ||= 7;
missing_§n.count &&= missing_§n.count + (§e);
console.log(`§p §m operators ${number_§n} ${missing_§n.count}`);
console.log(`§p §m powers ${-((§k - 2) ** 3)} ${7 % §k || 9}`);""",
    "optional": """const maybe_§n: any =
  §k % 2 ? { f: (x: number) => ({ x, self: { f: () => ({ x }) } }), list: [§j] } : undefined;
console.log(`§p §m optional ${maybe_§n?.f?.(§e).x} ${maybe_§n?.list?.[0]}`);
console.log(`§p §m deleted ${delete maybe_§n?.list} ${maybe_§n?.list?.[0].x.y}`);
console.log(`§p §m called ${maybe_§n?.f(1).self!.f(2)?.["x"]} ${(maybe_§n ?? 0) || "nothing"}`);""",
    "errors": """function risky_§n(x: number): string {
  try {
    if (x > 2) throw new RangeError(`too much ${x}`, { cause: §k });
    return "fine";
  } catch (error) {
    if (error instanceof RangeError) return `${error.message} ${error.cause}`;
    throw error;
  } finally {
    console.log(`§p §m finally ${x}`);
  }
}
try {
  console.log(`§p §m errors ${risky_§n(§k)}`);
  null!.nothing;
} catch {
  console.log(`§p §m caught`);
}""",
    "called": """class Same {
  static kind = this.name;
  static #count = §k;
  static {
    console.log(`§p §m called ${this.name}`);
  }
  static tell() {
    return `${this.name} ${Same.name} ${this.#count++}`;
  }
  made = new Same.Part().label;
  static Part = class Part {
    label = this.constructor.name;
  };
}
const arrow = () => {};
const named = function itself(): string {
  return named.name + itself.name;
};
const made = class {
  static kind = this.name;
};
function act(callback = () => {}) {
  return act.name + callback.name;
}
let assigned: any = null;
assigned ??= () => {};
const { taken = async () => {} } = {} as any;
const object = { act() {}, arrow: () => {}, [`made${§k}`]: () => {}, class: class {}, *flow() {} };
console.log(`§p §m called ${[Same.kind, Same.tell(), new Same().made, Same.tell.name]}`);
console.log(`§p §m called ${[arrow.name, named(), made.name, made.kind, act(), assigned.name, taken.name]}`);
console.log(`§p §m called ${Object.values(object).map((it) => it.name)} ${(() => {}).name}`);""",
    "regex": """const found_§n = /(?<year>\\d{4})-(?<month>\\d+)(?<=1§k?)/su.exec("2024-1§k");
console.log(`§p §m regex ${found_§n?.groups?.year} ${found_§n?.groups?.month}`);
console.log(`§p §m replaced ${"aXbX".replace(/x/gi, (x) => x + §j)}`);
console.log(`§p §m matches ${[..."a1b22".matchAll(/\\p{L}(\\d+)/gu)].map((one) => one[1])}`);""",
    "bigint": """const big_§n = 2n ** 64n + BigInt(§k) * 1_000n;
console.log(`§p §m bigint ${big_§n} ${typeof big_§n} ${big_§n % 7n === 2n}`);""",
    "enums": """enum Flags_§n {
  None,
  A = 1 << §k,
  B = A | §j,
  Text = "text",
  Size = "abc".length,
}
const enum Fixed_§n {
  X = §k * 2,
  Y,
}
console.log(`§p §m enums ${Flags_§n.B} ${Flags_§n[0]} ${Object.keys(Flags_§n)}`);
console.log(`§p §m constants ${Fixed_§n.Y} ${Fixed_§n["X"]}`);""",
    "accessors": """const key_§n = "computed";
const object_§n = {
  value: §k,
  get [key_§n]() {
    return this.value * 2;
  },
  set [key_§n](value: number) {
    this.value = value;
  },
  *[Symbol.iterator]() {
    yield this.value;
    yield* "ab";
  },
  __proto__: { inherited: §j },
};
object_§n.computed += §e;
console.log(`§p §m accessors ${object_§n.value} ${[...object_§n]} ${(object_§n as any).inherited}`);""",
    "types": """abstract class Typed_§n<T extends number = number> {
  declare ghost: T;
  protected constructor(protected readonly held: T) {}
  abstract show(): string;
}
class Shown_§n extends Typed_§n implements Iterable<number> {
  constructor(held: number, public extra?: string) {
    super(held);
  }
  show(): string;
  show(loud: boolean): string;
  show(loud?: boolean): string {
    return `${this.held!}${loud ? "!" : ""}${"ghost" in this}` satisfies string;
  }
  *[Symbol.iterator]() {
    yield this.held as number;
  }
}
console.log(`§p §m types ${new Shown_§n(<number>(§e)).show(true)} ${[...new Shown_§n(§k, "x")]}`);""",
    "switch": """const text_§n = ((x: number) => {
  let text = "";
  switch (x) {
    case 1: {
      const own = "one";
      text += own;
    }
    case 2:
      text += "two";
      break;
    default:
      text = "other";
    case 3:
      text += "three";
  }
  return text;
})(§k);
console.log(`§p §m switch ${text_§n} ${typeof hoisted_§n} ${early_§n()}`);
var hoisted_§n = 1;
function early_§n(this: unknown, x = () => arguments.length, ...more: number[]): string {
  return `${this === undefined} ${new.target === undefined} ${x()} ${more.length}`;
}""",
    "this": """function own_§n(this: unknown) {
  return typeof this;
}
console.log(`§p §m this ${typeof this} ${(() => typeof this)()} ${own_§n()} ${own_§n.call(§k)}`);""",
    # Names that a bundler likes to make itself.
    "names": """const __esm = §k, __export = §e, m1_exports = 2, init_m1 = §j;
const default_1 = 3, exports = 4, _a = 5;
const { require, module, __toESM } = { require: 7, module: 8, __toESM: 9 };
console.log(`§p §m names ${[__esm, __export, m1_exports, init_m1, default_1, exports, _a]}`);
console.log(`§p §m names ${[require, module, __toESM]}`);""",
    "text": """const joined_§n = "\\u{1F600}é\\x41\\
joined";
console.log(`§p §m text ${joined_§n} ${"\\0".length} ${"</script>"} ${'a"b'} ${"a\u2028b".length}`);
console.log(`§p §m raw ${`${String.raw`\\d${§k}`}`}`);""",
    "collections": """const held_§n = new Map<string, Set<number>>([["a", new Set([§k, §k, §j])]]);
const weak_§n = new WeakMap<object, number>([[held_§n, §e]]);
const sizes_§n = [...held_§n].map(([key, set]) => key + set.size);
console.log(`§p §m collections ${sizes_§n} ${weak_§n.get(held_§n)}`);""",
}

# Not allowed inside of functions.
NAMESPACE_STATEMENT = """function Merged_§n(x: number) {
  return x + Merged_§n.extra;
}
namespace Merged_§n {
  export const extra = §k;
  namespace Nested {
    export class Deep {
      value = extra + §j;
    }
  }
  export import Alias = Nested.Deep;
}
console.log(`§p §m merged ${Merged_§n(§e)} ${new Merged_§n.Alias().value}`);"""

TOP_LEVEL_STATEMENTS = {**STATEMENTS, "namespace": NAMESPACE_STATEMENT}

# These wait; at a module's top level they make it an asynchronous one.
WAITING_STATEMENTS: dict[str, str] = {
    "turn": """await null;
console.log(`§p §m turn ${§e}`);""",
    "timer": """await new Promise((resolve) => setTimeout(resolve, §k));
console.log(`§p §m timer`);""",
    "iteration": """async function* stream_§n(most: number) {
  try {
    for (let x = 0; x < most; x++) yield Promise.resolve(x * §j);
  } finally {
    console.log(`§p §m stream over`);
  }
}
for await (const x of stream_§n(§k)) {
  if (x > 4) break;
  console.log(`§p §m stream ${x}`);
}
for await (const x of [§e, Promise.resolve("b")]) console.log(`§p §m awaited ${x}`);""",
    "together": """const both_§n = await Promise.all(
  [§k, §j].map(async (x, place) => {
    console.log(`§p §m start ${x}`);
    await null;
    if (place) await null;
    console.log(`§p §m stop ${x}`);
    return x;
  }),
);
console.log(`§p §m together ${both_§n}`);""",
    "rejection": """try {
  await Promise.reject(new TypeError("refused §k"));
} catch ({ message }: any) {
  console.log(`§p §m rejection ${message} ${await Promise.reject(1).catch((x) => x + §j)}`);
} finally {
  await null;
  console.log(`§p §m settled`);
}""",
    "methods": """class Worker_§n {
  #done = §k;
  async *#steps() {
    yield this.#done++;
    yield* [this.#done];
  }
  async run() {
    const steps = [];
    for await (const step of this.#steps()) steps.push(step);
    return [...steps, ...(await (async () => [this.#done, arguments.length])())];
  }
}
console.log(`§p §m methods ${await new Worker_§n().run()}`);""",
}

# How every entry ends, before it calls this.
FINISH = """async function finish() {
  try {
    // Those of modules that are imported meanwhile come last.
    for (const task of (globalThis as any).§p_tasks) await task();
  } catch (error) {
    console.log(`§p failed ${error}`);
  }
  console.log("§p end");
}
"""
