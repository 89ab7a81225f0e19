"""The webhook is down, slow, expired, fed with garbage or not asked at all: nothing that gives rights gets through, and
everything else goes on."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import orjson

from drover import install
from drover.admission.bundle import Certificates, Lives
from drover.admission.certificates import step
from drover.admission.review import LARGEST, Allowed, Request
from drover.admission.server import MUTATE, VALIDATE, VALIDATE_WITH_VERB, Server
from drover.dev import beside
from drover.kinds.hub import utc_now
from drover.kube.gvr import MUTATING_WEBHOOKS, POLICY_BINDINGS, SECRETS, VALIDATING_WEBHOOKS, Object
from tests.cluster.admission.apiserver import Answer, Apiserver
from tests.cluster.attacks.ground import ALL, MANAGEMENT, READ, Ground, asks, becomes, may, never, role
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import cluster, namespace, project, secret, unique
from tests.unit.admission.reviews import review
from tests.unit.admission.test_review import SEED, mutated

_BODIES = 1_000
_GROWTH = 32 * 1024 * 1024
JSON = {"Content-Type": "application/json"}


async def asked(ground: Ground, obj: Object) -> Answer:
    """The answer to the administrator who makes an object, dry; the loop goes on meanwhile."""
    return await asyncio.to_thread(ground.hub.create, obj, dry_run=True)


def giving(home: Object) -> list[Object]:
    """Everything that gives rights, or a name to log in with."""
    return [
        role("evil", "cluster", READ),
        access("GlobalRole", "evil", rules=[READ]),
        everywhere("evil", "user", userName="u-evil"),
        in_cluster("evil", "cluster-member", userName="u-evil"),
        in_project("evil", "project-member", home, userName="u-evil"),
        user("evil", username="evil"),
    ]


async def test_check_20_while_the_operator_is_down_rights_are_only_taken(ground: Ground) -> None:
    scene, ann = ground.scene, await ground.somebody()
    home, wide = await scene.project(), await ground.role("cluster")
    given = in_cluster(unique("b"), wide, userName=ann)
    await scene.apply(given)
    await scene.ready(given)
    await becomes(scene.member, True, ann, asks("get"))
    scene.drover.stop()
    try:
        for obj in giving(home):
            answer = await asked(ground, obj)
            assert (answer.status, "failed calling webhook" in answer.message) == (500, True), answer
        grows = await asyncio.to_thread(ground.hub.merge, role(wide, "cluster"), {"rules": [ALL]})
        assert "failed calling webhook" in grows.message
        for obj in (
            namespace(unique("n")),
            secret("plain", "default", a="b"),
            cluster(unique("c")),
            project(unique("p")),
            user(unique("u")),
        ):
            assert (await asked(ground, obj)).ok, obj
        labels = {"metadata": {"labels": {"a": "b"}}}
        assert ground.hub.merge(role(wide, "cluster"), labels).ok
        assert ground.hub.merge(user(ann), {"enabled": False}).ok
        assert ground.hub.delete(user(ann)).ok
        assert ground.hub.delete(given).ok
        assert await may(scene.member, ann, asks("get"))  # nobody asks Drover whether somebody may do something
    finally:
        ground.start()
    await ground.judged()
    await scene.delete(given)
    await becomes(scene.member, False, ann, asks("get"))


async def test_a_webhook_that_answers_later_than_its_time_limit_lets_nothing_through(ground: Ground) -> None:
    scene, home = ground.scene, await ground.scene.project()
    process = scene.drover.process
    process.suspend()  # connections are taken, and nothing is answered
    try:
        started = time.monotonic()
        slow = (role("evil", "cluster", READ), in_project("evil", "project-member", home, userName="u-evil"))
        answers = await asyncio.gather(*(asked_apart(ground, obj) for obj in slow))
        assert [(answer.status, "failed calling webhook" in answer.message) for answer in answers] == [(500, True)] * 2
        assert time.monotonic() - started < 10
        started = time.monotonic()
        for obj in (namespace(unique("n")), secret("plain", "default", a="b"), cluster(unique("c"))):
            assert (await asked(ground, obj)).ok
        assert time.monotonic() - started < 5  # as long as it would wait for one answer
    finally:
        process.resume()
    await ground.judged()


async def asked_apart(ground: Ground, obj: Object) -> Answer:
    """The same over a connection of its own, so that several can wait."""
    return await asyncio.to_thread(Apiserver(ground.hub.kubeconfig).create, obj, dry_run=True)


# --- Certificates -----------------------------------------------------------------------------------------------------
def certificates(age: timedelta) -> Certificates:
    """Those that were made so long ago. A certificate is valid for 90 days, its CA for two years."""
    made = step(None, ["127.0.0.1"], utc_now() - age, Lives(), "")
    assert made is not None
    return made


async def believed(ground: Ground, made: Certificates) -> None:
    """The kube-apiserver is told to believe their CA."""
    for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
        found = await ground.scene.hub.get(gvr, "drover")
        for hook in found["webhooks"]:
            hook["clientConfig"]["caBundle"] = b64encode(made.bundle.encode()).decode()
        await ground.scene.hub.replace(gvr, found, manager="test")


@asynccontextmanager
async def yes_sayer(ground: Ground, made: Certificates) -> AsyncIterator[Server]:
    """A server in Drover's place that allows everything."""

    async def allow(_: Request) -> Allowed:
        return Allowed()

    server = Server(dict.fromkeys((VALIDATE, VALIDATE_WITH_VERB, MUTATE), allow), problem=lambda: "")
    server.show(made.serving.certificate, made.serving.key)
    await server.start("127.0.0.1", ground.port)
    try:
        yield server
    finally:
        await server.close()


