"""An emulator that plays a server without the project API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served_emulator import DEADLINE, serve_in_thread

from xgodo_dev.toolchain.tools import Toolchain

ID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
P = f"/v2/automation-project/{ID}"
ROUTES = [
    ("GET", "/v2/user/me"),
    ("GET", "/v2/automation-projects"),
    ("GET", "/v2/templates"),
    ("GET", "/v2/types/node-types"),
    ("GET", "/v2/types/bootstrap"),
    *(("GET", P + path) for path in ("", "/files", "/file?path=a", "/types/arguments")),
    *(("GET", f"{P}/git/{path}") for path in ("status", "history", f"diff-working/{ID[:8]}")),
    *(("POST", P + path) for path in ("/sync", "/commit", "/template")),
    ("PATCH", f"{P}/options"),
    *((method, f"/v1/automation-project/{ID}/file?path=a") for method in ("GET", "PUT", "DELETE")),
    *(("GET", f"/v1/automation-project/{ID}/{path}") for path in ("files", "git/status")),
    ("POST", f"/v1/automation-project/{ID}/git/commit"),
]


def test_its_routes_are_answered_like_any_unknown_one_and_the_documented_ones_as_ever(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    with serve_in_thread(tmp_path, project_api=False) as served:
        assert served.write(ID, "main.ts", "export {};\n").status_code == 200
        assert served.commit(ID, "m").status_code == 200
        for base in ("/api", "/server/api"):
            for method, path in ROUTES:
                response = served.client.request(method, base + path)
                assert response.status_code == 404, (method, path)
                assert response.headers["content-type"].startswith("text/html")
                assert f"Cannot {method} {base}{path.partition('?')[0]}" in response.text
    with serve_in_thread(tmp_path) as served:
        for method, path in ROUTES:
            response = served.client.request(method, f"/api{path}")
            assert response.headers["content-type"] == "application/json", (method, path)


@pytest.mark.parametrize("how", ["--detach", "--with-parent"])
@pytest.mark.parametrize(("options", "status"), [([], 200), (["--no-project-api"], 404)])
def test_the_command_line_has_the_switch(
    toolchain: Toolchain, tmp_path: Path, how: str, options: list[str], status: int
) -> None:
    command = [sys.executable, "-m", "xgodo_dev", "--json", "emulator", "start", "--unlisted", how]
    command += ["--port", "0", "--data", str(tmp_path / "data"), *options]
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {started['token']}"}
        with httpx.Client(base_url=started["url"], headers=headers, trust_env=False) as client:
            try:
                assert client.get("/server/api/v2/user/me").status_code == status
                assert client.get("/server/api/v2/user/balance").status_code == 200
            finally:
                client.post("/_emulator/stop")
        assert process.wait(DEADLINE) == 0
