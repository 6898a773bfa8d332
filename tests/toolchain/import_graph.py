"""Which module is evaluated when, and which wait for which, by the rules of ECMAScript modules.

https://tc39.es/ecma262/#sec-innermoduleevaluation
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Evaluation:
    """What happens when a module is imported while nothing is evaluated yet."""

    order: list[int] = field(default_factory=list)
    awaited: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """For each module those that have to be over before it begins, should they await something."""
    component: dict[int, int] = field(default_factory=dict)
    """For each module the first of its cycle to be entered."""


class ImportGraph:
    """Modules are numbers; the entry is 0."""

    def __init__(self) -> None:
        self.roots = {0}
        """What an evaluation may begin with: the entry and the targets of ``import()``."""
        self._targets: dict[int, list[int]] = defaultdict(list)
        self._stars: set[int] = set()
        self._awaited_imports: list[tuple[int, int]] = []
        self._evaluations: dict[int, Evaluation] = {}

    def add(self, importer: int, target: int, *, star: bool = False) -> None:
        """Add a static import, after those that the importer has; a ``star`` is an ``export * from``."""
        self._targets[importer].append(target)
        if star:
            self._stars.add(importer)

    def evaluation(self, root: int) -> Evaluation:
        """Evaluate from ``root``. No import may be added afterwards."""
        if root not in self._evaluations:
            self._evaluations[root] = _evaluate(root, self._targets)
        return self._evaluations[root]

    def reaches(self, start: int, end: int) -> bool:
        """Whether importing ``start`` has to wait for ``end``."""
        seen, waiting = set(), [start]
        while waiting:
            module = waiting.pop()
            if module == end:
                return True
            if module not in seen:
                seen.add(module)
                waiting += self._targets[module]
                waiting += [target for importer, target in self._awaited_imports if importer == module]
        return False

    def in_one_cycle(self, one: int, other: int) -> bool:
        """Whether each is imported by the other, through others or not."""
        component = self.evaluation(one).component
        return other in component and component[other] == component[one]

    def is_before(self, one: int, other: int) -> bool:
        """Whether every run evaluates ``one`` before ``other``, which imports it, through others or not."""
        # What the entry leads to is evaluated before anything else.
        roots = {0} if other in self.evaluation(0).order else self.roots
        orders = [self.evaluation(root).order for root in roots]
        return all(order.index(one) < order.index(other) for order in orders if other in order)

    def may_await(self, module: int) -> bool:
        """Whether a bundle and Node.js agree on the order of everything if that module has an ``await``."""
        # While a module waits, Node.js goes on with those that do not depend on it: with `import "./slow";
        # import "./fast";` fast is evaluated while slow waits. Bundles of esbuild evaluate one module after
        # the other, so fast comes when slow is over. Hence all that come later have to depend on the one
        # that waits, whichever is imported first.
        for root in self.roots:
            evaluation = self.evaluation(root)
            if module in evaluation.order:
                later = evaluation.order[evaluation.order.index(module) + 1 :]
                if not all(module in evaluation.awaited[other] for other in later):
                    return False
        return True

    def ill_awaited(self, awaiting: set[int], dynamic: set[int]) -> set[int]:
        """The modules for which a bundle may be refused.

        ``awaiting`` are the modules that have an ``await``, ``dynamic`` the targets of ``import()``.
        """
        # What `import()` leads to, esbuild makes functions of. That of a module that waits is asynchronous,
        # and (as of 0.28.2) an `export *` does not await it, and in a cycle the two may await each other.
        # To be on the safe side, that of one module may be taken for that of all which its importer imports.
        functions = set().union(*(self.evaluation(root).order for root in dynamic))
        waiting = {each for each in functions if not awaiting.isdisjoint(self.evaluation(each).order)}
        return {
            target
            for importer, targets in self._targets.items()
            for target in waiting.intersection(targets)
            if importer in self._stars or self.in_one_cycle(target, importer)
        }

    def await_import(self, importer: int, target: int) -> bool:
        """Have ``importer`` wait for an ``import()``, unless each would wait for the other."""
        if self.reaches(target, importer):
            return False
        self._awaited_imports.append((importer, target))
        return True


def _evaluate(root: int, targets: dict[int, list[int]]) -> Evaluation:
    result = Evaluation()
    entered: dict[int, int] = {}
    ancestor: dict[int, int] = {}
    stack: list[int] = []

    def visit(module: int) -> None:
        entered[module] = ancestor[module] = len(entered)
        stack.append(module)
        for target in targets[module]:
            if target not in entered:
                visit(target)
            if target in stack:
                ancestor[module] = min(ancestor[module], ancestor[target])
                # The one that is still being entered is not asked whether it waits.
                awaited = target if target in result.order else None
            else:
                awaited = result.component[target]
            if awaited is not None:
                result.awaited[module] |= {awaited, *result.awaited[awaited]}
        result.order.append(module)
        if ancestor[module] == entered[module]:
            while True:
                member = stack.pop()
                result.component[member] = module
                if member == module:
                    break

    visit(root)
    return result
