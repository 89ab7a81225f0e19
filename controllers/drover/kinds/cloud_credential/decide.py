"""What to do about a CloudCredential: look at its Secret, and hold its deletion while somebody uses it."""

from __future__ import annotations

from drover.api.keys import CLOUD_CREDENTIAL_FINALIZER
from drover.kinds.cloud_credential.world import World
from drover.kinds.plan import LookAtSecret, Plan
from drover.kinds.protected import decided
from drover.kinds.shared import due
from drover.rules import credentials
from drover.rules.findings import Finding


def decide(world: World) -> Plan:
    """The next step."""
    actions = (LookAtSecret(world.namespace, world.secret),) if due(world.look, world.now) else ()
    return decided(world, CLOUD_CREDENTIAL_FINALIZER, _CHECKS, actions)


def _keys_fit(world: World) -> Finding | None:
    if world.look is None:
        return None
    where = f"Secret {world.namespace}/{world.secret}"
    return credentials.finding(world.driver_name, world.driver, world.look, where, world.namespace)


_CHECKS = (_keys_fit,)
