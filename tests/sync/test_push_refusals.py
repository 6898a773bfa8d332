from __future__ import annotations

import pytest

from tests.scripted_server import Answer, json_answer, page
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import RemoteProject, order
from xgodo_dev.errors import AuthenticationError, ProjectNotFound
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.sync.push_results import (
    Refused,
    Synced,
    Unsent,
)
from xgodo_dev.sync.remote import AT_ONCE


def needs(remote: RemoteProject, **imports: str) -> None:
    """Let the server's compiler refuse a file until the one that it imports is there."""

    def errors(path: str, _content: str) -> list[str]:
        wanted = imports.get(path.removesuffix(".ts"))
        return (
            [f"Error at 1:1: Cannot find {wanted}."] if wanted and f"{wanted}.ts" not in remote.files else []
        )

    remote.compile = errors


@pytest.mark.parametrize("stores", [True, False])
async def test_compile_refusals_are_tried_again_while_that_helps(
    remote: RemoteProject, each_copy: WorkingCopy, stores: bool
) -> None:
    remote.stores_what_does_not_compile = stores
    needs(remote, a="b", b="c", c="d")
    paths = [f"{name}.ts" for name in "abcd"]
    for path in paths:
        each_copy.write(path, path)
    results = await each_copy.push()
    assert {type(result) for result in results.values()} == {Synced}
    assert remote.files == {path: path for path in paths}
    assert each_copy.survey().to_push() == []


@pytest.mark.parametrize("stores", [True, False])
async def test_a_refusal_that_stays_is_reported_once_and_the_rest_is_sent(
    remote: RemoteProject, each_copy: WorkingCopy, stores: bool
) -> None:
    remote.stores_what_does_not_compile = stores
    needs(remote, bad="nothing")
    each_copy.write("bad.ts", "bad")
    each_copy.write("good.ts", "good")
    results = [result async for result in each_copy.pusher.push_all(["bad.ts", "good.ts"])]
    assert sorted(result.path for result in results) == ["bad.ts", "good.ts"]
    errors = ("Error at 1:1: Cannot find nothing.",)
    assert [each for each in results if isinstance(each, Refused)] == [Refused("bad.ts", "compile", errors)]
    assert each_copy.survey().to_push() == ["bad.ts"]
    assert each_copy.survey().compile_errors() == {"bad.ts": errors}
    assert each_copy.read("bad.ts") == "bad"


async def test_what_does_not_compile_is_no_edit_of_somebody_else(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    each_copy.write("main.ts", "good")
    await each_copy.push()
    each_copy.write("main.ts", "bad")
    assert isinstance((await each_copy.push())["main.ts"], Refused)
    assert remote.files["main.ts"] == "bad"
    each_copy.restart()
    each_copy.write("main.ts", "better")
    assert isinstance((await each_copy.push())["main.ts"], Synced)
    assert each_copy.survey().compile_errors() == {}


async def test_undoing_what_does_not_compile_undoes_it_there_too(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    each_copy.write("main.ts", "good")
    await each_copy.push()
    each_copy.write("main.ts", "bad")
    await each_copy.push()
    each_copy.write("main.ts", "good")
    assert each_copy.survey().to_push() == ["main.ts"]
    assert isinstance((await each_copy.push())["main.ts"], Synced)
    assert remote.files["main.ts"] == "good"
    assert each_copy.survey().to_push() == []


async def test_any_other_refusal_of_a_file_is_its_result(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.refusal = json_answer({"success": False, "message": "Invalid path"}, 400)
    each_copy.write("a.ts", "1")
    each_copy.write("b.ts", "1")
    assert await each_copy.push() == {
        "a.ts": Refused("a.ts", "Invalid path"),
        "b.ts": Refused("b.ts", "Invalid path"),
    }


async def test_a_name_that_the_server_does_not_take_stops_no_other_file(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.refuse_reading = {"a.ts"}
    copy.write("a.ts", "1")
    copy.write("b.ts", "1")
    results = await copy.push()
    assert results["a.ts"] == Refused("a.ts", "Invalid path")
    assert isinstance(results["b.ts"], Synced)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (json_answer({"success": False, "message": "Automation project not found"}, 404), ProjectNotFound),
        (page(405), RouteMissing),
        (json_answer({"message": "who are you?"}, 401), AuthenticationError),
    ],
)
async def test_a_refusal_of_the_whole_project_leaves_the_rest_unsent(
    remote: RemoteProject, each_copy: WorkingCopy, refusal: Answer, kind: type[Exception]
) -> None:
    remote.refusal = refusal
    paths = {f"{number:02}.ts" for number in range(3 * AT_ONCE)}
    for path in paths:
        each_copy.write(path, "1")
    results = await each_copy.push()
    assert results.keys() == paths
    assert {type(each.error) for each in results.values() if isinstance(each, Unsent)} == {kind}
    assert {type(each) for each in results.values()} == {Unsent}
    # Those already under way may have been refused as well, but no more were tried. (A method that is
    # missing has another one tried in its place.)
    assert order(remote).count("write") <= 2 * AT_ONCE
