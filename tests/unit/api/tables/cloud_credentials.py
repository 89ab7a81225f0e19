"""CloudCredentials that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

GOOD: dict[str, Any] = {"driver": "amazonec2"}

_DRIVER = "letters, digits and -, such as amazonec2"

BAD = (
    Bad("no driver", {}, "spec.driver"),
    Bad("an empty driver", {"driver": ""}, "spec.driver"),
    Bad("a driver with a dot", {"driver": "a.b"}, "spec.driver", _DRIVER),
    Bad("a driver that is a key", {"driver": "amazonec2credentialConfig-"}, "spec.driver", _DRIVER),
    Bad("a driver of 58 characters", {"driver": "x" * 58}, "spec.driver"),
    Bad("a driver in two lines", {"driver": "a\nb"}, "spec.driver", _DRIVER),
    Bad("a Secret name of 254 characters", GOOD | {"secretName": "x" * 254}, "spec.secretName"),
    Bad("a Secret that is a number", GOOD | {"secretName": 5}, "spec.secretName"),
    Bad("a display name in two lines", GOOD | {"displayName": "a\nb"}, "spec.displayName", "one line"),
)

CHANGES = (Change("another driver", GOOD, {"driver": "azure"}, "spec.driver", "create another CloudCredential"),)
