"""Shipped folders are found from a wheel and from a checkout, without looking anywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pyfakefs.fake_filesystem import FakeFilesystem

from xgodo_dev import resources

PACKAGE = Path(resources.__file__).resolve().parent


@pytest.mark.parametrize("name", ["templates", "typings"])
def test_a_wheel_carries_the_folder_inside_the_package(
    fs: FakeFilesystem, name: Literal["templates", "typings"]
) -> None:
    fs.create_dir(PACKAGE / name)
    fs.create_dir(PACKAGE.parent / name)
    assert resources.directory(name) == PACKAGE / name


@pytest.mark.parametrize("name", ["templates", "typings"])
def test_a_checkout_has_the_folder_beside_the_package(
    fs: FakeFilesystem, name: Literal["templates", "typings"]
) -> None:
    fs.create_dir(PACKAGE)
    fs.create_dir(PACKAGE.parent / name)
    assert resources.directory(name) == PACKAGE.parent / name
