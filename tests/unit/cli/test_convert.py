"""How `drover convert` reads, prints and fails."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from drover.cli.convert import app

TREE = """
apiVersion: hnc.x-k8s.io/v1alpha2
kind: SubnamespaceAnchor
metadata: {name: web, namespace: shop}
"""


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def names(result: Result) -> list[str]:
    return [f"{obj['kind']} {obj['metadata']['name']}" for obj in yaml.safe_load_all(result.stdout) if obj]


def test_stdin_files_and_directories_are_read(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE)
    (tmp_path / "notes.txt").write_text("no: [yaml")
    expected = ["Project shop", "Namespace shop", "Namespace web"]
    assert names(run("hnc", "--cluster", "edge", "-f", "-", stdin=TREE)) == expected
    assert names(run("hnc", "--cluster", "edge", "-f", str(tmp_path / "tree.yaml"))) == expected
    assert names(run("hnc", "--cluster", "edge", "-f", str(tmp_path))) == expected


def test_the_report_is_on_stderr_and_the_output_alone_is_yaml() -> None:
    result = run("hnc", "--cluster", "edge", "-f", "-", stdin=TREE)
    assert result.stderr.splitlines()[0] == "1 Project, 2 namespaces"
    assert "SubnamespaceAnchors shop/web" in result.stderr
    assert "SubnamespaceAnchors" not in result.stdout


def test_nothing_to_convert_gives_nothing() -> None:
    result = run("capsule", "--cluster", "edge", "-f", "-", stdin=TREE)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 Projects, 0 namespaces\n")


def test_strict_fails_when_something_needs_a_decision() -> None:
    limit = "---\napiVersion: hnc.x-k8s.io/v1alpha2\nkind: HierarchicalResourceQuota\n"
    limit += "metadata: {name: q, namespace: shop}\nspec: {hard: {pods: 9}}\n"
    assert run("hnc", "--cluster", "edge", "--strict", "-f", "-", stdin=TREE).exit_code == 0
    result = run("hnc", "--cluster", "edge", "--strict", "-f", "-", stdin=TREE + limit)
    assert result.exit_code == 2
    assert names(result)


def test_names_from_the_input_cannot_end_a_comment() -> None:
    binding = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: a, namespace: shop}
roleRef: {kind: ClusterRole, name: admin}
subjects: [{kind: User, name: "x\\n---\\nkind: Evil\\u2028\\u001b[31m"}]
"""
    result = run("hnc", "--cluster", "edge", "-f", "-", stdin=TREE + binding)
    assert names(result) == ["Project shop", "Namespace shop", "Namespace web"]
    assert "\x1b" not in result.stdout + result.stderr
    assert [line for line in result.stdout.splitlines() if "Evil" in line and not line.startswith("#")] == []


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        ("a: [", "error: stdin is no YAML"),
        ("- a", "error: document 1 of stdin is no Kubernetes object; take it out"),
        ("a: 1", "error: document 1 of stdin has no apiVersion, kind or metadata.name; complete it or take it out"),
        ("kind: List\nitems: [1]", "error: item 1 in document 1 of stdin is no Kubernetes object; take it out"),
        (
            "apiVersion: capsule.clastix.io/v1alpha1\nkind: Tenant\nmetadata: {name: oil}",
            "error: Tenant oil is of capsule.clastix.io/v1alpha1, which is not read",
        ),
    ],
)
def test_input_that_makes_no_sense_is_one_line(stdin: str, message: str) -> None:
    result = run("capsule", "--cluster", "edge", "-f", "-", stdin=stdin)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_named() -> None:
    result = run("hnc", "--cluster", "edge", "-f", "/nowhere/tree.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: /nowhere/tree.yaml cannot be read")


@pytest.mark.parametrize(("option", "value"), [("--cluster", "Edge"), ("--cluster", "x" * 64), ("--prefix", "A-")])
def test_a_name_that_kubernetes_does_not_take_is_refused(option: str, value: str) -> None:
    result = run("hnc", "--cluster", "edge", option, value, "-f", "-", stdin=TREE)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {option}: must be lower-case letters")


BINDING = """
apiVersion: management.cattle.io/v3
kind: ClusterRoleTemplateBinding
metadata: {name: admins, namespace: c-1}
clusterName: c-1
roleTemplateName: cluster-owner
groupName: admins
"""


def test_a_cluster_of_upstream_has_the_name_that_is_given() -> None:
    result = run("upstream", "--cluster", "c-1=edge", "-f", "-", stdin=BINDING)
    (obj,) = yaml.safe_load_all(result.stdout)
    assert (obj["metadata"]["namespace"], obj["clusterName"]) == ("edge", "edge")


def test_a_password_of_upstream_is_nowhere() -> None:
    user = "apiVersion: management.cattle.io/v3\nkind: User\nmetadata: {name: ann}\npassword: $2a$10$secret\n"
    result = run("upstream", "-f", "-", stdin=user)
    assert "secret" not in result.output
    assert "User ann: password" in result.stderr


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("edge", "error: --cluster edge: write OLD=NEW"),
        ("c-1=Edge", "error: --cluster: must be lower-case letters"),
        ("c-2=edge", "error: --cluster ...=edge: no binding is in that cluster"),
    ],
)
def test_a_new_name_of_a_cluster_that_makes_no_sense_is_refused(value: str, message: str) -> None:
    result = run("upstream", "--cluster", value, "-f", "-", stdin=BINDING)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)


def test_two_clusters_do_not_become_one() -> None:
    result = run("upstream", "--cluster", "c-1=edge", "--cluster", "c-2=edge", "-f", "-", stdin=BINDING)
    assert result.stderr == "error: --cluster: two Clusters cannot become one\n"


def test_nothing_of_upstream_gives_nothing() -> None:
    result = run("upstream", "-f", "-", stdin=TREE)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing to convert\n")
