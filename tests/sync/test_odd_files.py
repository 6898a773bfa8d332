"""Contents and names that tools get wrong, in both directions."""

from __future__ import annotations

import errno
import os
import random
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import RemoteProject
from xgodo_dev.project.disk import Disk
from xgodo_dev.sync import sendable
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.pull import HostileName, NotPulled, Pulled
from xgodo_dev.sync.push_results import Refused, Synced, Unchanged

ODD_CONTENTS = [
    "a\r\nb\r\n",
    "a\rb",
    "\ufeffmark",
    "",
    "\0",
    "no end of line",
    "😀\u2028\u0085",
    "\\u0041 \"'",
    "\ufffd was here",
]


@pytest.mark.parametrize("content", ODD_CONTENTS)
async def test_content_arrives_there_byte_for_byte(
    remote: RemoteProject, each_copy: WorkingCopy, content: str
) -> None:
    each_copy.write("main.ts", content)
    await each_copy.push()
    assert remote.files["main.ts"] == content
    assert await each_copy.push("main.ts") == {"main.ts": Unchanged("main.ts")}


@pytest.mark.parametrize("content", ODD_CONTENTS)
async def test_content_arrives_here_byte_for_byte(
    remote: RemoteProject, each_copy: WorkingCopy, content: str
) -> None:
    each_copy.write("main.ts", "before")
    await each_copy.push()
    remote.files["main.ts"] = content
    assert await each_copy.pull() == {"main.ts": Pulled("main.ts")}
    assert (each_copy.root / "main.ts").read_bytes() == content.encode()
    assert await each_copy.push() == {}