async def test_an_expired_certificate_is_believed_by_nobody_and_drover_makes_another(ground: Ground) -> None:
    home = await ground.scene.project()
    ground.scene.drover.stop()
    valid, expired = certificates(timedelta(0)), certificates(timedelta(days=100))
    try:
        async with yes_sayer(ground, valid):
            await believed(ground, valid)
            await until_ok(ground, role("evil", "cluster", READ))
        async with yes_sayer(ground, expired):
            await believed(ground, expired)
            await until_told(ground, role("evil", "cluster", READ), "certificate has expired")
            for obj in giving(home):
                answer = await asked(ground, obj)
                assert (answer.status, "certificate has expired" in answer.message) == (500, True), answer
            assert (await asked(ground, namespace(unique("n")))).ok
        held = await ground.scene.hub.get(SECRETS, "drover-webhook", install.NAMESPACE)
        held["data"] = {name: b64encode(text.encode()).decode() for name, text in expired.data().items() if text}
        await ground.scene.hub.replace(SECRETS, held, manager="test")
    finally:
        ground.start()
    await ground.judged()


async def until_ok(ground: Ground, obj: Object) -> None:
    deadline = time.monotonic() + 30
    while not (answer := await asked(ground, obj)).ok:
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.1)


async def until_told(ground: Ground, obj: Object, words: str) -> None:
    deadline = time.monotonic() + 30
    while words not in (answer := await asked(ground, obj)).message:
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.1)


