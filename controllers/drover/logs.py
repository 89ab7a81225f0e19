"""Logs: one JSON object a line, with the same keys everywhere; readable lines on a terminal."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

from drover.kinds.manager import reconcile_id

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """A record as JSON: ts, level, logger, msg, what is reconciled, then what the call added."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        entry = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
            **reconcile_id.get({}),
            **{name: value for name, value in vars(record).items() if name not in _KNOWN},
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()


def configure(*, level: str, json: bool) -> None:
    """Sends the log to standard error. kopf's own lines are kept from warning on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if json else logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("kopf").setLevel(logging.ERROR)
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
