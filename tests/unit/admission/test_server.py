"""The server over TLS: whatever is sent, the answer is a review, or plain text that permits nothing."""

from __future__ import annotations

import asyncio
import gzip
import random
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import psutil
import pytest
import pytest_asyncio

from drover.admission import server as module
from drover.admission.bundle import Certificates, Lives
from drover.admission.certificates import step
from drover.admission.review import LARGEST, Allowed, Denied, Request
from drover.admission.server import Server
from drover.dev import ports
from drover.kube.errors import Unreachable
from tests.unit.admission.reviews import review
from tests.unit.admission.test_review import SEED, mutated

JSON = {"Content-Type": "application/json"}
_GROWTH = 16 * 1024 * 1024
"""Bytes that 9,500 reviews may leave behind, in the server and the client of this test together."""


def made() -> Certificates:
    found = step(None, ["127.0.0.1"], datetime.now(UTC), Lives(), "")
    assert found is not None
    return found


class Site:
    """A server whose checks allow, and what is told to go wrong."""

    def __init__(self) -> None:
        self.problem = ""
        self.error: Exception | None = None
        self.wait = 0.0
        self.asked: list[Request] = []
        self.certificates = made()
        self.server = Server({"/validate": self.check}, problem=lambda: self.problem)
        self.server.show(self.certificates.serving.certificate, self.certificates.serving.key)
        (self.port,) = ports.pick(1, set())
        self.url = f"https://127.0.0.1:{self.port}"

    async def check(self, request: Request) -> Allowed | Denied:
        self.asked.append(request)
        await asyncio.sleep(self.wait)
        if self.error is not None:
            raise self.error
        return Denied(403, "no") if request.requester.name == "eve" else Allowed()

    def trust(self, bundle: str | None = None) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=bundle or self.certificates.bundle)

    async def post(self, body: Any, path: str = "/validate", headers: dict[str, str] | None = None) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session:
            url = self.url + path
            async with session.post(url, data=body, headers=headers or JSON, ssl=self.trust()) as answer:
                return answer.status, await answer.text()


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    await found.server.start("127.0.0.1", found.port)
    yield found
    await found.server.close()


async def test_a_review_is_answered_with_a_review(site: Site) -> None:
    status, text = await site.post(orjson.dumps(review()))
    assert status == 200
    assert orjson.loads(text)["response"] == {"uid": review()["request"]["uid"], "allowed": True}
    status, text = await site.post(orjson.dumps(review(userInfo={"username": "eve"})))
    assert status == 200
    assert orjson.loads(text)["response"]["status"]["code"] == 403


async def test_an_update_of_two_objects_of_the_greatest_size_is_answered_and_more_is_refused(site: Site) -> None:
    obj = {"metadata": {"name": "r"}, "description": "x" * (1536 * 1024)}
    body = orjson.dumps(review("UPDATE", object=obj, oldObject=obj))
    assert len(body) > 3 * 1024 * 1024
    assert (await site.post(body))[0] == 200
    status, text = await site.post(b" " * (LARGEST + 1))
    assert (status, text) == (413, f"the body has more than {LARGEST} bytes")


async def test_what_is_no_review_is_answered_400_in_plain_text(site: Site) -> None:
    for body in (b"", b"null", b"[" * 100_000, orjson.dumps(review(uid=""))):
        status, text = await site.post(body)
        assert status == 400
        assert "Traceback" not in text
    assert site.asked == []


async def test_a_compressed_body_is_never_unpacked(site: Site) -> None:
    bomb = gzip.compress(b"0" * 100_000_000)
    status, _ = await site.post(bomb, headers=JSON | {"Content-Encoding": "gzip"})
    assert status == 415


async def test_another_path_method_or_type_is_refused(site: Site) -> None:
    assert (await site.post(orjson.dumps(review()), path="/other"))[0] == 404
    assert (await site.post(orjson.dumps(review()), headers={"Content-Type": "text/plain"}))[0] == 415
    async with aiohttp.ClientSession() as session, session.get(f"{site.url}/validate", ssl=site.trust()) as answer:
        assert answer.status == 405


async def test_nothing_is_allowed_before_the_caches_are_filled(site: Site) -> None:
    site.problem = "caches are being filled"
    assert await site.post(orjson.dumps(review())) == (503, "Drover cannot judge this yet: caches are being filled")


@pytest.mark.parametrize("error", [Unreachable("secret host"), ValueError("secret text"), KeyError("secret")])
async def test_a_check_that_fails_allows_nothing_and_tells_nothing(site: Site, error: Exception) -> None:
    site.error = error
    status, text = await site.post(orjson.dumps(review()))
    assert status == 503
    assert "secret" not in text


async def test_a_check_that_takes_too_long_allows_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 0.1)
    site.wait = 5
    assert (await site.post(orjson.dumps(review())))[0] == 503


async def test_a_body_that_does_not_arrive_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=site.trust())
    writer.write(b"POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
    assert (await asyncio.wait_for(reader.readline(), 3)).startswith(b"HTTP/1.1 408")
    writer.close()


async def test_a_connection_that_asks_nothing_is_dropped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HEAD_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=site.trust())
    writer.write(b"POST /validate HTTP/1.1\r\nX: ")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 3)
    writer.close()


async def test_10000_spoilt_reviews_are_answered_in_bounded_memory_and_the_server_goes_on(site: Site) -> None:
    """Each is answered 400, or judged where what is spoilt does not matter. A body that is too large is not read."""
    dice = random.Random(SEED)  # noqa: S311 - the same ones in each run
    statuses: dict[int, int] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16, ssl=site.trust())) as session:

        async def send(body: bytes) -> None:
            async with session.post(f"{site.url}/validate", data=body, headers=JSON) as answer:
                text = await answer.text()
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                assert "Traceback" not in text
                if answer.status == 200:
                    assert isinstance(orjson.loads(text)["response"]["allowed"], bool)

        bodies = [mutated(dice, number) for number in range(10_000)]
        process, at_first = psutil.Process(), 0
        for start in range(0, len(bodies), 500):
            await asyncio.gather(*(send(body) for body in bodies[start : start + 500]))
            at_first = at_first or process.memory_info().rss
        assert process.memory_info().rss - at_first < _GROWTH
    assert set(statuses) == {200, 400}
    assert sum(statuses.values()) == 10_000
    assert (await site.post(orjson.dumps(review())))[0] == 200


async def test_a_new_certificate_is_shown_to_new_connections_and_old_ones_stay(site: Site) -> None:
    following = made()
    connector = aiohttp.TCPConnector(ssl=site.trust(), limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        for renewed in (False, True):
            if renewed:
                site.server.show(following.serving.certificate, following.serving.key)
            async with session.post(f"{site.url}/validate", data=orjson.dumps(review()), headers=JSON) as answer:
                assert answer.status == 200
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await site.post(orjson.dumps(review()))
    site.certificates = following
    assert (await site.post(orjson.dumps(review())))[0] == 200


async def test_a_certificate_that_does_not_fit_its_key_leaves_the_old_one(site: Site) -> None:
    with pytest.raises(ssl.SSLError):
        site.server.show(made().serving.certificate, made().serving.key)
    assert (await site.post(orjson.dumps(review())))[0] == 200
