"""The Settings that something reads: their defaults and formats, and which of several values is in force."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from drover.rules.initial_namespaces import SYSTEM

SYSTEM_NAMESPACES: Final = "system-namespaces"
INSTALL_UUID: Final = "install-uuid"
SERVER_VERSION: Final = "server-version"
USED_LIMIT_IN_SPEC: Final = "used-limit-in-spec"
BINDING_PER_SUBJECT: Final = "rbac-binding-per-subject"

ENVIRONMENT_PREFIX: Final = "CATTLE_"
_INSTALLATIONS: Final = uuid.UUID("5e1c1f3a-3f0f-5d0c-9d35-0f6f1f0e7c11")
_LABEL: Final = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Format:
    """What a value must look like: a pattern that RE2 and Python read alike, for the whole value. `message` says what
    else it must be, and what to do."""

    pattern: str
    message: str


NAMES: Final = Format(
    f"^ *{_LABEL}( *, *{_LABEL})* *$",
    "must be names of namespaces, separated by commas, such as `kube-system,cert-manager`; "
    "correct it, or remove it for the default",
)
BOOLEAN: Final = Format("^(true|false)$", "must be `true` or `false`; correct it, or remove it for the default")
UUID: Final = Format(
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    "must be a UUID in lower case; correct it, or remove it for the default",
)
VERSION: Final = Format(
    "^v?[0-9]+[.][0-9]+[.][0-9]+([-+][0-9A-Za-z.+-]+)?$",
    "must be a version such as `v2.12.3`; correct it, or remove it for the default",
)


@dataclass(frozen=True, slots=True)
class Known:
    """A Setting that something reads."""

    name: str
    default: str
    format: Format

    def problem(self, value: object) -> str:
        """What is wrong with a value; empty for one that can be used."""
        if not isinstance(value, str):
            return "must be a string; put it into quotes"
        return "" if re.fullmatch(self.format.pattern, value) else self.format.message


@dataclass(frozen=True, slots=True)
class Reading:
    """The value that is in force, and where the value that counts comes from: `env`, `db` (the object) or `default`.

    `problem` says why that one is not in force; empty where it is.
    """

    value: str
    source: str
    problem: str = ""


@cache
def known(version: str, cluster_uid: str) -> Mapping[str, Known]:
    """The Settings that are made where they are missing, by name, for a version of Drover in the cluster whose
    namespace kube-system has this uid. Which part reads which is in docs/settings.md.

    The identity follows from the cluster, so that a Setting that was deleted comes back with the same.
    """
    found = (
        Known(SYSTEM_NAMESPACES, ",".join(SYSTEM), NAMES),
        Known(INSTALL_UUID, str(uuid.uuid5(_INSTALLATIONS, cluster_uid)), UUID),
        Known(SERVER_VERSION, f"v{version}", VERSION),
        Known(USED_LIMIT_IN_SPEC, "false", BOOLEAN),
        Known(BINDING_PER_SUBJECT, "false", BOOLEAN),
    )
    return MappingProxyType({each.name: each for each in found})


def variable(name: str) -> str:
    """The environment variable that decides over a Setting: `CATTLE_SYSTEM_NAMESPACES`."""
    return ENVIRONMENT_PREFIX + re.sub(r"[.-]", "_", name).upper()


def read(setting: Known, environment: Mapping[str, str], value: object, recorded: object, *, held: bool) -> Reading:
    """What is in force: the environment before the object's `value` before the default; empty counts as not set.

    A value of the wrong form is reported, and what was in force before (`recorded` in the status) stays so; the
    default where nothing was. `held`: that stays in force whatever is asked for.
    """
    name = variable(setting.name)
    asked: object
    if text := environment.get(name, ""):
        asked, source, place = text, "env", f"environment variable {name}"
    elif value not in (None, ""):
        asked, source, place = value, "db", "value"
    else:
        asked, source, place = setting.default, "default", "default"
    problem = "" if held else setting.problem(asked)
    if not held and not problem:
        return Reading(str(asked), source)
    standing = str(recorded) if recorded and not setting.problem(recorded) else setting.default
    return Reading(standing, source, f"{place}: {problem}" if problem else "")


def customized(setting: Known, value: object) -> bool:
    """Whether the object asks for another value than the default."""
    return value not in (None, "", setting.default)


@cache
def listed_names(value: str) -> tuple[str, ...]:
    """The names in a value of the form `NAMES`."""
    return tuple(name.strip() for name in value.split(","))
