"""Which members a set of TypeScript declarations declares, and what is written at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_typescript.language_typescript()))
_CALLABLE = ("function_signature", "method_signature")
_WITH_BODY = ("interface_declaration", "enum_declaration")


@dataclass(frozen=True)
class Declaration:
    """One member as it is written in one place; an overloaded function has several.

    ``owner`` is the qualified name of the interface or enum, ``""`` for a global. ``text`` has the
    declaration with its line breaks, ``comment`` the JSDoc in front of it, ``""`` where there is none.
    """

    owner: str
    name: str
    text: str
    comment: str
    is_callable: bool
    any_count: int


@dataclass(frozen=True)
class Declarations:
    """All members of all files, and the qualified names of all types."""

    members: tuple[Declaration, ...]
    types: frozenset[str]


def read(files: Iterable[Path]) -> Declarations:
    """Parse declaration files. What it does not know how to read fails loudly, so that nothing is skipped."""
    members: list[Declaration] = []
    types: set[str] = set()
    for file in files:
        root = _PARSER.parse(file.read_bytes()).root_node
        assert not root.has_error, f"{file.name} does not parse"
        for namespace, node, comment in _statements(root, ""):
            if node.type == "lexical_declaration" or node.type == "variable_declaration":
                (node,) = (child for child in node.named_children if child.type == "variable_declarator")
            name = namespace + _text(node.child_by_field_name("name"))
            if node.type in _WITH_BODY:
                types.add(name)
                members.extend(_members(name, node.child_by_field_name("body")))
            elif node.type == "type_alias_declaration":
                types.add(name)
            else:
                assert not namespace, f"{file.name}: a value in a namespace: {_text(node)}"
                members.append(_declaration("", name, node, comment))
    return Declarations(tuple(members), frozenset(types))


def _statements(block: Node, namespace: str) -> Iterator[tuple[str, Node, str]]:
    comment = ""
    for statement in block.named_children:
        if statement.type == "comment":
            comment = _text(statement)
            continue
        node = statement
        while node.type in ("ambient_declaration", "expression_statement"):
            (node,) = node.named_children
        if node.type == "internal_module":
            name = _text(node.child_by_field_name("name"))
            yield from _statements(_body(node), f"{namespace}{name}.")
        else:
            assert node.type in (
                *_CALLABLE,
                *_WITH_BODY,
                "type_alias_declaration",
                "lexical_declaration",
                "variable_declaration",
            ), f"unknown kind of declaration, {node.type}: {_text(node)}"
            yield namespace, node, _documentation(comment)
        comment = ""


def _members(owner: str, body: Node | None) -> Iterator[Declaration]:
    assert body is not None
    comment = ""
    for node in body.named_children:
        if node.type == "comment":
            comment = _text(node)
            continue
        if node.type == "index_signature":
            name = f"[{_text(node.child_by_field_name('index_type'))}]"
        elif node.type == "property_identifier":
            name = _text(node)
        else:
            assert node.type in ("method_signature", "property_signature"), f"{node.type}: {_text(node)}"
            name = _text(node.child_by_field_name("name"))
        yield _declaration(owner, name, node, _documentation(comment))
        comment = ""


def _declaration(owner: str, name: str, node: Node, comment: str) -> Declaration:
    return Declaration(owner, name, _text(node), comment, node.type in _CALLABLE, sum(_is_any(node)))


def _is_any(node: Node) -> Iterator[bool]:
    yield node.type == "predefined_type" and node.text == b"any"
    for child in node.named_children:
        yield from _is_any(child)


def _body(node: Node) -> Node:
    body = node.child_by_field_name("body")
    assert body is not None
    return body


def _documentation(comment: str) -> str:
    """The comment as one line, without its stars, when an editor shows it."""
    if not comment.startswith("/**"):
        return ""
    lines: Sequence[str] = comment.removeprefix("/**").removesuffix("*/").splitlines()
    return " ".join(" ".join(line.strip().removeprefix("*") for line in lines).split())


def _text(node: Node | None) -> str:
    assert node is not None and node.text is not None
    return node.text.decode()
