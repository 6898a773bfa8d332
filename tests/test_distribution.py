"""What is built from this tree is complete."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
BUILD_DEADLINE_S = 90
GENERATION = ("xgodo_dev/platform/spec/generation/", "xgodo_dev/cli/manual/")
MANUAL = "docs/xgodo-dev.1"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist of this tree, and the wheel that is built from that sdist."""
    destination = tmp_path_factory.mktemp("distributions")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", destination, CHECKOUT],
        check=True,
        timeout=BUILD_DEADLINE_S,
        stdout=subprocess.DEVNULL,
    )
    (sdist,) = destination.glob("*.tar.gz")
    (wheel,) = destination.glob("*.whl")
    return sdist, wheel


def source_files(folder: str) -> set[str]:
    """POSIX paths, from the checkout, of the files in one of its folders."""
    return {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def shipped_files(folder: str) -> set[str]:
    """Those of them that an installed package has: nobody generates anything with it."""
    return {path for path in source_files(folder) if not path.startswith(GENERATION)}


def in_wheel(path: str) -> str:
    """Where the wheel has what stands at ``path`` in the checkout."""
    return path if path.startswith("xgodo_dev/") else f"xgodo_dev/{path}"


def test_there_are_files_that_stock_ignore_rules_would_drop() -> None:
    shipped = shipped_files("xgodo_dev") | shipped_files("templates") | shipped_files("typings")

    assert {".js", ".json", ".ts", ".py"} <= {PurePosixPath(path).suffix for path in shipped}
    assert any(path.endswith("package-lock.json") for path in shipped)


@pytest.mark.parametrize("folder", ["xgodo_dev", "templates", "typings"])
def test_the_wheel_has_every_file(distributions: tuple[Path, Path], folder: str) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        shipped = set(wheel.namelist())

    assert {in_wheel(path) for path in shipped_files(folder)} - shipped == set()


def test_the_wheel_has_nothing_else(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name and ".data/" not in name}
    expected = shipped_files("xgodo_dev") | shipped_files("templates") | shipped_files("typings")

    assert shipped - {in_wheel(path) for path in expected} == set()


def test_the_wheel_has_the_manual_page_where_man_looks(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        (shipped,) = (name for name in wheel.namelist() if ".data/" in name)
        assert shipped.endswith(".data/data/share/man/man1/xgodo-dev.1")
        assert wheel.read(shipped) == (CHECKOUT / MANUAL).read_bytes()


@pytest.mark.parametrize("folder", ["xgodo_dev", "templates", "typings", "tests", "docs"])
def test_the_sdist_has_every_file(distributions: tuple[Path, Path], folder: str) -> None:
    with tarfile.open(distributions[0]) as sdist:
        shipped = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in sdist.getnames()}

    assert source_files(folder) - shipped == set()


def test_an_installed_wheel_scaffolds_the_same_project_as_the_checkout(
    distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        wheel.extractall(tmp_path / "installed")

    made = {
        origin: scaffold_in_a_process(origin, tmp_path / name)
        for name, origin in (("from-wheel", tmp_path / "installed"), ("from-checkout", CHECKOUT))
    }

    from_wheel, from_checkout = made.values()
    assert from_wheel == from_checkout
    assert {"main.ts", ".gitignore", ".xgodo/types/index.d.ts"} <= from_wheel.keys()


def scaffold_in_a_process(origin: Path, root: Path) -> dict[str, bytes]:
    """The files of a project made by the package that lies in the folder ``origin``."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "import xgodo_dev\n"
        "from xgodo_dev import resources\n"
        "from xgodo_dev.schema.input_schema import Schemas\n"
        "from xgodo_dev.project.scaffold import scaffold\n"
        "from xgodo_dev.toolchain import declarations\n"
        "origin, root = map(Path, sys.argv[1:])\n"
        "assert Path(xgodo_dev.__file__).is_relative_to(origin), xgodo_dev.__file__\n"
        "assert resources.directory('templates').is_relative_to(origin)\n"
        "scaffold(root, template='stages', name='app', project_id='fixed', force=False)\n"
        "declarations.write(root, Schemas())\n"
    )
    subprocess.run(
        [sys.executable, "-P", "-c", program, origin, root],
        check=True,
        timeout=30,
        env=os.environ | {"PYTHONPATH": str(origin)},
        cwd=root.parent,
    )
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
