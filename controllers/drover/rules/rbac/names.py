"""Names of compiled objects: those that other tools look for, and never one name for two owners.

People choose the names of roles, projects and clusters. A RoleTemplate called `dev-aggregator` would have the
ClusterRole that aggregates the rights of a RoleTemplate called `dev`: whoever may bind the one would give the other.
So each name belongs to the first form that it fits, whether or not there is such an object; in every later form that
would make the same name, the object gets one with a `:` instead, which no object of ours can be called and RBAC allows.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

LONGEST: Final = 63
"""Of names, because most of them are values of labels too. Longer ones are cut and told apart by a hash of 130 bits:
with the few letters that are usual, somebody could find a second role with the same name."""

KUBERNETES: Final = frozenset({"cluster-admin", "admin", "edit", "view"})
"""ClusterRoles that every kube-apiserver makes itself."""


class _Form(NamedTuple):
    mark: str
    prefix: str
    suffix: str

    def fits(self, name: str) -> bool:
        long_enough = len(name) > len(self.prefix) + len(self.suffix)
        return long_enough and name.startswith(self.prefix) and name.endswith(self.suffix)


_ROLES: Final = (
    _Form("globalrole", "cattle-globalrole-", ""),
    _Form("namespaces-edit", "", "-namespaces-edit"),
    _Form("namespaces-psa", "", "-namespaces-psa"),
    _Form("clustermember", "", "-clustermember"),
    _Form("clusterowner", "", "-clusterowner"),
    _Form("projectmember", "", "-projectmember"),
    _Form("projectowner", "", "-projectowner"),
    _Form("workspace", "", "-fwcr"),
    _Form("workspaces", "", "-fwv"),
    _Form("promoted-aggregator", "", "-promoted-aggregator"),
    _Form("cluster-mgmt-aggregator", "", "-cluster-mgmt-aggregator"),
    _Form("project-mgmt-aggregator", "", "-project-mgmt-aggregator"),
    _Form("aggregator", "", "-aggregator"),
    _Form("promoted", "", "-promoted"),
    _Form("cluster-mgmt", "", "-cluster-mgmt"),
    _Form("project-mgmt", "", "-project-mgmt"),
    _Form("project", "", ":project"),
    _Form("namespaces", "", ":namespaces"),
    _Form("roletemplate", "", ""),
)

_BINDINGS: Final = (
    _Form("globalrolebinding", "cattle-globalrolebinding-", ""),
    _Form("globaladmin", "globaladmin-", ""),
    _Form("namespaces-edit", "", "-namespaces-edit"),
    _Form("namespaces-psa", "", "-namespaces-psa"),
    _Form("clustermember", "", "-clustermember"),
    _Form("clusterowner", "", "-clusterowner"),
    _Form("projectmember", "", "-projectmember"),
    _Form("projectowner", "", "-projectowner"),
    _Form("workspace", "", "-fwcr"),
    _Form("workspaces", "", "-fwv"),
    _Form("role-promoted", "rt-", "-promoted"),
    _Form("role-cluster-mgmt", "rt-", "-cluster-mgmt"),
    _Form("role-project-mgmt", "rt-", "-project-mgmt"),
    _Form("role", "rt-", ""),
    _Form("subject", "rb-", ""),
    _Form("subject", "crb-", ""),
)


def role(mark: str, base: str) -> str:
    """The name of a ClusterRole or Role; `mark` says which of those of `base` (`roletemplate`: its own rules)."""
    if mark == "roletemplate" and base in KUBERNETES:
        return f"{mark}:{base}"
    return _name(_ROLES, mark, base)


def binding(mark: str, base: str) -> str:
    """The name of a ClusterRoleBinding or RoleBinding; `mark` says which of those of `base`."""
    return _name(_BINDINGS, mark, base)


def in_namespace(global_role: str, namespace: str, forms: str = "role") -> str:
    """The name of the Role, or (`binding`) the RoleBinding, of a GlobalRole in a namespace."""
    name = f"{global_role}-{namespace}"
    earlier = _ROLES[:-1] if forms == "role" else _BINDINGS
    if len(name) <= LONGEST and not any(form.fits(name) for form in earlier):
        return name
    return _told_apart("globalrole-namespace", f"{global_role}:{namespace}")


def compiled(name: str) -> bool:
    """Whether a ClusterRole of this name may be one that is compiled from something, other than a RoleTemplate."""
    return any(form.fits(name) for form in _ROLES[:-1])


def label(name: str) -> str:
    """A name as the value of a label: as different from others as the name is."""
    plain = name.replace(":", "_")
    return plain if len(plain) <= LONGEST else f"{plain[:30]}_{digest(name)}"


def owner_label(mark: str, binding: str) -> str:
    """The key of a label `"true"` on what is made for a binding alone; `mark` is `crtb-owner` or `prtb-owner`."""
    name = f"{mark}-{binding}"
    return f"authz.cluster.cattle.io/{name if len(name) <= LONGEST else f'{name[:30]}-{digest(name)}'}"


def shard(name: str, number: int) -> str:
    """The name of one of several bindings that share their subjects; the first is called as a single one."""
    return name if number == 1 else f"{name}:{number}"


def of_principal(principal: str) -> str:
    """The name of the User that is made for a principal: `u-` and ten letters."""
    return f"u-{letters(principal)}"


def of_subject(namespace: str, role_kind: str, role_name: str, subject_kind: str, subject_name: str) -> str:
    """The ten letters in the name of a binding of a single subject, `rb-…` or `crb-…`. A ClusterRoleBinding has no
    namespace."""
    return letters(namespace + role_kind + role_name + subject_kind + subject_name)


def letters(text: str) -> str:
    """Ten letters and digits that follow from a text, as upstream's names have them."""
    return _base32(text)[:10]


def digest(text: str) -> str:
    """26 letters and digits, 130 bits, that follow from a text."""
    return _base32(text)[:26]


@lru_cache(maxsize=4096)
def _name(forms: tuple[_Form, ...], mark: str, base: str) -> str:
    place = next(place for place, form in enumerate(forms) if form.mark == mark)
    name = f"{forms[place].prefix}{base}{forms[place].suffix}"
    if len(name) > LONGEST or any(form.fits(name) for form in forms[:place]):
        return _told_apart(mark, base)
    return name


def _told_apart(mark: str, base: str) -> str:
    name = f"{mark}:{base}"
    return name if len(name) <= LONGEST else f"{mark}:{digest(base)}"


def _base32(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=").lower()
