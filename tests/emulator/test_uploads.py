"""Files that the emulated platform keeps for fifteen minutes."""

from __future__ import annotations

import errno
import os
from datetime import datetime

import httpx
import pytest
from platform_api import PlatformApi
from served_emulator import ServedEmulator

from xgodo_dev.emulator.services import files
from xgodo_dev.emulator.uploads import KEPT_SECONDS, LARGEST_BYTES, harmless_name
from xgodo_dev.platform.spec import reading


def upload(api: PlatformApi, name: str, content: bytes, status: int = 200) -> dict[str, object]:
    return dict(api.ask("POST", "files/upload", status, files={"file": (name, content)}))


def test_an_uploaded_file_is_downloaded_byte_for_byte_and_its_address_needs_no_token(
    owner: PlatformApi,
) -> None:
    content = bytes(range(256)) * 8192

    answer = upload(owner, "example.pdf", content)

    data = answer["data"]
    assert isinstance(data, dict)
    assert (data["originalName"], data["size"]) == ("example.pdf", len(content))
    assert data["filename"].endswith("_example.pdf")
    assert data["filename"].partition("_")[0].isdigit()
    downloaded = owner.request("GET", f"files/temp/{data['filename']}")
    assert downloaded.headers["content-type"] == "application/octet-stream"
    assert downloaded.content == content
    assert httpx.get(data["url"], trust_env=False).content == content


def test_a_file_is_gone_from_everywhere_after_fifteen_minutes(
    owner: PlatformApi, emulator: ServedEmulator
) -> None:
    data = upload(owner, "soon.txt", b"gone")["data"]
    assert isinstance(data, dict)
    kept = emulator.data / "uploads" / data["filename"]
    created = int(data["filename"].partition("_")[0]) / 1000
    expires = datetime.fromisoformat(data["expiresAt"]).timestamp()
    assert expires - created == pytest.approx(KEPT_SECONDS, abs=0.01)
    assert kept.is_file()

    owner.advance(KEPT_SECONDS)

    gone = {"success": False, "message": "File not found or expired"}
    assert owner.get(f"files/temp/{data['filename']}", 404) == gone
    assert httpx.get(data["url"], trust_env=False).status_code == 404
    assert not kept.exists()


def test_two_files_of_one_name_are_two(owner: PlatformApi) -> None:
    data = [upload(owner, "same.txt", content)["data"] for content in (b"1", b"2", b"3")]
    urls = [str(each["url"]) for each in data if isinstance(each, dict)]
    assert [httpx.get(url, trust_env=False).content for url in urls] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        (".bashrc", "bashrc"),
        ("a b;<script>.html", "a_b__script_.html"),
        ("..", "file"),
        ("日本.pdf", "pdf"),
        ("é" * 300 + ".txt", "txt"),
        ("n" * 300 + ".txt", "n" * 96 + ".txt"),
        ("nul\0.txt", "nul_.txt"),
    ],
)
def test_a_name_keeps_nothing_that_anything_could_act_on(name: str, harmless: str) -> None:
    assert harmless_name(name) == harmless


def test_a_hostile_name_stays_in_the_folder_of_uploads(owner: PlatformApi, emulator: ServedEmulator) -> None:
    data = upload(owner, "../../token", b"x")["data"]
    assert isinstance(data, dict)
    assert (emulator.data / "uploads" / data["filename"]).read_bytes() == b"x"
    for name in ("%2e%2e%2ftoken", "..%5Ctoken", "%2e%2e"):
        assert owner.request("GET", f"files/temp/{name}").status_code == 404


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {"name": "no file"}, "files": {"other": ("a.txt", b"a")}},
        {"json": {"file": "text"}},
        {},
    ],
    ids=["another field", "json", "nothing"],
)
def test_a_form_without_the_file_is_refused(owner: PlatformApi, request_: dict[str, object]) -> None:
    refused = owner.ask("POST", "files/upload", 400, **request_)
    assert refused == {"success": False, "message": "No file uploaded"}


def test_a_file_at_the_limit_is_kept_and_one_above_it_refused_before_it_is_all_there(
    owner: PlatformApi, emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reading.xgodo().operations["files.upload"].parameter("file").max_bytes == LARGEST_BYTES
    # The limit is another, so that this takes no second.
    limit = 2**20
    monkeypatch.setattr(files, "LARGEST_BYTES", limit)
    data = upload(owner, "full", bytes(limit))["data"]
    assert isinstance(data, dict)
    assert data["size"] == limit
    kept = set((emulator.data / "uploads").iterdir())
    upload(owner, "full", bytes(limit + 1), 413)

    # It has no end: to wait for that would give another answer.
    begun = b'--b\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    owner.ask("POST", "files/upload", 413, content=begun + bytes(2 * limit), headers=headers)
    assert set((emulator.data / "uploads").iterdir()) == kept


def test_an_upload_that_can_not_be_kept_is_the_servers_failure(
    owner: PlatformApi, emulator: ServedEmulator
) -> None:
    folder = emulator.data / "uploads"
    folder.rename(aside := emulator.data / "aside")
    try:
        failed = upload(owner, "a.txt", b"a", 500)
    finally:
        aside.rename(folder)
    reason = os.strerror(errno.ENOENT)
    assert failed == {"success": False, "message": "Error uploading file", "error": reason}


def test_a_download_needs_a_name_and_a_token(owner: PlatformApi, nobody: PlatformApi) -> None:
    refused = {"success": False, "message": "Filename is required"}
    assert owner.get("files/temp/", 400) == refused
    nobody.get("files/temp/anything", 401)
    upload(nobody, "a.txt", b"a", 401)
