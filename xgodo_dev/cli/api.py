"""`xgodo-dev api`: any request, in the manner of `gh api`."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints import confirming, given_files, known_paths, selecting, session
from xgodo_dev.cli.endpoints.fields import FieldsUnusable
from xgodo_dev.cli.endpoints.nested_fields import nested, parted, typed
from xgodo_dev.cli.endpoints.paging import Wanted, read
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO, Platform
from xgodo_dev.cli.endpoints.yes_option import yes_option
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import ApiError, PermissionDenied, UsageError, XgodoError
from xgodo_dev.platform.answers import Answer, PageInstead, Refusals, RouteMissing
from xgodo_dev.platform.credentials import Server, admin_token
from xgodo_dev.platform.request import LARGEST_ANSWER_WITH_FILE, Request
from xgodo_dev.platform.transport import Transport

if TYPE_CHECKING:
    from xgodo_dev.platform.spec.reading import Operation

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# HTTP's own, which httpx writes.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_MASKED = "••••"
_SECRET_HEADERS = ("authorization", "x-admin-token", "cookie")


@dataclass(frozen=True)
class _Asked:
    """One request as it was given."""

    platform: Platform
    method: str
    path: str
    query: Mapping[str, Any]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation | None = None
    """The one that it is, where the platform's documents have it."""
    in_path: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """What it gives, the operation's parameters from where the operation has them."""
        body = self.body if isinstance(self.body, dict) else {}
        places = {"path": self.in_path, "query": self.query, "body": body}
        known = {
            parameter.name: places[parameter.place][parameter.name]
            for parameter in (self.operation.parameters if self.operation else ())
            if parameter.name in places.get(parameter.place, {})
        }
        return {**self.query, **body, **known}


@click.command(cls=Command, short_help="Send any request, and print its answer.")
@click.argument("words", metavar="[METHOD] PATH", nargs=-1, required=True)
@click.option(
    "-f",
    "--raw-field",
    "texts",
    multiple=True,
    metavar="KEY=TEXT",
    help="A member of the body, or of the query of a GET; a[b]=c and a[]=x nest.",
)
@click.option(
    "-F",
    "--field",
    "typed_fields",
    multiple=True,
    metavar="KEY=VALUE",
    help="The same with true, false, null and numbers as what they are, and @FILE (@- is stdin) as its text.",
)
@click.option(
    "--input",
    "body_file",
    metavar="FILE",
    help="The body: a file of JSON; - is stdin. Fields go into the query then.",
)
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="KEY:VALUE", help="A header of the request."
)
@click.option(
    "--paginate", is_flag=True, help="All pages, as one document with all items; of documented lists."
)
@click.option(
    "--jq", "expression", metavar="EXPR", help="Print what this expression of jq selects of the answer."
)
@click.option("-i", "--include", is_flag=True, help="Print the answer's status and headers before it.")
@click.option("--dry-run", is_flag=True, help="Print the request, and send nothing.")
@click.option("--mobilerun", "to_mobilerun", is_flag=True, help="To Mobilerun, not to Xgodo.")
@yes_option
def api(
    words: tuple[str, ...],
    texts: tuple[str, ...],
    typed_fields: tuple[str, ...],
    body_file: str | None,
    headers: tuple[str, ...],
    paginate: bool,
    expression: str | None,
    include: bool,
    dry_run: bool,
    to_mobilerun: bool,
    yes: bool,
) -> int:
    """Send a request to the platform, documented or not, with your token, and print its answer.

    PATH may leave out /api/v2 (Mobilerun's: /v1). METHOD is GET, or POST where there are fields or an input.

    \b
    Examples:
      xgodo-dev api user/balance
      xgodo-dev api jobs/myjobs -F limit=5 --jq '.jobs[].title'
      xgodo-dev api PUT /api/v2/bucket/JOB/DEVICE -f 'data[token]=abc' -F 'data[n]=3'
      xgodo-dev api 'planned_tasks?job_id=JOB' --paginate
      xgodo-dev api --mobilerun GET devices -f 'state[]=ready'
    """
    if paginate and include:
        raise click.UsageError("--include shows one answer; --paginate reads several.")
    platform = MOBILERUN if to_mobilerun else XGODO
    asked = _asked(platform, words, texts, typed_fields, body_file, headers)
    select = selecting.compiled(expression) if expression else None
    if dry_run:
        _show_request(asked)
        return 0
    question = _question(asked)
    if question:
        confirming.require(question, confirmed=yes)
    if paginate:
        _show(interrupts.run(_all_pages(asked)), select)
        return 0
    answers: list[Answer] = []
    try:
        document = interrupts.run(_sent(asked, answers))
    except PageInstead as error:
        # A success that is no JSON: a file, or the page that a site shows wherever nothing else is.
        if select is not None or not answers or not _is_file(answers[-1]):
            raise _with_what_was_meant(error, asked) from error
        _include(answers[-1], include)
        sys.stdout.buffer.write(answers[-1].content)
        return 0
    except XgodoError as error:
        if answers and not invocation().json:
            _include(answers[-1], include)
            _show_refusal(answers[-1])
        raise _with_what_was_meant(error, asked) from error
    _include(answers[-1], include)
    _show(document, select)
    return 0


