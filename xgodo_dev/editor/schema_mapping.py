"""The list of JSON Schemas that JetBrains' editors keep for a project, with one entry put in or taken out."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from xgodo_dev.editor.errors import Unreadable
from xgodo_dev.editor.file import Merged

_COMPONENT = "JsonSchemaMappingsProjectConfiguration"
_MAP = ("project", f"component {_COMPONENT}", "state", "map")
_LIST_BEGINS = f"""\
  <component name="{_COMPONENT}">
    <state>
      <map>
"""
_LIST_ENDS = """\
      </map>
    </state>
  </component>
"""
_EMPTY = """\
<?xml version="1.0" encoding="UTF-8"?>
<project version="4">
</project>
"""


@dataclass(frozen=True)
class SchemaMapping:
    """One entry of the list: which file has which schema. The editor writes the list anew as it likes."""

    path: str
    name: str
    schema: str
    """Its path from the project that is open in the editor, as that of the file."""
    file: str

    def with_setup(self, content: bytes | None) -> Merged:
        """See :class:`EditorFile`."""
        content = _EMPTY.encode() if content is None else content
        found = _Places.of(content, self.name)
        if found.entry:
            start, end = found.entry
            return Merged(content, () if self._is_same(content[start:end]) else (self.name,))
        newline = b"\r\n" if b"\r\n" in content else b"\n"
        entry, at = self._entry(), found.map_end
        if at is None:
            at = found.project_end
            inner = "".join(f"    {line}\n" for line in entry.splitlines())
            entry = f"{_LIST_BEGINS}{inner}{_LIST_ENDS}".removesuffix("\n")
        else:
            entry = "\n".join(f"        {line.removeprefix('    ')}" for line in entry.splitlines())
        at = _line_start(content, at)
        text = entry.replace("\n", newline.decode()).encode()
        return Merged(content[:at] + text + newline + content[at:])

    def without_setup(self, content: bytes) -> Merged:
        """See :class:`EditorFile`."""
        found = _Places.of(content, self.name)
        if found.entry is None:
            return Merged(content)
        start, end = found.entry
        if not self._is_same(content[start:end]):
            return Merged(content, (self.name,))
        start = _line_start(content, start)
        if not content[end:].split(b"\n", 1)[0].strip():
            end = content.find(b"\n", end) + 1 or len(content)
        newline = "\r\n" if b"\r\n" in content else "\n"
        begins, ends = (part.replace("\n", newline).encode() for part in (_LIST_BEGINS, _LIST_ENDS))
        above, below = content[:start], content[end:]
        if above.endswith(begins) and below.startswith(ends):
            # A list that has nothing in it was made for this.
            above, below = above.removesuffix(begins), below.removeprefix(ends)
        rest = above + below
        return Merged(None if rest.replace(b"\r\n", b"\n") == _EMPTY.encode() else rest)

    def _entry(self) -> str:
        """As the editor itself writes it."""
        return f"""\
    <entry key={quoteattr(self.name)}>
      <value>
        <SchemaInfo>
          <option name="name" value={quoteattr(self.name)} />
          <option name="relativePathToSchema" value={quoteattr(self.schema)} />
          <option name="patterns">
            <list>
              <Item>
                <option name="path" value={quoteattr(self.file)} />
              </Item>
            </list>
          </option>
        </SchemaInfo>
      </value>
    </entry>"""

    def _is_same(self, entry: bytes) -> bool:
        """Whether an entry says the same; the editor adds what it likes, such as a generated name."""
        wanted = _options(self._entry().encode())
        return wanted.items() <= _options(entry).items()


def _options(entry: bytes) -> dict[str, str]:
    try:
        # The whole file was read by expat before, and has no entities of its own.
        options = ElementTree.fromstring(entry).iter("option")  # noqa: S314
    except ElementTree.ParseError:
        # By itself it is none, where it has a prefix that stands for something elsewhere in the file.
        return {}
    return {each.attrib.get("name", ""): each.attrib.get("value", "") for each in options}


def _line_start(content: bytes, at: int) -> int:
    """The start of the line of ``at``, where only spaces stand before it there."""
    line = content.rfind(b"\n", 0, at) + 1
    return at if content[line:at].strip() else line


@dataclass
class _Places:
    """Where in the file the parts stand, in bytes."""

    project_end: int
    """Where the root's end tag begins."""
    map_end: int | None = None
    """Where the list's end tag begins; None where there is no list."""
    entry: tuple[int, int] | None = None

    @classmethod
    def of(cls, content: bytes, name: str) -> _Places:
        """Read the file.

        Raises:
            Unreadable: it is no such list, or has what could be other than it looks.
        """
        try:
            content.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("is not UTF-8") from error
        found = cls(-1)
        within: list[str] = []
        begins = 0
        # Whatever encoding it claims to have, such as one that there is not.
        parser = expat.ParserCreate("utf-8")

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal begins
            within.append(
                f"{tag} {attributes['name']}" if tag == "component" and "name" in attributes else tag
            )
            if tuple(within) == (*_MAP, "entry") and attributes.get("key") == name:
                begins = parser.CurrentByteIndex
                within[-1] = "ours"

        def end(_tag: str) -> None:
            at = parser.CurrentByteIndex
            if within[-1] == "ours":
                found.entry = (begins, content.index(b">", at) + 1)
            elif tuple(within) == _MAP:
                found.map_end = at
            elif within == ["project"]:
                found.project_end = at
            within.pop()

        def refuse(*_: object) -> None:
            raise Unreadable("has a document type, which no such file needs")

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.StartDoctypeDeclHandler = refuse
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise Unreadable(
                f"can't be understood at line {error.lineno}, column {error.offset + 1}"
            ) from error
        for place in (found.project_end, found.map_end):
            if place is not None and content[place : place + 2] != b"</":
                raise Unreadable("has nothing in it that an entry could be put into")
        return found
