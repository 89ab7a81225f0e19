"""What to do about a NodeTemplate: see whether its driver and its credential are there, and hold its deletion while a
NodePool uses it."""

from __future__ import annotations

from drover.api.keys import NODE_TEMPLATE_FINALIZER
from drover.kinds.node_template.world import World
from drover.kinds.plan import LookAtSecret, Plan
from drover.kinds.protected import decided
from drover.kinds.shared import due
from drover.rules import credentials
from drover.rules.findings import Terminal, Waiting


def decide(world: World) -> Plan:
    """The next step."""
    namespace, name = world.credential
    actions = (LookAtSecret(namespace, name),) if name and due(world.look, world.now) else ()
    return decided(world, NODE_TEMPLATE_FINALIZER, _CHECKS, actions)


def driver_found(world: World) -> Terminal | Waiting | None:
    """Whether machines may be made by the template's driver."""
    if not world.driver_name:
        return Terminal("DriverNotFound", "names no driver; set spec.driver")
    if world.driver is None or not world.driver.machines:
        return Waiting("DriverNotFound", f"there is no NodeDriver {world.driver_name}; create it")
    if not world.usable:
        return Waiting(
            "DriverNotActive",
            f"driver {world.driver_name} is not active; create or change its NodeDriver, with spec.active true",
        )
    return None


def credential_fits(world: World) -> Terminal | Waiting | None:
    """Whether the Secret that the template names has what its driver needs."""
    namespace, name = world.credential
    if not name or world.look is None or not world.driver_name:
        return None
    where = f"Secret {namespace}/{name}"
    return credentials.finding(world.driver_name, world.driver, world.look, where, namespace)


_CHECKS = (driver_found, credential_fits)