async def test_forty_megabytes_go_there_and_back_byte_for_byte(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    content = random.Random(1).randbytes(20 * 1024**2).hex()
    assert len(content) == 40 * 1024**2
    each_copy.write("large.json", content)
    each_copy.write("small.ts", "1")
    results = await each_copy.push()
    assert {type(each) for each in results.values()} == {Synced}
    assert remote.files["large.json"] == content
    remote.files["large.json"] = content[::-1]
    assert await each_copy.pull() == {"large.json": Pulled("large.json")}
    assert each_copy.read("large.json") == content[::-1]


NOT_TEXT = b"\x89PNG\xff\x00"


async def test_what_can_not_be_sent_is_named_with_its_reason_and_the_others_go_on(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("image.json", NOT_TEXT)
    with (each_copy.root / "large.json").open("wb") as file:
        file.truncate(sendable.LARGEST_CONTENT + 1)
    each_copy.write("good.ts", "1")
    results = await each_copy.push()
    reasons = {path: each.reason for path, each in results.items() if isinstance(each, Refused)}
    assert reasons.keys() == {"image.json", "large.json"}
    assert "UTF-8" in reasons["image.json"]
    assert "50 MB" in reasons["large.json"]
    assert isinstance(results["good.ts"], Synced)
    assert remote.files == {"good.ts": "1"}


async def test_what_can_not_be_sent_is_named_also_where_force_is_used(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files["image.json"] = "theirs"
    each_copy.write("image.json", NOT_TEXT)
    assert isinstance((await each_copy.push(force=True))["image.json"], Refused)
    assert remote.files == {"image.json": "theirs"}


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes")
async def test_a_name_that_is_no_text_is_refused_and_the_others_go_on(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    path = os.fsdecode(b"bad-\xff.ts")
    each_copy.write(path, "1")
    each_copy.write("good.ts", "1")
    remote.files["theirs.ts"] = "theirs"
    assert each_copy.survey().to_push() == sorted([path, "good.ts"])
    results = await each_copy.push()
    assert isinstance(results[path], Refused)
    assert isinstance(results["good.ts"], Synced)
    assert (await each_copy.ask()).verdicts[path] is Verdict.CHANGED_HERE
    pulled = await each_copy.pull()
    assert pulled == ({"theirs.ts": Pulled("theirs.ts")} if each_copy.remote.lists_files else {})


class LockedDisk(Disk):
    """Refuses to open one file, as to a user without the permission."""

    def open_existing(self, path: Path) -> int:
        if path.name == "locked.ts":
            raise PermissionError(errno.EACCES, "Permission denied")
        return super().open_existing(path)


async def test_a_file_that_can_not_be_read_is_refused_and_the_others_go_on(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("locked.ts", "1")
    each_copy.write("good.ts", "1")
    each_copy.state.__exit__(None, None, None)
    each_copy.open(LockedDisk())
    remote.files["locked.ts"] = "theirs"
    assert await each_copy.pull() == {}
    results = await each_copy.push()
    refused = results["locked.ts"]
    assert isinstance(refused, Refused)
    assert "can't be read" in refused.reason
    assert isinstance(results["good.ts"], Synced)


@pytest.mark.skipif(sys.platform == "win32", reason="links")
@pytest.mark.parametrize("target", ["loop.ts", "real.ts", "../outside.ts", "/etc/hostname", "nothing.ts"])
async def test_links_are_neither_sent_nor_written_through(
    remote: RemoteProject, each_copy: WorkingCopy, target: str
) -> None:
    (each_copy.root.parent / "outside.ts").write_text("outside")
    each_copy.write("real.ts", "real")
    await each_copy.push()
    (each_copy.root / "loop.ts").symlink_to(target)
    assert await each_copy.push() == {}
    assert await each_copy.push("loop.ts") == {"loop.ts": Unchanged("loop.ts")}
    remote.files["loop.ts"] = "theirs"
    assert await each_copy.pull() == {}
    assert (each_copy.root / "loop.ts").is_symlink()
    assert (each_copy.root.parent / "outside.ts").read_text() == "outside"
    assert each_copy.read("real.ts") == "real"


@pytest.mark.parametrize(
    "path",
    [
        "grüße/日本.ts",
        "with space.ts",
        "😀.ts",
        unicodedata.normalize("NFD", "é.ts"),
        "a+b&c=d%20?.ts".replace("?", ""),
        "x" * 252 + ".ts",
    ],
)
async def test_names_arrive_as_they_are_in_both_directions(
    remote: RemoteProject, each_copy: WorkingCopy, path: str
) -> None:
    each_copy.write(path, "1")
    assert isinstance((await each_copy.push())[path], Synced)
    assert remote.files == {path: "1"}
    remote.files[path] = "2"
    assert await each_copy.pull() == {path: Pulled(path)}
    assert each_copy.read(path) == "2"


HOSTILE = [
    "/etc/passwd.ts",
    "../outside.ts",
    "a/../../outside.ts",
    "./main.ts",
    "a//b.ts",
    "..\\outside.ts",
    "C:/outside.ts",
    "con.ts",
    "a/nul.js",
    "trailing./x.ts",
    ".git/hooks/x.ts",
    ".xgodo/x.ts",
    "node_modules/x/index.js",
    "xgodo.toml",
    "line\nbreak.ts",
    "zero\0.ts",
    "half\ud83d.ts",
    "",
    "x" * 300 + ".ts",
]


@pytest.mark.parametrize("path", HOSTILE)
async def test_a_hostile_name_from_the_server_is_never_written_and_stops_nothing(
    remote: RemoteProject, listed_copy: WorkingCopy, path: str
) -> None:
    remote.files |= {path: "hostile", "good.ts": "1"}
    before = {each for each in listed_copy.root.parent.rglob("*") if ".xgodo" not in each.parts}
    results = await listed_copy.pull()
    assert results.pop("good.ts") == Pulled("good.ts")
    # What no name of a file here can be is left out; what only may not be a file is said.
    for result in results.values():
        assert isinstance(result, NotPulled)
        assert isinstance(result.error, HostileName)
        assert result.path == path
    after = {each for each in listed_copy.root.parent.rglob("*") if ".xgodo" not in each.parts}
    assert after - before == {listed_copy.root / "good.ts"}
    assert not (listed_copy.root / ".xgodo" / "x.ts").exists()


@pytest.mark.parametrize("path", HOSTILE)
async def test_a_hostile_name_given_to_a_pull_is_refused(
    remote: RemoteProject, listed_copy: WorkingCopy, path: str
) -> None:
    remote.files[path] = "hostile"
    puller = listed_copy.puller()
    (result,) = [each async for each in puller.pull_all([path])]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, HostileName)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Main.ts", "main.ts"),
        ("SRC/a.ts", "src/a.ts"),
        (unicodedata.normalize("NFD", "é.ts"), unicodedata.normalize("NFC", "é.ts")),
    ],
)
async def test_of_names_that_are_one_to_many_a_disk_one_is_brought(
    remote: RemoteProject, listed_copy: WorkingCopy, one: str, other: str
) -> None:
    remote.files |= {one: "1", other: "2"}
    results = await listed_copy.pull()
    assert results[one] == Pulled(one)
    refused = results[other]
    assert isinstance(refused, NotPulled)
    assert isinstance(refused.error, HostileName)
    assert one in str(refused.error)
    assert listed_copy.read(one) == "1"


async def test_a_new_name_that_collides_with_a_file_here_does_not_touch_it(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    listed_copy.write("main.ts", "mine")
    remote.files["Main.ts"] = "theirs"
    results = await listed_copy.pull()
    assert isinstance(results["Main.ts"], NotPulled)
    assert listed_copy.read("main.ts") == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="a disk that tells these names apart")
async def test_names_that_differ_in_case_alone_are_files_of_their_own_once_they_are_here(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "small")
    each_copy.write("Main.ts", "large")
    results = await each_copy.push()
    assert {type(each) for each in results.values()} == {Synced}
    remote.files |= {"main.ts": "2", "Main.ts": "3"}
    assert (await each_copy.pull()).keys() == {"main.ts", "Main.ts"}
    assert (each_copy.read("main.ts"), each_copy.read("Main.ts")) == ("2", "3")
