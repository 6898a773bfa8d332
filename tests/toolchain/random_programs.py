"""Random programs of several TypeScript modules, for hypothesis.

Nothing is read before it is initialised: bundles differ there by design, their ``let`` and ``class`` are
``var``. So at its top level a module uses only what is evaluated by then (``_Writer.is_ready``); all else
waits in its task, and the entry runs all tasks when everything is evaluated.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hypothesis import strategies as st
from import_graph import ImportGraph
from module_files import Program
from random_members import COUNTER, DEFAULTS, MEMBERS, Thing
from random_statements import FINISH, STATEMENTS, TOP_LEVEL_STATEMENTS, WAITING_STATEMENTS

ENTRY = "main.ts"
_FOLDERS = ("", "", "lib", "lib/deep", "stages")
_FORMS = ("named", "named", "namespace", "default", "side", "star", "names", "space", "dynamic", "dynamic")
# Function declarations without a state of their own: of use before their module is evaluated.
_HOISTED = ("hoisted", "generator")
# These lead to other modules, perhaps of the same cycle.
_FAR = ("peek", "keys")
_NUMBERS = ("live", "number")

Choice = TypeVar("Choice")


@dataclass
class _Module:
    number: int
    path: str
    counter: str = ""
    exports: dict[str, Thing] = field(default_factory=dict)
    stars: list[int] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    imported: dict[str, Thing] = field(default_factory=dict)
    """By the expression that means it here."""


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program of two to seven modules, with a JSON file or two or none."""
    return _Writer(draw).program()


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.modules: list[_Module] = []
        self.data: list[tuple[str, str]] = []
        self.settings = ""
        self.graph = ImportGraph()
        self.awaiting: set[int] = set()
        self.serial = 0

    def program(self) -> Program:
        self.lay_out()
        edges = self.edges()
        for module in self.modules:
            self.declare(module)
        for edge in edges:
            self.re_export(*edge)
        tables = [self.table(module.number, set()) for module in self.modules]
        for edge in edges:
            self.import_(*edge, tables)
        for number in range(len(self.data)):
            self.import_data(number)
        dynamic = [(importer, target) for importer, target, form in edges if form == "dynamic"]
        self.graph.roots |= {target for _, target in dynamic}
        for module in self.modules:
            if self.chance(2) and self.graph.may_await(module.number):
                self.awaiting.add(module.number)
        at_once = [
            (importer, target)
            for importer, target in dynamic
            if importer in self.awaiting and self.graph.await_import(importer, target)
        ]
        later = [
            edge
            for edge in dynamic
            # The entry would wait for its task, which waits for the entry.
            if edge not in at_once and not (0 in self.awaiting and self.graph.reaches(edge[1], 0))
        ]
        refusable = self.graph.ill_awaited(self.awaiting, {target for _, target in (*at_once, *later)})
        texts = [self.text(module, tables, at_once, later) for module in self.modules]
        return Program(
            (*(module.path for module in self.modules), *(path for path, _ in self.data)),
            (*texts, *(text for _, text in self.data)),
            self.settings,
            tuple(sorted(self.modules[number].path for number in refusable)),
        )

    # What is drawn; each shrinks to what comes first.

    def small(self) -> int:
        return self.draw(st.integers(0, 5))

    def chance(self, times: int) -> bool:
        """Draw whether to do something: once in so many times."""
        return self.draw(st.integers(0, times - 1)) == times - 1

    def pick(self, choices: Iterable[Choice]) -> Choice:
        return self.draw(st.sampled_from(list(choices)))

    def some(self, choices: Iterable[Choice], most: int) -> list[Choice]:
        all_of_them = list(choices)
        if not all_of_them:
            return []
        return self.draw(st.lists(st.sampled_from(all_of_them), max_size=most, unique=True))

    def new(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}_{self.serial}"

    # Files, and the imports between them

    def lay_out(self) -> None:
        self.modules.append(_Module(0, ENTRY))
        taken = {ENTRY}
        for number in range(1, self.draw(st.integers(1, 6)) + 1):
            folder = self.pick(_FOLDERS)
            index = posixpath.join(folder, "index.ts")
            is_index = index not in taken and self.chance(2)
            path = index if is_index else posixpath.join(folder, f"m{number}.ts")
            taken.add(path)
            self.modules.append(_Module(number, path))
        if self.chance(4):
            # Of this the bundle follows nothing: the platform does not read it.
            options = {"target": "es5", "useDefineForClassFields": True, "verbatimModuleSyntax": True}
            self.settings = json.dumps({"compilerOptions": options})
        for number in range(self.draw(st.integers(0, 2))):
            content = {
                "size": self.small(),
                "names": ["a", "ü \u2028"],
                "deep": {"er": {"x": [None, True, 1.5]}},
            }
            path = posixpath.join(self.pick(_FOLDERS), f"data{number}.json")
            self.data.append((path, json.dumps(content, ensure_ascii=False)))

    def edges(self) -> list[tuple[int, int, str]]:
        """Draw who imports whom in which form. The entry leads to every module."""
        edges = [
            (self.draw(st.integers(0, target - 1)), target, self.pick(_FORMS))
            for target in range(1, len(self.modules))
        ]
        number = st.integers(0, len(self.modules) - 1)
        edges += self.draw(
            st.lists(st.tuples(number, number, st.sampled_from(_FORMS)), max_size=len(self.modules) + 2)
        )
        return list(dict.fromkeys(self.draw(st.permutations(edges))))

    def specifier(self, target: int) -> str:
        return f'"<{target} {self.pick(("plain", "js", "folder"))}>"'

    # What modules export

    def declare(self, module: _Module) -> None:
        for name in ["", *self.some(sorted(MEMBERS), 3)]:
            member = MEMBERS[name] if name else COUNTER
            # Declared under a name that other modules have too, or under one of its own.
            shared = self.chance(3)
            tail = "" if shared else str(module.number)
            if member is COUNTER:
                module.counter = f"count{tail}"
            text = member.text.replace("§x", "" if shared else "export ").replace("§i", tail)
            if shared:
                listed = ", ".join(f"{base} as {base}{module.number}" for base, _ in member.names)
                text += f"\nexport {{ {listed} }};"
            for base, kind in member.names:
                module.exports[f"{base}{module.number}"] = Thing(kind, module.number)
                module.names.add(f"{base}{tail}")
            module.declarations.append(text)
        if self.chance(3):
            text, kind = DEFAULTS[self.pick(sorted(DEFAULTS))]
            module.declarations.append(text.replace("§i", str(module.number)))
            module.exports["default"] = Thing(kind, module.number)
        elif self.chance(3):
            module.declarations.append(f"export {{ {module.counter} as default }};")
            module.exports["default"] = Thing("live", module.number)
        if self.chance(4):
            # Where two modules of an `export *` have the same name, neither is exported by it.
            module.declarations.append("export const common = §k;")
        module.names.add(f"peek{module.number}")
        module.exports[f"peek{module.number}"] = Thing("peek", module.number)

    def re_export(self, importer: int, target: int, form: str) -> None:
        module = self.modules[importer]
        if form == "star":
            module.imports.append(f"export * from {self.specifier(target)};")
            module.stars.append(target)
        elif form == "space":
            name = self.new("space")
            module.imports.append(f"export * as {name} from {self.specifier(target)};")
            module.exports[name] = Thing("space", target, within=True)
        elif form == "names":
            available = self.modules[target].exports
            values = [name for name, thing in available.items() if thing.kind != "type"]
            # Never types alone: whether such a line imports the module at all is not the same in the
            # platform's compiler, which knows that they are types, and in one that looks at one file.
            chosen = [self.pick(values), *self.some(available, 2)]
            renamed = [(name, self.new("r")) for name in dict.fromkeys(chosen)]
            if "default" not in module.exports and self.chance(4):
                renamed.append((self.pick(values), "default"))
            listed = ", ".join(f"{name} as {new}" for name, new in renamed)
            module.imports.append(f"export {{ {listed} }} from {self.specifier(target)};")
            module.exports |= {new: available[name] for name, new in renamed}
        else:
            return
        self.graph.add(importer, target, star=form == "star")

    def table(self, number: int, seen: set[int]) -> dict[str, Thing]:
        """All that a module exports, also by ``export *``."""
        seen.add(number)
        exports: dict[str, Thing] = {}
        for star in self.modules[number].stars:
            if star not in seen:
                exports |= self.table(star, seen)
        exports.pop("default", None)
        return exports | self.modules[number].exports

    # What modules import

    def import_(self, importer: int, target: int, form: str, tables: Sequence[dict[str, Thing]]) -> None:
        module, table = self.modules[importer], tables[target]
        names: list[str] = []
        clauses: list[str] = []
        if form in ("named", "default"):
            names = self.some(sorted(table.keys() - {"default"}), 3)
            if form == "default" and "default" in table:
                clauses.append(self.local(module, "main", table["default"], tables))
                names = names if self.chance(2) else []
        if form == "namespace" or (clauses and not names and self.chance(3)):
            clauses.append(f"* as {self.local(module, 'space', Thing('space', target), tables)}")
        if names:
            listed = []
            for name in names:
                local = self.local(module, name, table[name], tables)
                listed.append(name if name == local else f"{name} as {local}")
            clauses.append(f"{{ {', '.join(listed)} }}")
        if clauses:
            module.imports.append(f"import {', '.join(clauses)} from {self.specifier(target)};")
        elif form in ("side", "named", "default"):
            module.imports.append(f"import {self.specifier(target)};")
        else:
            return
        # An import of nothing but types goes away with them.
        if not names or len(clauses) > 1 or any(table[name].kind != "type" for name in names):
            self.graph.add(importer, target)

    def local(self, module: _Module, name: str, thing: Thing, tables: Sequence[dict[str, Thing]]) -> str:
        """Name what is imported, and note what can be done with it."""
        local = (
            self.new(name) if name in ("main", "space") or name in module.names or self.chance(3) else name
        )
        module.names.add(local)
        if thing.kind == "space":
            module.imported[local] = Thing("keys", thing.home)
            members = {
                name: member
                for name, member in tables[thing.home].items()
                if member.kind not in ("type", "space")
            }
            for name in self.some(sorted(members), 3):
                module.imported[f"{local}.{name}"] = replace(members[name], within=thing.within)
        elif thing.kind != "type":
            module.imported[local] = thing
        return local

    def import_data(self, number: int) -> None:
        importer = self.modules[self.draw(st.integers(0, len(self.modules) - 1))]
        specifier = self.specifier(len(self.modules) + number)
        name, kind, clause = self.pick(
            (
                (f"data{number}", "json", f"data{number}"),
                (f"data{number}.default", "json", f"* as data{number}"),
                (f"size{number}", "number", f"{{ size as size{number} }}"),
            )
        )
        importer.imports.append(f"import {clause} from {specifier};")
        # Data is there from the beginning.
        importer.imported[name] = Thing(kind, -1)

    # What modules do

    def is_ready(self, module: _Module, thing: Thing) -> bool:
        """Whether the module may use that while it is evaluated itself."""
        return self.is_evaluated(module, thing) or (thing.kind in _HOISTED and not thing.within)

    def is_evaluated(self, module: _Module, thing: Thing) -> bool:
        """Whether what it takes to use that is always evaluated before this module is."""
        if thing.home < 0:
            return True
        if thing.kind in _FAR and self.graph.in_one_cycle(module.number, thing.home):
            return False
        return self.graph.is_before(thing.home, module.number)

    def text(
        self,
        module: _Module,
        tables: Sequence[dict[str, Thing]],
        at_once: list[tuple[int, int]],
        later: list[tuple[int, int]],
    ) -> str:
        waits = module.number in self.awaiting
        ready = {ref: thing for ref, thing in module.imported.items() if self.is_ready(module, thing)}
        known = TOP_LEVEL_STATEMENTS | (WAITING_STATEMENTS if waits else {})
        statements = [known[name] for name in self.some(sorted(known), 3)]
        body = [
            *module.declarations,
            *(
                self.printed(ref, ready[ref], waits=waits, named=self.is_evaluated(module, ready[ref]))
                for ref in self.some(sorted(ready), 3)
            ),
            *(self.with_expression(text, module, ready) for text in statements),
            *(["await null;"] if waits else []),
            *(self.dynamic(target, tables) for importer, target in at_once if importer == module.number),
        ]
        in_functions = STATEMENTS | WAITING_STATEMENTS
        task = [
            *(self.printed(ref, thing, waits=True) for ref, thing in module.imported.items()),
            *(
                self.with_expression(in_functions[name], module, module.imported)
                for name in self.some(sorted(in_functions), 2)
            ),
            *(self.dynamic(target, tables) for importer, target in later if importer == module.number),
            f"console.log(`§p §m has ${{{module.counter}}}`);",
        ]
        parts = [
            'console.log("§p §m begins");',
            *body,
            self.peek(module),
            "((globalThis as any).§p_tasks ??= []).push(async () => {\n" + "\n".join(task) + "\n});",
            'console.log("§p §m is over");',
        ]
        # Wherever they stand, imports come first.
        parts = [*parts, *module.imports] if self.chance(6) else [*module.imports, *parts]
        if module.number == 0:
            parts.append(FINISH + ("await finish();" if waits else "finish();"))
        return "\n".join(self.filled(part, module) for part in parts) + "\n"

    def peek(self, module: _Module) -> str:
        """Make a function that looks through its module's imports into those of others, only so deep."""
        looks = []
        for ref in self.some(sorted(module.imported), 2):
            thing = module.imported[ref]
            uses = thing.uses(waits=False)
            if thing.kind == "peek":
                looks.append(f"{ref}(depth - 1)")
            elif uses:
                looks.append(self.pick(uses).replace("§r", ref))
        return (
            f"export function peek{module.number}(depth: number): string {{\n"
            f"  if (depth <= 0) return `§m:${{{module.counter}}}`;\n"
            f"  return `§m[${{[{', '.join(looks)}].join()}}]`;\n}}"
        )

    def printed(self, ref: str, thing: Thing, *, waits: bool, named: bool = True) -> str:
        uses = thing.uses(waits=waits, named=named)
        if not uses:
            return ""
        return f"console.log(`§p §m {ref} ${{{self.pick(uses).replace('§r', ref)}}}`);"

    def dynamic(self, target: int, tables: Sequence[dict[str, Thing]]) -> str:
        members = {
            name: thing for name, thing in tables[target].items() if thing.kind not in ("type", "space")
        }
        lines = ["console.log(`§p §m imported ${Object.keys(late)}`);"]
        lines += [self.printed(f"late.{name}", members[name], waits=True) for name in self.some(members, 3)]
        imported = f"import({self.specifier(target)})"
        if self.chance(2):
            return f"await {imported}.then(async (late) => {{\n" + "\n".join(lines) + "\n});"
        return f"{{\nconst late = await {imported};\n" + "\n".join(lines) + "\n}"

    def with_expression(self, text: str, module: _Module, usable: dict[str, Thing]) -> str:
        if "§e" not in text:
            return text
        expressions = ["§k", module.counter]
        expressions += [ref for ref, thing in usable.items() if thing.kind in _NUMBERS]
        expressions += [f"{ref}(§j)" for ref, thing in usable.items() if thing.kind in ("hoisted", "call")]
        return text.replace("§e", self.pick(expressions))

    def filled(self, text: str, module: _Module) -> str:
        for letter in "kj":
            if f"§{letter}" in text:
                text = text.replace(f"§{letter}", str(self.small()))
        self.serial += 1
        return (
            text.replace("§n", str(self.serial))
            .replace("§m", f"m{module.number}")
            .replace("§c", module.counter)
        )
