from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.platform.memory import Memory
from tests.scripted_server import (
    IMPATIENT,
    RESET,
    Answer,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.errors import (
    ApiError,
    CompileRefused,
    ProjectNotFound,
    ServerUnavailable,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.answers import BodyTooLarge, RouteMissing
from xgodo_dev.platform.commits import Commit, NothingToCommit
from xgodo_dev.platform.project_api import (
    HistoryEntry,
    ProjectApi,
    ProjectDetails,
    RemoteFile,
    StoredFile,
    find,
)
from xgodo_dev.platform.transport import Transport

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
P = f"/server/api/v2/automation-project/{PROJECT}"
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # git hash-object /dev/null
ONE = "56a6051ca2b02b04ef92d5150c9ef600403cb1de"  # printf 1 | git hash-object --stdin
GONE = json_answer({"success": False, "message": "Automation project not found"}, 404)


@pytest.fixture
def api(transport: Transport) -> ProjectApi:
    return ProjectApi(transport, PROJECT, "/server")


def listing(*paths: str) -> Answer:
    files = [{"path": path, "hash": EMPTY, "size": 0} for path in paths]
    return json_answer({"success": True, "files": files})


def updated(*records: dict[str, object], success: object = True) -> Answer:
    return json_answer({"success": success, "updated": records})


async def test_the_list_has_every_file_and_what_else_the_server_says_is_no_concern(
    remote: ScriptedServer, api: ProjectApi
) -> None:
    remote.answers = [
        json_answer(
            {
                "success": True,
                "branch": "main",
                "files": [
                    {"path": "main.ts", "hash": ONE, "size": 1, "mode": 420},
                    {"path": "main.js", "hash": EMPTY, "size": 0},
                ],
            }
        )
    ]
    assert await api.files() == [RemoteFile("main.ts", ONE, 1), RemoteFile("main.js", EMPTY, 0)]
    assert remote.calls() == [f"GET {P}/files"]


GOOD = {"path": "main.ts", "hash": EMPTY, "size": 0}


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({}, "`files`"),
        ([], "`files`"),
        ("files", "`files`"),
        (None, "`files`"),
        ({"files": None}, "`files`"),
        ({"files": {"main.ts": EMPTY}}, "`files`"),
        ({"files": ["main.ts"]}, "`files`"),
        *(
            ({"files": [GOOD, {**GOOD, field: odd}]}, f"`{field}`")
            for field, odd in [
                ("path", None),
                ("path", 1),
                ("hash", None),
                ("hash", ""),
                ("hash", "abc"),
                ("hash", EMPTY.upper()),
                ("hash", EMPTY + "\n"),
                ("hash", EMPTY + "00"),
                ("size", None),
                ("size", "0"),
                ("size", -1),
                ("size", 1.5),
                ("size", True),
            ]
        ),
        ({"files": [{"hash": EMPTY, "size": 0}]}, "`path`"),
        ({"files": [GOOD, GOOD]}, "twice"),
    ],
)
async def test_a_list_of_an_unknown_shape_is_refused_and_the_odd_member_named(
    remote: ScriptedServer, api: ProjectApi, answer: object, named: str
) -> None:
    remote.answers = [json_answer(answer)]
    with pytest.raises(ServerUnavailable, match=named):
        await api.files()


