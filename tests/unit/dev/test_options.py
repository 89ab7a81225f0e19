from __future__ import annotations

import json

import pytest

from drover.dev.errors import DevError
from drover.dev.options import Options


def test_options_survive_a_way_through_json() -> None:
    options = Options(
        "a", members=2, nodes=3, apiserver_flags={"v": "2"}, apiserver_files={"webhook.yaml": "x: 1\n"}, audit=True
    )
    assert Options.load(json.loads(json.dumps(options.dump()))) == options


def test_the_hub_comes_first_and_members_are_numbered() -> None:
    assert Options(members=2).instances == ("hub", "member-1", "member-2")


@pytest.mark.parametrize("name", ["", "Dev", "-dev", "dev-", "a/b", "..", "a" * 31])
def test_a_name_that_is_no_directory_or_label_is_refused(name: str) -> None:
    with pytest.raises(DevError, match="is not a name for a control plane"):
        Options(name)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"members": -1}, "members: between 0 and 20"),
        ({"nodes": 1001}, "nodes: between 0 and 1000"),
        ({"apiserver_flags": {"--v": "2"}}, "without dashes"),
        ({"apiserver_files": {"../x": ""}}, "not a plain file name"),
    ],
)
def test_what_can_not_be_is_refused_by_name(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(DevError, match=message):
        Options.load(wrong)
