"""`xgodo-dev api` before a server that has pages for people where there is nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from xgodo_dev.cli.app import main

_PAGE = b"<!doctype html><title>Welcome</title>"


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_missing = self.path.endswith("/missing")
        self.send_response(404 if is_missing else 200)
        self.send_header("Content-Type", "text/csv" if self.path.endswith("/file") else "text/html")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_where_nothing_is_goes_to_nobody_who_reads_the_answer(
    site: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "t")

    def answered(*words: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--api-url", site, "api", *words])
        shown = capfd.readouterr()
        return ended.value.code, shown.out, shown.err

    for words in (("user/balanc",), ("user/balanc", "--jq", "."), ("user/missing",)):
        code, out, _ = answered(*words)
        assert (code, out) in ((5, ""), (1, "")), words
    assert "hint: Did you mean GET /api/v2/user/balance?" in answered("user/balanc")[2]
    assert answered("user/file")[:2] == (0, _PAGE.decode())
    assert answered("user/file", "--jq", ".")[:2] == (5, "")