async def test_a_project_id_stays_one_part_of_the_path(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [listing()]
    await ProjectApi(transport, "../a?b=c#d/e\n", "").files()
    assert remote.calls() == ["GET /api/v2/automation-project/../a?b=c#d/e\n/files"]
    assert remote.requests[0].query == {}


@pytest.mark.parametrize("content", ["", "\ufeffa\r\nb\rc\n\u2028\0😀"])
async def test_content_arrives_as_it_was_sent(remote: ScriptedServer, api: ProjectApi, content: str) -> None:
    remote.answers = [json_answer({"success": True, "content": content})]
    assert await api.read("a b/ü&.ts") == content
    assert remote.calls() == [f"GET {P}/file"]
    assert remote.requests[0].query == {"path": "a b/ü&.ts"}


async def test_a_file_that_is_not_there_reads_as_none(remote: ScriptedServer, api: ProjectApi) -> None:
    remote.answers = [json_answer({"success": False, "message": "File not found"}, 404)]
    assert await api.read("main.ts") is None


@pytest.mark.parametrize(
    "answer",
    [
        page(404),
        page(200),
        json_answer({"success": True}),
        json_answer({"content": None}),
        json_answer({"content": "1", "path": "other.ts"}),
    ],
)
async def test_an_answer_that_says_nothing_of_the_file_is_not_taken_for_its_absence(
    remote: ScriptedServer, api: ProjectApi, answer: Answer
) -> None:
    remote.answers = [answer]
    with pytest.raises((RouteMissing, ServerUnavailable)):
        await api.read("main.ts")


async def test_a_sync_carries_bytes_as_they_are_and_brings_what_is_stored(
    remote: ScriptedServer, api: ProjectApi
) -> None:
    contents = [("a.ts", b"1"), ("data/ü.json", bytes(range(256))), ("empty.js", b"")]
    remote.answers = [
        updated(
            {"path": "empty.js", "hash": EMPTY},
            {"path": "a.ts", "hash": ONE, "compiled": True, "errors": None, "ms": 3},
            {"path": "data/ü.json", "hash": EMPTY, "compiled": None, "errors": []},
        )
    ]
    sent: list[bool] = []
    # The stored hash is the server's to say: it may have turned line ends or dropped a byte order mark.
    assert await api.sync(contents, on_sent=lambda: sent.append(True)) == [
        StoredFile("a.ts", ONE, compiled=True, errors=()),
        StoredFile("data/ü.json", EMPTY, compiled=None, errors=()),
        StoredFile("empty.js", EMPTY, compiled=None, errors=()),
    ]
    assert remote.calls() == [f"POST {P}/sync"]
    arrived = remote.requests[0].json["files"]
    assert [(file["path"], b64decode(file["content"], validate=True)) for file in arrived] == contents
    assert sent == [True]


async def test_a_file_that_did_not_compile_is_stored_and_brings_its_errors(
    remote: ScriptedServer, api: ProjectApi
) -> None:
    remote.answers = [
        updated({"path": "a.ts", "hash": ONE, "compiled": False, "errors": ["Error at 5:10: x \ud83d"]})
    ]
    (stored,) = await api.sync([("a.ts", b"1")])
    assert (stored.hash, stored.compiled) == (ONE, False)
    assert stored.errors[0].encode("utf-8").startswith(b"Error at 5:10: x ")


async def test_a_sync_of_nothing_asks_nothing(remote: ScriptedServer, api: ProjectApi) -> None:
    assert await api.sync([]) == []
    assert remote.requests == []


STORED: dict[str, object] = {"path": "a.ts", "hash": ONE}


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (updated(), "confirm that it wrote a.ts"),
        (updated(STORED), "confirm that it wrote b.ts"),
        (updated(STORED, STORED), "a.ts"),
        (updated(STORED, {"path": "other.ts", "hash": ONE}), "other.ts"),
        (updated(STORED, {"path": "./b.ts", "hash": ONE}), r"\./b.ts"),
        (updated(STORED, {"path": "b.ts"}), "`hash`"),
        (updated(STORED, {"path": "b.ts", "hash": "x"}), "`hash`"),
        (updated(STORED, {"hash": ONE}), "`path`"),
        (updated(STORED, {"path": "b.ts", "hash": ONE, "compiled": "yes"}), "`compiled`"),
        (updated(STORED, {"path": "b.ts", "hash": ONE, "errors": "no"}), "`errors`"),
        (updated(STORED, {"path": "b.ts", "hash": ONE}, success=None), "`success`"),
        (json_answer({"updated": [STORED, {"path": "b.ts", "hash": ONE}]}), "`success`"),
        (json_answer({"success": True}), "`updated`"),
        (json_answer({"success": True, "updated": "a.ts"}), "`updated`"),
        (json_answer({"success": True, "updated": ["a.ts", "b.ts"]}), "`updated`"),
        (json_answer({"success": True, "content": "1"}), "`updated`"),
        (json_answer([]), "`success`"),
        (Answer(200), "`success`"),
        (page(200), "no JSON"),
    ],
)
async def test_a_sync_that_is_not_confirmed_file_by_file_may_not_have_succeeded(
    remote: ScriptedServer, api: ProjectApi, answer: Answer, named: str
) -> None:
    remote.answers = [answer]
    with pytest.raises(ServerUnavailable, match=named):
        await api.sync([("a.ts", b"1"), ("b.ts", b"1")])
    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    "failing",
    [
        RESET,
        page(502),
        page(200),
        json_answer({}, 429, Retry_After="0"),
        Answer(503, headers={"Retry-After": "0"}),
    ],
)
async def test_a_sync_is_never_repeated_blindly(
    remote: ScriptedServer, api: ProjectApi, failing: Answer
) -> None:
    remote.answers = [failing, updated(STORED)]
    with pytest.raises(UnreachableError):
        await api.sync([("a.ts", b"1")])
    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (page(413), BodyTooLarge),
        (json_answer({"success": False, "message": "Payload too large"}, 413), BodyTooLarge),
        (GONE, ProjectNotFound),
        (json_answer({"success": False, "message": "Invalid path"}, 400), ApiError),
        (json_answer({"success": False, "message": "x", "errors": ["Error at 1:1: x"]}, 400), CompileRefused),
    ],
)
async def test_a_sync_that_is_refused_says_why(
    remote: ScriptedServer, api: ProjectApi, refusal: Answer, kind: type[ApiError]
) -> None:
    remote.answers = [refusal]
    with pytest.raises(ApiError) as raised:
        await api.sync([("a.ts", b"1")])
    assert type(raised.value) is kind


