"""The page on access counts right, and describes the options of `drover who-can`."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import typer.main

from drover.cli.who_can import who_can
from drover.rules.rbac.catalogue import ROLE_TEMPLATES
from drover.rules.rbac.compiling import desired
from drover.rules.rbac.snapshot import Snapshot
from tests.unit.docs.source import ROOT
from tests.unit.docs.test_docs import first_column, section

PAGE = (ROOT / "docs/access-model.md").read_text()
UPSTREAM = {"Role": 300, "RoleBinding": 601, "ClusterRole": 202, "ClusterRoleBinding": 400}


def obj(kind: str, name: str, namespace: str = "", **content: Any) -> dict[str, Any]:
    where = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, "uid": f"{kind}-{namespace}-{name}", **where}
    return {"apiVersion": "management.cattle.io/v3", "kind": kind, "metadata": metadata, **content}


def counted(projects: int, users: int) -> Counter[str]:
    """What is compiled where each project has one namespace, and each of its users two roles."""
    roles = [{**role, "metadata": {**role["metadata"], "uid": role["metadata"]["name"]}} for role in ROLE_TEMPLATES]
    facts = Snapshot([*roles, obj("Cluster", "local"), obj("Cluster", "edge")])
    for number in range(projects):
        name, backing = f"p{number}", f"edge-p{number}"
        facts.change("Project", None, obj("Project", name, "edge", status={"backingNamespace": backing}))
        for user in (f"u{number}-{index}" for index in range(users)):
            facts.change("User", None, obj("User", user))
            for role in ("project-member", "read-only"):
                fields = {"projectName": f"edge:{name}", "roleTemplateName": role, "userName": user}
                binding = obj("ProjectRoleTemplateBinding", f"{user}-{role}", backing, **fields)
                facts.change("ProjectRoleTemplateBinding", None, binding)
    compiled = desired(facts).values()
    return Counter(each["kind"] for unit in compiled for each in (*unit.objects, *unit.in_namespaces))


def test_fifty_projects_come_to_as_many_objects_as_the_page_says() -> None:
    found = counted(50, 1)
    rows = {kind: (int(ours), int(theirs)) for kind, ours, theirs in re.findall(r"\| (\w+) \| (\d+) \| (\d+) \|", PAGE)}
    assert rows.pop("together") == (sum(found.values()), sum(UPSTREAM.values()))
    assert rows == {kind: (found[kind], UPSTREAM[kind]) for kind in UPSTREAM}


def test_more_users_with_the_same_roles_add_no_object_but_where_subjects_are_split() -> None:
    once = counted(50, 1)
    assert counted(50, 10) == once
    assert counted(50, 100) - once == Counter({"ClusterRoleBinding": 45})


def test_every_option_of_who_can_is_described_and_no_other() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(who_can)
    options = {name for param in typer.main.get_command(app).params for name in param.opts if name.startswith("-")}
    described = first_column(section(PAGE, "Who can, and why"))
    assert described == options
