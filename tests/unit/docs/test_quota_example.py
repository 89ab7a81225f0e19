"""The page on Projects shows what a namespace sees that gets too little."""

from __future__ import annotations

import yaml

from drover.rules import quota
from drover.rules.quota import Claim
from tests.unit.docs.source import ROOT
from tests.unit.docs.test_docs import blocks

PATH = ROOT / "docs/projects.md"


def test_the_refusal_and_the_sums_are_those_of_the_example() -> None:
    (spec,) = [
        found["spec"]
        for block in blocks(PATH, "yaml")
        for found in yaml.safe_load_all(block)
        if "resourceQuota" in found.get("spec", {}) and found.get("kind") is None
    ]
    limit = quota.flat(spec["resourceQuota"]["limit"])
    default = quota.flat(spec["namespaceDefaultResourceQuota"]["limit"])
    asked = {"limitsCpu": "6"}
    claims = [
        Claim("web", granted=default),
        Claim("batch", request=asked, granted={**default, **asked}),
        Claim("lab"),
    ]
    found = quota.ruling(limit, default, claims, confirmed=True)
    page = PATH.read_text()
    assert f"\nlab: {found.refused['lab']}\n" in page
    assert all(f"{key} {found.used[key]}/{limit[key]}" in page for key in limit)
    granted = ",".join(f'"{key}":"{value}"' for key, value in found.grants["lab"].items())
    assert f'{{"limit":{{{granted}}}}}' in page
