"""Reading the kube-apiserver's log while it is written."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from drover.dev import audit

LINE = orjson.dumps(
    {
        "user": {"username": audit.OPERATOR},
        "verb": "create",
        "objectRef": {"resource": "projects", "namespace": "edge", "name": "shop"},
        "responseStatus": {"code": 201},
    }
)


def test_a_log_that_is_not_there_yet_has_nothing(tmp_path: Path) -> None:
    assert audit.size(tmp_path / "audit.log") == 0


@pytest.mark.parametrize(
    "begun", [b"", LINE[:30], LINE * 1000], ids=["nothing", "a-little", "more-than-is-read-at-once"]
)
def test_what_comes_later_starts_with_a_whole_line(tmp_path: Path, begun: bytes) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(LINE + b"\n" + begun)
    since = audit.size(log)
    assert since == len(LINE) + 1
    log.write_bytes(LINE + b"\n" + LINE + b"\n")
    (write,) = audit.writes(log, since)
    assert (write.what, write.namespace, write.name, write.code) == ("create projects", "edge", "shop", 201)


def test_a_line_that_is_only_begun_is_nothing_yet(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(LINE[:30])
    assert audit.size(log) == 0
    assert audit.writes(log) == []
