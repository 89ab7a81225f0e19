"""A log line is one JSON object."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from drover.kinds.manager import reconcile_id
from drover.logs import JsonFormatter


def line(message: str = "hello %s", *args: object, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("drover.x", logging.WARNING, "x.py", 1, message, args, extra.pop("exc_info", None))
    vars(record).update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return dict(orjson.loads(text))


def test_a_line_has_the_time_the_level_who_says_it_and_what() -> None:
    found = line("hello %s", "world")
    assert (found["level"], found["logger"], found["msg"]) == ("warning", "drover.x", "hello world")
    assert found["ts"].endswith("+00:00")
    assert set(found) == {"ts", "level", "logger", "msg"}


def test_what_a_call_adds_is_there_whatever_it_is() -> None:
    assert line("x", cluster="edge", pause=1.5, what={1})["cluster"] == "edge"
    assert line("x", what=object())["what"].startswith("<object")


def test_a_line_within_a_reconcile_names_it() -> None:
    token = reconcile_id.set({"controller": "project", "name": "shop"})
    try:
        assert line("x")["controller"] == "project"
    finally:
        reconcile_id.reset(token)
    assert "controller" not in line("x")


def test_a_traceback_stays_on_the_line() -> None:
    error = ValueError("two\nlines")
    assert "ValueError: two\nlines" in line("x", exc_info=(type(error), error, None))["error"]
