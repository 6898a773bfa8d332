"""What was learned about a server, kept for as long as a test lasts."""

from __future__ import annotations


class Memory:
    """Facts by name; given with underscores for dashes."""

    def __init__(self, **facts: str) -> None:
        self.facts = {name.replace("_", "-"): value for name, value in facts.items()}

    def fact(self, name: str) -> str | None:
        return self.facts.get(name)

    def learn(self, name: str, value: str) -> None:
        self.facts[name] = value
