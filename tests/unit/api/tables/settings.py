"""Settings that must be refused, by the schema. What a value must look like is left to a policy, which knows the
name."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

ROOT = ""
"""The fields stand at the top."""

GOOD: dict[str, Any] = {"value": "kube-system,cert-manager"}

BAD = (
    Bad("a value that is a list", {"value": ["kube-system"]}, "value"),
    Bad("a value that is a number", {"value": 30}, "value"),
    Bad("a value that is a boolean", {"value": True}, "value"),
    Bad("a value longer than any", {"value": "x" * 1_048_577}, "value"),
    Bad("a default that is a number", {"default": 30}, "default"),
    Bad("a source that there is not", {"value": "a", "source": "file"}, "source"),
    Bad("customized as a string", {"value": "a", "customized": "true"}, "customized"),
    Bad("a name of 254 characters", GOOD, "metadata.name", name="x" * 254, model=False),
)

CHANGES: tuple[Change, ...] = ()

BAD_VALUES = (
    ("system-namespaces", "kube-system;cert-manager", "separated by commas"),
    ("system-namespaces", "kube-system,,cert-manager", "separated by commas"),
    ("system-namespaces", "kube-system,", "separated by commas"),
    ("system-namespaces", ",", "separated by commas"),
    ("system-namespaces", " ", "separated by commas"),
    ("system-namespaces", "Kube-System", "separated by commas"),
    ("system-namespaces", "kube system", "separated by commas"),
    ("system-namespaces", "a.b", "separated by commas"),
    ("system-namespaces", "-a", "separated by commas"),
    ("system-namespaces", "a-", "separated by commas"),
    ("system-namespaces", "a\n", "separated by commas"),
    ("system-namespaces", "x" * 64, "separated by commas"),
    ("install-uuid", "my-cluster", "must be a UUID"),
    ("install-uuid", "7283F457-914E-4CD1-9BB3-8D60F5D4C372", "must be a UUID"),
    ("install-uuid", "7283f457-914e-4cd1-9bb3-8d60f5d4c372 ", "must be a UUID"),
    ("server-version", "latest", "must be a version such as `v2.12.3`"),
    ("server-version", "v2.12", "must be a version such as `v2.12.3`"),
    ("server-version", "2.12.3.4", "must be a version such as `v2.12.3`"),
    ("server-version", "v2.12.3-", "must be a version such as `v2.12.3`"),
    ("used-limit-in-spec", "yes", "must be `true` or `false`"),
    ("used-limit-in-spec", "True", "must be `true` or `false`"),
    ("rbac-binding-per-subject", "1", "must be `true` or `false`"),
)
"""Name, value, and words of the way out."""

GOOD_VALUES = (
    ("system-namespaces", ""),
    ("system-namespaces", "kube-system"),
    ("system-namespaces", "kube-system,cert-manager"),
    ("system-namespaces", " kube-system , cert-manager "),
    ("system-namespaces", "a,1,a-b," + "x" * 63),
    ("install-uuid", "7283f457-914e-4cd1-9bb3-8d60f5d4c372"),
    ("server-version", "v2.12.3"),
    ("used-limit-in-spec", "true"),
    ("rbac-binding-per-subject", "true"),
    ("server-version", "0.1.0"),
    ("server-version", "v2.13.0-rc.1+build.5"),
)
"""Name and value."""
