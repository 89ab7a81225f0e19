"""Who a binding's subject is, in terms of RBAC."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from drover.kube.gvr import RBAC
from drover.rules.findings import Terminal, Waiting
from drover.rules.rbac.facts import Facts, Naming, Subject, User
from drover.rules.rbac.names import of_principal

LOCAL: Final = "local://"
"""The provider of accounts that are only here; the rest of such a principal is the name of a User."""

ACCOUNT: Final = "system:serviceaccount:"
"""What the user name of a ServiceAccount starts with; its namespace and its name follow."""


def resolve(naming: Naming, facts: Facts) -> tuple[Subject, ...] | Terminal | Waiting:
    """The subjects of a binding, sorted, or why there are none.

    A user is a subject by the name of its User and by each principal that is not local, so that tokens of ours and of
    its provider have the same rights. A principal that no User has counts by itself, and by the name that its User
    will get.
    """
    kept = facts.kept().subjects
    found = kept.get(naming)
    if found is None:
        found = kept[naming] = _resolve(naming, facts)
    return found


def _resolve(naming: Naming, facts: Facts) -> tuple[Subject, ...] | Terminal | Waiting:
    ways = (bool(naming.user or naming.user_principal), naming.group, naming.group_principal, naming.service_account)
    if sum(1 for way in ways if way) != 1:
        found = "more than one subject" if any(ways) else "no subject"
        return Terminal(
            "InvalidSubject", f"{found}; set one of userName, userPrincipalName, groupName and groupPrincipalName"
        )
    if naming.service_account:
        return _account(naming.service_account, "serviceAccount")
    group = naming.group or naming.group_principal
    if group:
        if group.startswith(ACCOUNT):
            return _account(group.removeprefix(ACCOUNT), "groupName")
        return (Subject("Group", group),)
    if naming.user.startswith(ACCOUNT):
        return _account(naming.user.removeprefix(ACCOUNT), "userName")
    if naming.user:
        return _user(naming.user, facts)
    if naming.user_principal.startswith(LOCAL):
        return _user(naming.user_principal.removeprefix(LOCAL), facts)
    return _principal(naming.user_principal, facts)


def of(namings: Iterable[Naming], facts: Facts) -> set[Subject]:
    """All subjects of several bindings; one that names nobody adds none."""
    found: set[Subject] = set()
    for naming in namings:
        resolved = resolve(naming, facts)
        if isinstance(resolved, tuple):
            found.update(resolved)
    return found


def of_user(user: User) -> tuple[Subject, ...]:
    """The subjects that a User is. Whoever is disabled or being deleted is nobody."""
    if not user.enabled or user.deleting:
        return ()
    principals = {each for each in user.principals if "://" in each and not each.startswith(LOCAL)}
    return tuple(sorted(Subject("User", name) for name in {user.name, *principals}))


@lru_cache(maxsize=65536)
def manifest(subject: Subject) -> dict[str, Any]:
    """A subject as RBAC writes it; every binding of the subject shares it."""
    if subject.kind == "ServiceAccount":
        return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}
    return {"apiGroup": RBAC, "kind": subject.kind, "name": subject.name}


def matches(subject: Subject, user: str, groups: Iterable[str]) -> bool:
    """Whether a request by a user in some groups is one by a subject."""
    if subject.kind == "Group":
        return subject.name in groups
    if subject.kind == "ServiceAccount":
        return user == f"{ACCOUNT}{subject.namespace}:{subject.name}"
    return subject.name == user


def _user(name: str, facts: Facts) -> tuple[Subject, ...] | Terminal | Waiting:
    user = facts.user(name)
    if user is None:
        return Waiting(
            "UserNotFound",
            f"User {name} does not exist; kubectl apply a User of that name, or name the identity in userPrincipalName "
            "instead. Subjects are named by the User's name (u-...), not by its username",
        )
    return _living(user)


def _principal(principal: str, facts: Facts) -> tuple[Subject, ...] | Terminal | Waiting:
    if "://" not in principal:
        return Terminal(
            "InvalidSubject", f'userPrincipalName: "{principal}" is not like github_user://123; name the provider'
        )
    user = facts.user_of_principal(principal)
    if user is not None:
        return _living(user)
    name = of_principal(principal)
    # A User that has this name and not this principal is somebody else.
    names = (principal,) if facts.user(name) is not None else (principal, name)
    return tuple(sorted(Subject("User", each) for each in names))


def _living(user: User) -> tuple[Subject, ...] | Waiting:
    found = of_user(user)
    if found:
        return found
    state = "is being deleted" if user.deleting else "is disabled; set enabled: true to give it its rights again"
    return Waiting("UserDisabled" if not user.deleting else "UserDeleting", f"User {user.name} {state}")


def _account(text: str, field: str) -> tuple[Subject, ...] | Terminal:
    namespace, _, name = text.partition(":")
    if not namespace or not name or ":" in name:
        return Terminal("InvalidSubject", f'{field}: "{text}" is not like <namespace>:<name> of a ServiceAccount')
    return (Subject("ServiceAccount", name, namespace),)
