"""The package as it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from drover import install

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package from a wheel in it, away from any checkout."""
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(directory / "site")
    return directory / "site"


@pytest.mark.parametrize("what", ["crds", "policies", "webhooks"])
def test_a_wheel_brings_all_that_is_installed_into_a_cluster(installed: Path, what: str) -> None:
    code = f"from drover import install; print(install.__file__, *[o['metadata']['name'] for o in install.{what}()])"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=installed, env=environment)
    file, *names = done.stdout.split()
    assert file == str(installed / "drover/install.py")
    assert names == [obj["metadata"]["name"] for obj in getattr(install, what)()]


def test_files_that_lack_are_an_error_and_not_an_empty_list() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere has no YAML files: this installation of Drover is not whole"):
        install.documents("nowhere")
