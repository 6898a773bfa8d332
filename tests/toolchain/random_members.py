"""What the modules of random programs export, and how others use it.

In these texts and in those of ``random_statements``: ``§p`` stands for the program's name, ``§m`` for the
module's, ``§i`` for the number that tells its exports from all others (or for nothing), ``§x`` for ``export``
(or for nothing), ``§c`` for its counter, ``§n`` for a number that tells one part of it from the others,
``§k`` and ``§j`` for small numbers, ``§e`` for a numeric expression, ``§r`` for what is used.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """A declaration that a module exports, and how others use what it declares."""

    text: str
    names: tuple[tuple[str, str], ...]
    """Each declared name (without the module's number) and its kind, a key of ``USES``."""


COUNTER = Member(
    """§xlet count§i: number = §k;
§xfunction bump§i(by: number = 1): number {
  count§i += by;
  console.log(`§p §m bump ${count§i}`);
  return count§i;
}""",
    (("count", "live"), ("bump", "call")),
)

MEMBERS: dict[str, Member] = {
    "pure": Member(
        """§xfunction times§i(x: number): number {
  console.log(`§p §m times ${x}`);
  return x * §k + §j;
}""",
        (("times", "hoisted"),),
    ),
    "class": Member(
        """§xclass Box§i {
  static made = §k;
  static kind = this.name;
  #secret = §j;
  label?: string;
  readonly sum = this.size + 1;
  static {
    console.log(`§p §m static ${this.made} ${this.name} ${Box§i.kind}`);
  }
  constructor(public size: number) {
    Box§i.made++;
    this.label = new.target.name;
  }
  get total(): number {
    return this.size + this.#secret + this.sum;
  }
  set total(value: number) {
    this.#secret = value;
  }
  static #hidden(box: Box§i) {
    return #secret in box ? box.#secret++ : -1;
  }
  static peep(box: Box§i) {
    return Box§i.#hidden(box);
  }
}""",
        (("Box", "class"),),
    ),
    "generator": Member(
        """§xfunction* walk§i(most: number): Generator<number> {
  try {
    for (let n = 0; n < most; n++) yield n + §k;
    yield* [§j, §k];
  } finally {
    console.log(`§p §m walked`);
  }
}""",
        (("walk", "generator"),),
    ),
    "async": Member(
        """§xasync function fetch§i(x: number): Promise<number> {
  console.log(`§p §m fetch ${x}`);
  await null;
  console.log(`§p §m fetched ${x}`);
  return x + §k;
}""",
        (("fetch", "async"),),
    ),
    "enum": Member(
        """§xenum Level§i {
  Low = §k,
  Mid,
  High = Low + "§j".length,
  Name = "level§j",
}""",
        (("Level", "enum"),),
    ),
    "namespace": Member(
        """§xnamespace Space§i {
  export let level = §k;
  const step = §j;
  export function raise(): number {
    return (level += step);
  }
  export namespace Inner {
    export const deep = level + 1;
  }
}
§xnamespace Space§i {
  export const twice = level * 2;
  console.log(`§p §m space ${twice} ${Inner.deep}`);
}""",
        (("Space", "namespace"),),
    ),
    "options": Member(
        """§xconst options§i: any = §k > 2 ? { a: { b: () => §j } } : { a: null };""",
        (("options", "options"),),
    ),
    "error": Member(
        """§xclass Oops§i extends Error {
  constructor(
    message: string,
    readonly code = §k,
  ) {
    super(message);
    this.name = new.target.name;
  }
}
§xfunction fail§i(): never {
  throw new Oops§i("oops §j");
}""",
        (("Oops", "error"), ("fail", "throws")),
    ),
    "type": Member(
        """§xinterface Shape§i {
  size: number;
}""",
        (("Shape", "type"),),
    ),
    "arrow": Member(
        """§xconst late§i = (x: number) => {
  console.log(`§p §m late ${x} ${§c}`);
  return x + §k;
};""",
        (("late", "arrow"),),
    ),
}

DEFAULTS: dict[str, tuple[str, str]] = {
    "named function": (
        "export default function main§i(x: number): number {\n"
        "  console.log(`§p §m default ${x}`);\n  return x + §k;\n}",
        "hoisted",
    ),
    "function": ("export default function (x: number): number {\n  return x - §k;\n}", "hoisted"),
    "arrow": ("export default (x: number): number => x * §k;", "arrow"),
    "named class": (
        "export default class Main§i {\n  static made = §k;\n  static kind = this.name;\n  label?: string;\n"
        "  constructor(public size: number) {\n    this.label = new.target.name;\n  }\n"
        "  get total() {\n    return this.size + Main§i.made;\n  }\n"
        "  static peep(box: Main§i) {\n    return box.size;\n  }\n}",
        "class",
    ),
    # Without static fields: for those TypeScript's compiler gives such a class a name.
    "class": (
        "export default class {\n  label?: string;\n"
        "  constructor(public size: number) {\n    this.label = new.target.name;\n  }\n"
        "  get total() {\n    return this.size * §j;\n  }\n"
        "  static peep(box: { size: number }) {\n    return box.size;\n  }\n"
        "  static get made() {\n    return §k;\n  }\n"
        "  static get kind() {\n    return this.name;\n  }\n}",
        "class",
    ),
    # The value of that moment, not the variable.
    "expression": ("export default §c + §k;", "value"),
}

# What to print of an imported thing of that kind, which `§r` refers to.
USES: dict[str, tuple[str, ...]] = {
    "live": ("§r", "`${§r}`", "§r ** 2", "(() => §r)()"),
    "value": ("§r",),
    "call": ("§r()", "§r(§k)", "§r.call(null, §k)", "§r.name"),
    "hoisted": ("§r(§k)", "[§k, §j].map((x) => §r(x))", "(0, §r)(§j)", "§r.name"),
    "class": (
        "new §r(§k).total",
        "((box) => [§r.peep(box), box.total, §r.made])(new §r(§j))",
        "new (class extends §r { more = this.size; })(§k).more",
        "[§r.name, §r.kind, new §r(§k).label]",
        "[new (class extends §r {})(§k).label, new (class Same extends §r {})(§j).label]",
    ),
    "generator": (
        "[...§r(§k)]",
        "Math.max(...§r(§j))",
        "(([a = -1]) => a)(§r(§k) as any)",
        "§r.name",
    ),
    "enum": ("§r.Mid", "(§r as any)[§r.Low]", "§r.High + §r.Name"),
    "namespace": ("§r.level", "§r.raise() + §r.level", "§r.Inner.deep + §r.twice"),
    "options": ('§r.a?.b() ?? "none"', '§r?.["a"]?.b?.().toFixed(1)', "§r.c?.d.e"),
    "error": (
        "new §r(`it`)",
        "((error) => [error instanceof Error, error.name, error.code])(new §r(`it`))",
        "new (class Same extends §r {})(`that`)",
    ),
    "throws": (
        "(() => { try { return §r(); } catch (error: any) { return [error, error.code]; } })()",
        "§r.name",
    ),
    "arrow": ("§r(§k)", "§r.name"),
    "json": ("JSON.stringify(§r)", "§r.size", "[...§r.names].reverse()", "{ ...§r }.deep.er"),
    "number": ("§r", "§r + 1"),
    "async": ("await §r(§k)", "await Promise.all([§r(§k), §r(§j)])", "§r.name"),
    "peek": ("§r(§k % 3)",),
    "keys": ("Object.keys(§r)", "Object.values(§r).length"),
}


@dataclass(frozen=True)
class Thing:
    """What a name stands for: its kind (of ``USES``, or "type" or "space") and the module it belongs to."""

    kind: str
    home: int
    within: bool = False
    """Whether it takes the object of a namespace, which a bundle makes where its module stands."""

    def uses(self, *, waits: bool, named: bool = True) -> list[str]:
        """What to print of it: if that may wait, or not, and if its module is evaluated by then, or not."""
        # A bundle gives a function its name only where its declaration stands.
        return [
            use for use in USES[self.kind] if (waits or "await" not in use) and (named or ".name" not in use)
        ]
