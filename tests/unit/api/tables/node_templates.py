"""NodeTemplates that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad

GOOD: dict[str, Any] = {"driver": "amazonec2"}

BAD = (
    Bad("a private key", GOOD | {"authKey": "x"}, "spec.authKey", "remove it"),
    Bad("a driver of 58 characters", {"driver": "x" * 58}, "spec.driver"),
    Bad("a taint without an effect", GOOD | {"nodeTaints": [{"key": "a"}]}, "spec.nodeTaints[0].effect"),
    Bad(
        "33 taints",
        GOOD | {"nodeTaints": [{"key": f"k{n}", "effect": "NoSchedule"} for n in range(33)]},
        "spec.nodeTaints",
    ),
    Bad(
        "a credential with two colons",
        GOOD | {"cloudCredentialName": "a:b:c"},
        "spec.cloudCredentialName",
        "`namespace:name`",
    ),
    Bad("a display name in two lines", GOOD | {"displayName": "a\nb"}, "spec.displayName", "one line"),
    Bad("labels of the engine as a list", GOOD | {"engineLabel": ["a=b"]}, "spec.engineLabel"),
)

CHANGES = ()
