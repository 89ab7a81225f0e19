"""The bindings that a User has, also while it is disabled, and who administers besides it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from drover.rules.rbac import given, subjects
from drover.rules.rbac.facts import Binding, Facts, Subject, User
from drover.rules.rbac.global_roles import administers


def identities(user: User) -> frozenset[str]:
    """The names by which a kube-apiserver knows a User; `local://` ones say nothing."""
    return frozenset({user.name, *(each for each in user.principals if not each.startswith(subjects.LOCAL))})


def bindings(user: User, groups: Iterable[str], facts: Facts) -> tuple[Binding, ...]:
    """The bindings that are in force for a User while it is enabled, sorted: by its name, by its identities, and by its
    groups."""
    found = {each.uid: each for name in identities(user) for each in facts.bindings_naming(name) if _for(each, user)}
    found |= {each.uid: each for group in groups for each in facts.bindings_of_group(group)}
    there = (each for each in given.living(found.values()) if _lies_right(each, facts))
    return tuple(sorted(there, key=lambda each: (each.cluster, each.project, each.role, each.name)))


def _for(binding: Binding, user: User) -> bool:
    """Of a binding that names a user in two ways, the name counts."""
    return not binding.naming.user or binding.naming.user == user.name


def _lies_right(binding: Binding, facts: Facts) -> bool:
    if not binding.project:
        return True
    project = facts.project(binding.cluster, binding.project)
    return project is not None and project.backing == binding.namespace


def administrators(facts: Facts, without: Collection[str] = (), but: User | None = None) -> bool:
    """Whether there is an administrator: an enabled User, an identity or a group with a GlobalRole that allows
    everything. Bindings `without` (uids) and the User `but` do not count."""
    gone = identities(but) if but is not None else frozenset()
    return any(
        subject.kind != "User" or subject.name not in gone
        for role in facts.global_roles()
        if administers(role) and not role.deleting
        for binding in given.living(facts.global_bindings(role.name))
        if binding.uid not in without
        for subject in _subjects(binding, facts)
    )


def _subjects(binding: Binding, facts: Facts) -> tuple[Subject, ...]:
    found = subjects.resolve(binding.naming, facts)
    return found if isinstance(found, tuple) else ()
