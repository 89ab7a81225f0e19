"""NodeDrivers that must be refused. KontainerDrivers share these fields."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad

SHARED: dict[str, Any] = {"active": True, "url": "https://drivers.example/docker-machine-driver-own"}
GOOD = SHARED | {"displayName": "own"}

_CHECKSUM = "32, 40, 64 or 128 hexadecimal digits"
_URL = "must be an http or https URL"

BAD_SHARED = (
    Bad("no URL", {"active": True}, "spec.url"),
    Bad("an empty URL", SHARED | {"url": ""}, "spec.url"),
    Bad("a file", SHARED | {"url": "file:///etc/shadow"}, "spec.url", _URL),
    Bad("a relative URL", SHARED | {"url": "/driver"}, "spec.url", _URL),
    Bad("a URL with a space", SHARED | {"url": "https://a.example/a b"}, "spec.url", _URL),
    Bad("a URL in two lines", SHARED | {"url": "https://a.example/\nb"}, "spec.url", _URL),
    Bad("a URL without a host", SHARED | {"url": "https:///driver"}, "spec.url", _URL),
    Bad("a URL of 2049 characters", SHARED | {"url": "https://a.example/" + "x" * 2031}, "spec.url"),
    Bad("no word on whether it is active", {"url": "local://"}, "spec.active"),
    Bad("active as text", SHARED | {"active": "true"}, "spec.active"),
    Bad("a checksum of 33 digits", SHARED | {"checksum": "a" * 33}, "spec.checksum", _CHECKSUM),
    Bad("a checksum of 129 digits", SHARED | {"checksum": "a" * 129}, "spec.checksum"),
    Bad("a checksum with its algorithm", SHARED | {"checksum": "sha256:" + "a" * 57}, "spec.checksum", _CHECKSUM),
    Bad("257 domains", SHARED | {"whitelistDomains": ["a.example"] * 257}, "spec.whitelistDomains"),
)

BAD = (
    *BAD_SHARED,
    Bad("a display name of 58 characters", GOOD | {"displayName": "x" * 58}, "spec.displayName"),
    Bad(
        "a display name with a space", GOOD | {"displayName": "my driver"}, "spec.displayName", "letters, digits and -"
    ),
    Bad("a display name that is a path", GOOD | {"displayName": "../x"}, "spec.displayName", "letters, digits and -"),
)

CHANGES = ()
