"""Cloud credentials: which keys of a Secret belong to which driver. Names of keys are all that is looked at here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from drover.rules.drivers import Driver
from drover.rules.findings import Terminal, Waiting, listed

CREDENTIAL_TYPE: Final = "provisioning.cattle.io/cloud-credential"
TYPES: Final = ("Opaque", CREDENTIAL_TYPE)
_PART: Final = "credentialConfig-"
_AGAIN_SECONDS: Final = 10.0
_ALLOWED_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a Secret showed, without any value: the names of keys, and of those whose value is empty.
    `version` is its uid and resourceVersion."""

    at: datetime
    state: Literal["found", "absent", "forbidden"]
    type: str = ""
    keys: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which keys of a credential are there, missing, and of no meaning for its driver; `known` says whether the layout
    of the driver is."""

    present: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: bool = True


def key(driver: str, field: str) -> str:
    """The key of a field: `amazonec2credentialConfig-accessKey`."""
    return f"{driver}{_PART}{field}"


def verdict(name: str, driver: Driver | None, look: Look) -> Verdict:
    """What a Secret has of a driver's credential. A driver whose fields nobody has described takes every key of its
    own, and needs one."""
    filled = [each for each in look.keys if each not in look.empty]
    if driver is None or not driver.fields:
        present = [each for each in filled if each.startswith(key(name, ""))]
        missing = [] if present else [key(name, "*")]
        return Verdict(_sorted(present), _sorted(missing), _sorted(set(look.keys) - set(present)), known=False)
    fields = {key(name, field) for field in driver.fields}
    required = {key(name, field) for field in driver.required}
    return Verdict(_sorted(fields & set(filled)), _sorted(required - set(filled)), _sorted(set(look.keys) - fields))


def finding(name: str, driver: Driver | None, look: Look, where: str, namespace: str) -> Terminal | Waiting | None:
    """What is wrong with a Secret as a driver's credential; `where` names the Secret."""
    if look.state == "absent":
        return Waiting("CredentialNotFound", f"{where} does not exist; create it", _AGAIN_SECONDS)
    if look.state == "forbidden":
        return Waiting(
            "Forbidden",
            f"Drover may not read {where}; grant it get on secrets in namespace {namespace}",
            _ALLOWED_SECONDS,
        )
    if look.type not in TYPES:
        return Terminal(
            "CredentialInvalid", f"{where} has type {look.type}; a credential has type {' or '.join(TYPES)}"
        )
    found = verdict(name, driver, look)
    others = {each.partition(_PART)[0] for each in found.unknown if _PART in each} - {name}
    if others:
        return Terminal(
            "CredentialInvalid",
            f"{where} has keys of several drivers: {listed({name, *others})}; keep those of one",
        )
    if found.missing:
        return Terminal("CredentialInvalid", f"{where} lacks {listed(found.missing)}; add them, or correct spec.driver")
    return None


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
