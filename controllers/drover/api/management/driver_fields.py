"""Fields that drivers of nodes and of clusters share. No binary of either is ever downloaded or run."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field

from drover.api.rule import Rule

_CHECKSUM: Final = "^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})?$"
_URL: Final = r"^(local://[^ \s]*|https?://[^/ \s]+(/[^ \s]*)?)$"

Checksum = Annotated[
    str,
    Field(max_length=128),
    Rule(
        f"self.matches('{_CHECKSUM}')",
        "must be empty or 32, 40, 64 or 128 hexadecimal digits: an MD5, SHA-1, SHA-256 or SHA-512 sum",
        lambda text: re.match(_CHECKSUM, text) is not None,
    ),
]
"""The checksum of a binary, in hexadecimal digits."""

DriverUrl = Annotated[
    str,
    Field(min_length=1, max_length=2048),
    Rule(
        f"self.matches(r'{_URL}')",
        "must be an http or https URL, or `local://` for a driver that comes with the server",
        lambda text: re.match(_URL, text) is not None,
    ),
]
"""Where a binary lies."""

Domains = Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=256)]