async def test_a_commit_brings_its_hash(remote: ScriptedServer, api: ProjectApi) -> None:
    remote.answers = [json_answer({"success": True, "commit": {"hash": "a1b2", "message": "m"}})]
    assert await api.commit("m") == Commit("a1b2", "m")
    assert remote.calls() == [f"POST {P}/commit"]
    assert remote.requests[0].json == {"message": "m"}


async def test_a_commit_of_nothing_is_an_error_of_its_own(remote: ScriptedServer, api: ProjectApi) -> None:
    remote.answers = [json_answer({"success": False, "message": "No changes to commit"}, 400)]
    with pytest.raises(NothingToCommit):
        await api.commit("m")


async def test_a_commit_is_sent_once(remote: ScriptedServer, api: ProjectApi) -> None:
    remote.answers = [page(502)]
    with pytest.raises(ServerUnavailable):
        await api.commit("m")
    assert len(remote.requests) == 1


@pytest.mark.parametrize(("description", "shown"), [("For cats", "For cats"), ("", ""), (None, "")])
async def test_a_project_says_what_it_is_called_and_which_schemas_it_has(
    remote: ScriptedServer, api: ProjectApi, description: str | None, shown: str
) -> None:
    project = {"id": PROJECT, "name": "Feeder", "description": description, "bucket_schema": None}
    remote.answers = [json_answer({"success": True, "project": project})]
    assert await api.details() == ProjectDetails(PROJECT, "Feeder", shown, {"bucket_schema": None})
    assert remote.calls() == [f"GET {P}"]


NOON = 1_704_110_400.0  # 2024-01-01T12:00:00Z


@pytest.mark.parametrize(
    "timestamp",
    [
        "2024-01-01T12:00:00Z",
        "2024-01-01T12:00:00.000Z",
        "2024-01-01T13:00:00+01:00",
        "2024-01-01 13:00:00 +0100",
        "2024-01-01 07:00:00 -0500",
        "2024-01-01T12:00:00",
        1_704_110_400,
        1_704_110_400.0,
        1_704_110_400_000,
    ],
)
async def test_the_history_tells_when_in_whichever_form_the_server_has_it(
    remote: ScriptedServer, api: ProjectApi, timestamp: object
) -> None:
    commits = [
        {"hash": hash_, "message": "m\nn", "author": "Ann", "authorEmail": "a@b", "timestamp": timestamp}
        for hash_ in ("c3", "b2", "a1")
    ]
    remote.answers = [json_answer({"success": True, "commits": commits})]
    # A server that takes no notice of the limit is no reason to show more than was asked for.
    assert await api.history(2) == [HistoryEntry(hash_, "m\nn", "Ann", NOON) for hash_ in ("c3", "b2")]
    assert remote.calls() == [f"GET {P}/git/history"]
    assert remote.requests[0].query == {"limit": "2"}


