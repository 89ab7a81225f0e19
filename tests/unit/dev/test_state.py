from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drover.dev import directories, discovery, state
from drover.dev.options import Options
from drover.dev.state import Owner, State


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    wanted = State(Options("a", members=1), {"hub": {"etcdPort": 20_000}, "member-1": {"etcdPort": 20_001}})
    wanted.write(tmp_path)
    assert State.read(tmp_path) == wanted
    replace(wanted, ready=True).write(tmp_path)
    assert State.read(tmp_path) == replace(wanted, ready=True)


@pytest.mark.parametrize("content", ["", "{", "{}", '{"options": {"colour": 1}, "ports": {}, "ready": true}'])
def test_a_half_written_or_foreign_file_is_no_state(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    assert State.read(tmp_path) is None


def test_ports_of_every_control_plane_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert state.names() == []
    for number, name in enumerate(("a", "b")):
        directory = directories.control_planes() / name
        directory.mkdir(parents=True)
        State(Options(name), {"hub": {"etcdPort": 20_000 + number}}).write(directory)
    (directories.control_planes() / ".ports.lock").touch()
    assert (state.names(), state.taken_ports()) == (["a", "b"], {20_000, 20_001})


def test_only_a_control_plane_whose_owner_is_gone_is_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    me = Owner.this_process()
    owners = {"mine": me, "nobodys": None, "of-an-earlier-process": replace(me, started=me.started - 60)}
    for name, owner in owners.items():
        directory = directories.control_planes() / name
        directory.mkdir(parents=True)
        wanted = State(Options(name), {}, owner=owner)
        wanted.write(directory)
        assert State.read(directory) == wanted
    assert state.abandoned() == ["of-an-earlier-process"]


def test_a_relative_cache_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert directories.cache() == Path.home() / ".cache" / "drover"


def test_kubectl_forgets_an_address_and_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECACHEDIR", str(tmp_path))
    for address in ("127.0.0.1_20000", "127.0.0.1_20001"):
        (tmp_path / "discovery" / address).mkdir(parents=True)
    discovery.forget("https://127.0.0.1:20000")
    assert [entry.name for entry in (tmp_path / "discovery").iterdir()] == ["127.0.0.1_20001"]