def _question(asked: _Asked) -> str | None:
    """What has to be confirmed, as a sentence."""
    if asked.operation is None:
        address = session.server_of(asked.platform, token=False).api_url
        return f"Deletes {asked.path}, at {address}." if asked.method == "DELETE" else None
    if not asked.operation.needs_confirmation(asked.values):
        return None
    server = session.server_of(asked.platform, token=False)
    return confirming.question(asked.operation, asked.values, {}, server)


def _asked(
    platform: Platform,
    words: Sequence[str],
    texts: Sequence[str],
    typed_fields: Sequence[str],
    body_file: str | None,
    headers: Sequence[str],
) -> _Asked:
    *before, target = words
    if len(before) > 1 or (before and before[0].upper() not in _METHODS):
        raise click.UsageError(f"{' '.join(words)!r} is not [METHOD] PATH.")
    has_more = bool(texts or typed_fields or body_file)
    if not target.isprintable() or "#" in target:
        raise click.UsageError(f"{target!r} is no path.")
    method = before[0].upper() if before else "POST" if has_more else "GET"
    path, _, query_text = target.partition("?")
    path = _whole_path(platform, path)
    try:
        pairs = [parted(each) for each in texts]
        pairs_typed = [(key, _typed(value)) for key, value in map(parted, typed_fields)]
        fields = nested([*pairs, *pairs_typed])
    except FieldsUnusable as error:
        raise click.UsageError(str(error)) from error
    query: dict[str, Any] = {}
    for key, value in parse_qsl(query_text, keep_blank_values=True):
        query[key] = [*_listed(query[key]), value] if key in query else value
    body = None
    if body_file is not None:
        body = given_files.json_of(body_file)
        query |= fields
    elif method in ("GET", "HEAD"):
        query |= fields
    elif fields:
        body = fields
    found = known_paths.find(platform.spec, method, path)
    operation, in_path = found if found else (None, {})
    return _Asked(platform, method, path, query, body, dict(_headers(headers)), operation, in_path)


def _whole_path(platform: Platform, path: str) -> str:
    address = session.server_of(platform, token=False).api_url
    if path.startswith(f"{address}/"):
        path = path.removeprefix(address)
    elif "://" in path:
        raise UsageError(
            f"{path} is not below {address}, to which the token belongs.",
            hint="--api-url names another server.",
        )
    path = known_paths.plain(path)
    if platform is MOBILERUN:
        return path.removeprefix("/v1") or "/"
    return path if path.startswith(("/api/", "/server/", "/_")) else f"/api/v2{path}"


