"""What `make kind` and `make image` need of the machine, and what they say when it lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drover.dev import kind
from drover.dev.errors import DevError


def program(directory: Path, name: str, script: str = "exit 0") -> Path:
    made = directory / name
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(0o755)
    return made


def test_docker_is_used_when_it_answers(tmp_path: Path) -> None:
    docker = program(tmp_path, "docker")
    program(tmp_path, "podman")
    assert kind.engine(str(tmp_path)).program == docker


def test_podman_is_used_when_docker_does_not_answer(tmp_path: Path) -> None:
    program(tmp_path, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    podman = program(tmp_path, "podman")
    assert kind.engine(str(tmp_path)).program == podman


def test_without_an_engine_it_says_what_it_looked_for(tmp_path: Path) -> None:
    program(tmp_path, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    with pytest.raises(DevError) as raised:
        kind.engine(str(tmp_path))
    message = str(raised.value)
    assert "Docker or podman" in message
    assert "docker does not answer: Cannot connect to the Docker daemon; podman is not on PATH" in message
    assert "`make demo`" in message


def test_kind_is_asked_for_by_name(tmp_path: Path) -> None:
    program(tmp_path, "docker")
    with pytest.raises(DevError, match="needs kind on PATH"):
        kind.tools(str(tmp_path))


@pytest.mark.parametrize("command", ["kind", "image"])
def test_the_command_fails_where_there_is_no_engine(tmp_path: Path, command: str) -> None:
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "drover", "dev", command], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: This needs a container engine, Docker or podman. docker is not on PATH")
    assert done.stdout == ""


def test_what_a_failed_command_said_is_shown(tmp_path: Path) -> None:
    with pytest.raises(DevError, match=r"ended with 3:\n    no space left"):
        kind.run([program(tmp_path, "docker", "echo no space left; exit 3"), "build"])