# --- Garbage ----------------------------------------------------------------------------------------------------------
async def test_1000_malformed_reviews_are_answered_in_bounded_memory_and_it_goes_on_judging(ground: Ground) -> None:
    """`tests/unit/admission/test_server.py` sends 10,000 to the server itself."""
    dice = random.Random(SEED)  # noqa: S311 - the same ones in each run
    bodies = [*(mutated(dice, number) for number in range(_BODIES)), *([b" " * (LARGEST + 1)] * 20), b"[" * 100_000]
    held = await ground.scene.hub.get(SECRETS, "drover-webhook", install.NAMESPACE)
    trust = ssl.create_default_context(cadata=b64decode(held["data"]["ca.crt"]).decode())
    url = f"https://127.0.0.1:{ground.port}{VALIDATE}"
    statuses: dict[int, int] = {}
    process = ground.scene.drover.process
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16, ssl=trust)) as session:

        async def send(body: bytes) -> None:
            async with session.post(url, data=body, headers=JSON) as answer:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                assert "Traceback" not in await answer.text()

        # An operator that has just started grows by the largest ones, once.
        await asyncio.gather(*(send(body) for body in bodies[-100:]))
        statuses.clear()
        before = process.memory_info().rss
        for start in range(0, len(bodies), 100):
            await asyncio.gather(*(send(body) for body in bodies[start : start + 100]))
        async with session.post(url, data=orjson.dumps(review()), headers=JSON) as answer:
            assert answer.status == 200
    assert set(statuses) <= {200, 400, 413}
    assert statuses[413] == 20
    assert process.memory_info().rss - before < _GROWTH
    assert ground.scene.drover.process == process
    assert (await asked(ground, role("evil", "cluster", READ))).ok


# --- Not asked --------------------------------------------------------------------------------------------------------
@asynccontextmanager
async def unguarded(ground: Ground) -> AsyncIterator[None]:
    """Without the webhook, and without the policy about where bindings lie."""
    hub = ground.scene.hub
    for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
        await hub.delete(gvr, "drover", uid=(await hub.get(gvr, "drover"))["metadata"]["uid"])
    binding = await hub.get(POLICY_BINDINGS, "drover-bindings")
    await hub.delete(POLICY_BINDINGS, "drover-bindings", uid=binding["metadata"]["uid"])
    try:
        yield
    finally:
        await asyncio.to_thread(beside.ask_webhook, ground.hub.kubeconfig, ground.port)
        await install.install(hub, [obj for obj in install.policies() if obj["metadata"]["name"] == "drover-bindings"])
        await ground.judged()


async def test_what_nobody_checked_has_no_effect_where_it_is_wrong_in_itself(ground: Ground) -> None:
    """That its author had the rights, nobody can know afterwards; all else is looked at again before it counts."""
    scene, eve = ground.scene, await ground.somebody()
    shop, bank = await scene.project(), await scene.project()
    away = in_cluster(unique("b"), "cluster-owner", "local", userName=eve)
    away["metadata"]["namespace"] = "edge"
    foreign = in_project(unique("b"), "project-owner", shop, userName=eve)
    foreign["projectName"] = f"edge:{bank['metadata']['name']}"
    mismatch = in_project(unique("b"), "cluster-owner", shop, userName=eve)
    boss = access("GlobalRole", unique("boss"), rules=[ALL])
    reserved = f"cattle-globalrole-{boss['metadata']['name']}"
    posing = in_cluster(unique("b"), reserved, userName=eve)
    async with unguarded(ground):
        for obj in (boss, role(reserved, "cluster", external=True)):
            await until_made(ground, obj)
        wrong: list[tuple[Object, str]] = [
            (away, "WrongNamespace"),
            (foreign, "WrongNamespace"),
            (mismatch, "ContextMismatch"),
            (posing, "ReservedName"),
        ]
        for obj, _ in wrong:
            await until_made(ground, obj)
        for obj, reason in wrong:
            await scene.shows(obj, "Stalled", "True", reason)
    place = await scene.namespace(bank)
    for client in (scene.hub, scene.member):
        await never(client, eve, asks("get", "secrets"), 0.3)
        for request in (
            asks("get", "pods", place),
            asks("delete", "clusters", "", MANAGEMENT, "local"),
            asks("delete", "clusters", "", MANAGEMENT, "edge"),
            asks("get", "projects", "edge", MANAGEMENT, bank["metadata"]["name"]),
        ):
            assert not await may(client, eve, request), request
    for obj, _ in wrong:
        await scene.delete(obj)


async def until_made(ground: Ground, obj: Object) -> None:
    """Some time passes until a policy or webhook that is gone is not asked any more."""
    deadline = time.monotonic() + 30
    while not (answer := await asyncio.to_thread(ground.hub.create, obj)).ok:
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.1)
