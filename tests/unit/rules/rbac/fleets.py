"""Random fleets and changes of them, for property tests: few names, many of them alike, so that they meet.

Each is drawn from a seeded `Random`: drawn by hypothesis itself, a fleet costs more than all that is tested with it.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.unit.rules.rbac import world

from drover.kube.gvr import Object
from drover.rules.rbac.model import Request

CLUSTERS = ("local", "c1", "c2")
PROJECTS = ("p1", "p1-projectowner")
ROLES = ("dev", "dev-aggregator", "dev-promoted", "admin", "edit", "p1-namespaces-edit", "c1-clusterowner")
USERS = ("u-a", "u-b")
PRINCIPALS = ("gh://1", "gh://2")
GROUPS = ("g1", "g2")
WORKSPACES = ("fleet-default", "fleet-local")

NAMESPACES = {
    "local": {
        "n0": "",
        "n1": "local:p1",
        "c1": "",
        "local": "",
        "local-p1": "",
        "c1-p1": "",
        "c1-p1-projectowner": "local:p1-projectowner",
        "fleet-default": "",
        "fleet-local": "",
    },
    "c1": {"n0": "", "n1": "c1:p1", "n2": "c1:p1-projectowner"},
    "c2": {"n0": "", "n1": "c2:p1"},
}

_MANAGEMENT = "management.cattle.io"
_WHAT = (
    ("", "pods"),
    ("", "namespaces"),
    ("", "nodes"),
    ("", "secrets"),
    (_MANAGEMENT, "clusters"),
    (_MANAGEMENT, "projects"),
    (_MANAGEMENT, "projectroletemplatebindings"),
    (_MANAGEMENT, "clusterroletemplatebindings"),
    (_MANAGEMENT, "fleetworkspaces"),
)
_VERBS = ("get", "create", "delete", "own", "updatepsa", "manage-namespaces")
_TELLING = (
    ("own", _MANAGEMENT, "projects"),
    ("own", _MANAGEMENT, "clusters"),
    ("updatepsa", _MANAGEMENT, "projects"),
    ("create", "", "namespaces"),
    ("get", "", "nodes"),
)
"""Rules that count elsewhere than where they are given."""

_ASKED = (
    ("updatepsa", "projects", ("p1", "p1-projectowner"), ("", "c1", "c2")),
    ("manage-namespaces", "projects", ("p1", "p1-projectowner"), ("", "c1")),
    ("get", "clusters", ("c1", "local"), ("",)),
    ("delete", "clusters", ("c1", "c2", "local"), ("",)),
    ("get", "projects", ("p1",), ("c1", "local")),
    ("delete", "projects", ("p1", "p1-projectowner"), ("c1", "local")),
    ("get", "projectroletemplatebindings", ("",), ("c1-p1", "local-p1")),
    ("get", "clusterroletemplatebindings", ("",), ("c1", "local")),
)
_NAMES = ("", "local", "c1", "p1", "p1-projectowner", "n1", "n2", "fleet-default")


def policy_rule(draw: Random) -> dict[str, Any]:
    if draw.random() < 0.1:
        return world.url_rule(draw.choice(("get", "*")), draw.choice(("/metrics", "/m*", "*")))
    group, resource = draw.choice((*_WHAT, ("*", "*"), ("", "*")))
    verbs = draw.sample((*_VERBS, "*"), draw.randint(1, 2))
    names = draw.choice(((), (), (), (), (), ("local",), ("p1",)))
    if draw.random() < 0.3:
        return world.policy_rule(*draw.choice(_TELLING))
    return world.policy_rule(" ".join(verbs), group, resource, *names)


def policy_rules(draw: Random) -> list[dict[str, Any]]:
    return [policy_rule(draw) for _ in range(draw.randint(0, 2))]


def who(draw: Random) -> dict[str, str]:
    field, names = draw.choice(
        (
            ("userName", USERS),
            ("userPrincipalName", (*PRINCIPALS, "local://u-a")),
            ("groupName", (*GROUPS, "system:serviceaccount:n1:bot")),
            ("groupPrincipalName", GROUPS),
        )
    )
    return {field: draw.choice(names)}


def any_object(draw: Random) -> Object:
    """Any object about rights."""
    obj = draw.choice(_KINDS)(draw)
    if draw.random() < 0.05:
        obj["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return obj


def _cluster(draw: Random) -> Object:
    return world.cluster(draw.choice(CLUSTERS))


def _workspace(draw: Random) -> Object:
    return world.workspace(draw.choice(WORKSPACES))


def _role_template(draw: Random) -> Object:
    name, context = draw.choice(ROLES), draw.choice(("cluster", "project", "project", ""))
    if name in {"admin", "edit"}:
        return world.external(name, context)
    if draw.random() < 0.1:
        return world.external(name, context, *policy_rules(draw))
    parents = draw.sample((*ROLES, "gone"), draw.randint(0, 2))
    return world.role_template(name, context, *policy_rules(draw), inherits=" ".join(parents))


def _global_role(draw: Random) -> Object:
    everything = [world.policy_rule("*", "*", "*"), world.url_rule("*", "*")]
    return world.global_role(
        draw.choice(("all", "p1")),
        *(everything if draw.random() < 0.05 else policy_rules(draw)),
        namespacedRules={draw.choice(("n0", "c1", "projectowner")): policy_rules(draw)},
        inheritedNamespacedRules={draw.choice(("n0", "n1")): policy_rules(draw)},
        inheritedClusterRoles=draw.sample(ROLES, draw.randint(0, 1)),
        inheritedFleetWorkspacePermissions={
            "resourceRules": policy_rules(draw),
            "workspaceVerbs": draw.choice(([], ["get"])),
        },
    )


def _user(draw: Random) -> Object:
    principals = draw.sample(PRINCIPALS, draw.randint(0, 1))
    return world.user(draw.choice(USERS), *principals, enabled=draw.random() < 0.7)


def _project(draw: Random) -> Object:
    return world.project(draw.choice(CLUSTERS), draw.choice(PROJECTS), draw.choice((None, None, None, "")))


def _global_binding(draw: Random) -> Object:
    return world.everyone(draw.choice("ab"), draw.choice(("all", "p1")), **who(draw))


def _cluster_binding(draw: Random) -> Object:
    return world.in_cluster(draw.choice("ab"), draw.choice(CLUSTERS), draw.choice(ROLES), **who(draw))


def _project_binding(draw: Random) -> Object:
    project = f"{draw.choice(CLUSTERS)}:{draw.choice(PROJECTS)}"
    namespace = draw.choice(("", "", "", "local-p1"))
    return world.in_project(draw.choice("ab"), project, draw.choice(ROLES), namespace=namespace, **who(draw))


_KINDS = (
    _cluster,
    _workspace,
    _role_template,
    _global_role,
    _user,
    _project,
    _global_binding,
    _cluster_binding,
    _project_binding,
)


def key(obj: Object) -> tuple[str, str, str]:
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def fleet(draw: Random) -> list[Object]:
    """The objects of a hub in which things are rather there than not."""
    base: list[Object] = [*map(world.cluster, CLUSTERS), world.workspace("fleet-default")]
    base += [world.project(cluster, name) for cluster in CLUSTERS for name in PROJECTS]
    base += [world.user("u-a", "gh://1"), world.user("u-b")]
    some = (
        *(8 * [_role_template]),
        *(6 * [_project_binding]),
        *(4 * [_cluster_binding]),
        _global_role,
        _global_binding,
    )
    base += [make(draw) for make in some for _ in range(draw.randint(1, 3))]
    return list({key(obj): obj for obj in base}.values())


def request(draw: Random, cluster: str) -> Request:
    if draw.random() < 0.1:
        return Request(draw.choice(("get", "put")), url=draw.choice(("/metrics", "/m", "/healthz")))
    if draw.random() < 0.4:
        verb, resource, names, namespaces = draw.choice(_ASKED)
        return Request(verb, _MANAGEMENT, resource, "", draw.choice(names), draw.choice(namespaces))
    group, resource = draw.choice(_WHAT)
    namespace = draw.choice(("", *NAMESPACES[cluster]))
    name = namespace if resource == "namespaces" and namespace else draw.choice(_NAMES)
    return Request(draw.choice(_VERBS), group, resource, "", name, namespace)