def _typed(value: str) -> Any:
    return given_files.text_of(value[1:]) if value.startswith("@") else typed(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _headers(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    for each in given:
        name, colon, value = each.partition(":")
        if not colon or not name.strip() or not each.isascii() or not each.isprintable():
            raise click.UsageError(f"{each!r} is no header such as KEY:VALUE.")
        if name.strip().lower() in _OURS:
            raise click.UsageError(f"The header {name.strip()} follows from the request.")
        yield name.strip(), value.strip()


def _request(asked: _Asked, server: Server, answers: list[Answer]) -> Request:
    admin = {}
    if asked.operation and asked.operation.credential == "admin" and (token := admin_token(server)):
        admin["X-Admin-Token"] = token
    query = {}
    for name, value in asked.query.items():
        if isinstance(value, dict) or any(isinstance(each, dict | list) for each in _listed(value)):
            raise UsageError(f"{name} is an object, which no query can hold.")
        query[name] = [_text(each) for each in value] if isinstance(value, list) else _text(value)
    return Request(
        asked.method,
        asked.path,
        # Where no document knows the path, a page may be all that is there, however often it is asked for.
        repeatable=asked.operation is not None and asked.operation.repeatable,
        query=query or None,
        headers={**admin, **asked.headers},
        body=asked.body,
        refusals=Refusals(forbidden=PermissionDenied, compiles=False),
        on_answer=answers.append,
        largest=LARGEST_ANSWER_WITH_FILE,
    )


async def _sent(asked: _Asked, answers: list[Answer]) -> Any:
    server = session.server_of(asked.platform)
    async with Transport(server, on_silence=output.waiting_for(server.api_url)) as transport:
        return await transport.send(_request(asked, server, answers))


async def _all_pages(asked: _Asked) -> Any:
    operation = asked.operation
    if operation is None or operation.pages is None:
        raise UsageError(f"No document says how {asked.method} {asked.path} is read page by page.")
    values = asked.values
    for parameter in operation.parameters:
        # What a query has is text.
        if parameter.schema.get("type") == "integer" and isinstance(values.get(parameter.name), str):
            values[parameter.name] = typed(values[parameter.name])
    values.pop(operation.pages.position.name, None)
    async with session.opened(asked.platform, has_progress=True) as calls:
        return await read(calls, operation, Wanted(values, None, only_one=False))


def _show_request(asked: _Asked) -> None:
    server = session.server_of(asked.platform, token=False)
    request = _request(asked, server, [])
    import httpx

    url = str(httpx.URL(server.api_url + request.path, params=dict(request.query) if request.query else None))
    headers = {"Authorization": f"Bearer {_MASKED}"}
    for name, value in request.headers.items():
        headers[name] = _MASKED if name.lower() in _SECRET_HEADERS else value
    if asked.body is not None:
        headers["Content-Type"] = "application/json"
    if invocation().json:
        output.json_document({"method": asked.method, "url": url, "headers": headers, "body": asked.body})
        return
    output.result(f"{asked.method} {url}")
    for name, value in headers.items():
        output.result(f"{name}: {output.shown(value)}")
    if asked.body is not None:
        output.result("")
        output.result(output.plain(json.dumps(asked.body, ensure_ascii=False, indent=2)))


def _show(document: Any, select: selecting.Select | None) -> None:
    if select is not None:
        selecting.show(select(document))
    elif invocation().json:
        output.json_document(document)
    elif document is not None:
        indent = 2 if sys.stdout.isatty() else None
        output.result(output.plain(json.dumps(document, ensure_ascii=False, indent=indent)))


def _include(answer: Answer, wanted: bool) -> None:
    if wanted and not invocation().json:
        from http import HTTPStatus

        phrase = ""
        with contextlib.suppress(ValueError):
            phrase = f" {HTTPStatus(answer.status).phrase}"
        output.result(click.style(f"HTTP {answer.status}{phrase}", bold=True))
        for name, value in answer.headers.items():
            output.result(f"{output.shown(name)}: {output.shown(value)}")
        output.result("")


def _show_refusal(answer: Answer) -> None:
    # A page that a web framework has for what it doesn't know tells nothing that the error does not.
    if "json" in answer.headers.get("content-type", ""):
        output.result(output.plain(answer.without_token(answer.content.decode("utf-8", "replace")).strip()))


def _is_file(answer: Answer) -> bool:
    return 200 <= answer.status < 300 and "html" not in answer.headers.get("content-type", "")


def _with_what_was_meant(error: XgodoError, asked: _Asked) -> XgodoError:
    """The error, with paths that may have been meant where there is none such."""
    is_missing = isinstance(error, RouteMissing | PageInstead) or (
        isinstance(error, ApiError) and error.status == 404
    )
    if is_missing and asked.operation is None:
        near = known_paths.meant(asked.platform.spec, asked.method, asked.path)
        if near:
            error.hint = f"Did you mean {' or '.join(near)}?"
    return error
