"""Looks at Secrets keep names of keys, and ask for values only where something has changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from drover.kinds.hub import Hub
from drover.kinds.secret_keys import look
from drover.kube.errors import Forbidden, ServerError
from drover.kube.gvr import SECRETS, Key, Object
from tests.unit.kinds.apiserver import Apiserver, hub

VALUE = "c2VjcmV0LXZhbHVl"
SECRET: Object = {
    "metadata": {"name": "cc-1", "namespace": "n"},
    "type": "Opaque",
    "data": {"s3credentialConfig-secretKey": VALUE, "s3credentialConfig-accessKey": ""},
}
KEY = Key("n", "cc-1")


@pytest.fixture
def apiserver() -> Apiserver:
    found = Apiserver()
    found.put(SECRETS, SECRET)
    return found


@pytest.fixture
def at(apiserver: Apiserver) -> Hub:
    return hub(apiserver)


async def test_names_of_keys_stay_and_no_value(at: Hub) -> None:
    await look(at, "n", "cc-1")
    seen = at.looks[KEY]
    assert seen.keys == ("s3credentialConfig-accessKey", "s3credentialConfig-secretKey")
    assert seen.empty == ("s3credentialConfig-accessKey",)
    assert (seen.state, seen.type) == ("found", "Opaque")
    assert VALUE not in str(asdict(seen))


async def test_a_secret_that_did_not_change_is_asked_for_its_metadata_only(apiserver: Apiserver, at: Hub) -> None:
    for _ in range(3):
        await look(at, "n", "cc-1")
    assert apiserver.gets == ["all", "metadata", "metadata"]
    apiserver.put(SECRETS, {**SECRET, "data": {"s3credentialConfig-accessKey": VALUE}})
    await look(at, "n", "cc-1")
    assert apiserver.gets[3:] == ["metadata", "all"]
    assert at.looks[KEY].keys == ("s3credentialConfig-accessKey",)


async def test_a_secret_that_is_gone_or_may_not_be_read_is_noted(apiserver: Apiserver, at: Hub) -> None:
    await look(at, "n", "cc-1")
    apiserver.objects.pop((SECRETS, KEY))
    await look(at, "n", "cc-1")
    assert at.looks[KEY].state == "absent"
    apiserver.fails = [Forbidden(403, "Forbidden", "no")]
    await look(at, "n", "cc-1")
    assert at.looks[KEY].state == "forbidden"


async def test_another_error_is_raised_and_what_was_seen_stays(apiserver: Apiserver, at: Hub) -> None:
    await look(at, "n", "cc-1")
    before: Any = at.looks[KEY]
    apiserver.fails = [ServerError(500, "InternalError", "no")]
    with pytest.raises(ServerError):
        await look(at, "n", "cc-1")
    assert at.looks[KEY] is before