@pytest.mark.parametrize(
    ("field", "odd"),
    [
        ("timestamp", "yesterday"),
        ("timestamp", ""),
        ("timestamp", None),
        ("timestamp", True),
        ("timestamp", 10**400),
        ("timestamp", [1]),
        ("hash", 7),
        ("message", None),
        ("author", {"name": "Ann"}),
    ],
)
async def test_a_commit_of_an_unknown_shape_is_refused_and_the_odd_member_named(
    remote: ScriptedServer, api: ProjectApi, field: str, odd: object
) -> None:
    commit = {"hash": "a1", "message": "m", "author": "Ann", "timestamp": 1_704_110_400, field: odd}
    remote.answers = [json_answer({"commits": [commit]})]
    with pytest.raises(ServerUnavailable, match=f"`{field}`"):
        await api.history(5)


async def test_what_is_not_committed_is_told_by_path(remote: ScriptedServer, api: ProjectApi) -> None:
    changes = [
        {"path": "a.ts", "status": "new"},
        {"path": "b.ts", "status": "unchanged"},
        {"path": "c.ts", "status": "modified"},
        {"path": "d.ts", "status": "deleted"},
    ]
    remote.answers = [
        json_answer({"success": True, "hasChanges": True, "changes": changes}),
        json_answer({"success": True, "hasChanges": False, "changes": []}),
    ]
    assert await api.uncommitted() == ["a.ts", "c.ts", "d.ts"]
    assert await api.uncommitted() == []
    assert remote.calls() == [f"GET {P}/git/status"] * 2


async def test_a_server_without_a_status_tells_nothing(remote: ScriptedServer, api: ProjectApi) -> None:
    remote.answers = [page(404)]
    assert await api.uncommitted() is None


@pytest.mark.parametrize(
    "answer",
    [{}, {"changes": None}, {"changes": [{"path": 1, "status": "new"}]}, {"changes": [{"path": "a"}]}],
)
async def test_a_status_of_an_unknown_shape_is_refused(
    remote: ScriptedServer, api: ProjectApi, answer: object
) -> None:
    remote.answers = [json_answer(answer)]
    with pytest.raises(ServerUnavailable):
        await api.uncommitted()


async def test_a_missing_project_is_told_from_a_missing_route(
    remote: ScriptedServer, api: ProjectApi
) -> None:
    for answer, kind in ((GONE, ProjectNotFound), (page(404), RouteMissing)):
        remote.answers = [answer]
        for call in (api.files(), api.details(), api.history(1), api.commit("m"), api.sync([("a", b"")])):
            with pytest.raises(kind):
                await call


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([EMPTY, "a.ts"])
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("success", "message", "errors", "content", "commit", "commits", "hash", "path", "size"),
                    *("files", "updated", "project", "projects", "id", "name", "description", "changes"),
                    *("status", "author", "timestamp", "compiled"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
CALLS: dict[str, Callable[[ProjectApi], Awaitable[object]]] = {
    "files": lambda api: api.files(),
    "read": lambda api: api.read("a.ts"),
    "sync": lambda api: api.sync([("a.ts", b"1")]),
    "commit": lambda api: api.commit("m"),
    "details": lambda api: api.details(),
    "history": lambda api: api.history(3),
    "uncommitted": lambda api: api.uncommitted(),
}


@settings(max_examples=60)
@given(status=st.sampled_from([200, 200, 200, 200, 400, 404, 405, 413, 429, 500]), content=json_values)
def test_whatever_a_server_answers_no_call_fails_with_an_error_of_python(
    status: int, content: object
) -> None:
    async def call_everything() -> None:
        async with scripted_server() as remote, Transport(remote.server, patience=IMPATIENT) as transport:
            remote.answers = [Answer(status, json.dumps(content).encode(), {"Retry-After": "0"})]
            for call in CALLS.values():
                try:
                    await call(ProjectApi(transport, PROJECT, "/server"))
                except XgodoError as error:
                    str(error).encode("utf-8")
            try:
                await find(transport, PROJECT, Memory(), now=0)
            except XgodoError as error:
                str(error).encode("utf-8")

    asyncio.run(call_everything())
