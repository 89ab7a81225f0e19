"""A kube-apiserver client: aiohttp and orjson, one connection pool, typed errors, retries that honour Retry-After."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver

from drover.kube import metrics
from drover.kube.errors import ApiError, ServerError, TooManyRequests, Unauthorized, Unreachable, api_error
from drover.kube.gvr import GVR, PODS, Object
from drover.kube.login import Login

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

_TRIES = 4
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 10.0
_RETRIED = (429, 500, 502, 503, 504)
_CONNECTIONS = 100

Fence = Callable[[], float]
"""Called before each write: the seconds for which this process may still write; raises `NotLeading` at the end of its
Lease."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a SelfSubjectAccessReview asks."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: all pages of one list have the same `resource_version`."""

    items: list[Object]
    resource_version: str


class Client:
    """Requests of one login.

    Every method raises `ApiError` for an answer that is not 2xx and `Unreachable` without one. Reads, applies and
    deletes are tried up to four times where that can help; a create is not repeated once it was sent.
    """

    def __init__(
        self,
        login: Login,
        *,
        timeout: float = 30.0,
        resolver: AbstractResolver | None = None,
        user_agent: str = "drover",
    ) -> None:
        self.login = login
        self.user_agent = user_agent
        self.fence: Fence | None = None
        self._timeout = timeout
        self._resolver = resolver
        self._host = login.server.split("://", 1)[-1].split("/", 1)[0]
        self._headers = {"User-Agent": user_agent, "Accept": JSON, **login.headers}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every connection; later requests raise `Unreachable`."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    # --- Reads ------------------------------------------------------------------------------------------------------
    async def get(self, gvr: GVR, name: str, namespace: str = "") -> Object:
        """One object."""
        return await self._call("GET", gvr.path(namespace, name))

    async def get_path(self, path: str) -> Object:
        """The JSON behind any path, such as `/version`."""
        return await self._call("GET", path)

    async def healthy(self, path: str = "/readyz") -> bool:
        """Whether a health endpoint answers 200; False for any other answer."""
        status, _, _ = await self._send("GET", path, None, None, {}, self._timeout)
        return status == 200

    async def pages(
        self, gvr: GVR, namespace: str = "", *, label_selector: str = "", size: int = 500, metadata_only: bool = False
    ) -> AsyncIterator[Page]:
        """All objects, page by page; raises `Gone` when the list took so long that its token expired."""
        query = {"limit": str(size)} | ({"labelSelector": label_selector} if label_selector else {})
        while True:
            answer = await self._call(
                "GET", gvr.path(namespace), query=query, accept=METADATA_ONLY if metadata_only else JSON
            )
            if not isinstance(answer.get("items"), list):
                raise Unreachable(f"{self._host} answers a list of {gvr} without items: not a kube-apiserver")
            metadata = answer.get("metadata") or {}
            yield Page(answer["items"], metadata.get("resourceVersion", ""))
            if not metadata.get("continue"):
                return
            query["continue"] = metadata["continue"]

    async def list(self, gvr: GVR, namespace: str = "", *, label_selector: str = "") -> list[Object]:
        """All objects at once, for small kinds."""
        return [item async for page in self.pages(gvr, namespace, label_selector=label_selector) for item in page.items]

    async def allowed(self, review: Review) -> bool:
        """Whether this login may do something, by a SelfSubjectAccessReview (which is no write)."""
        attributes = {
            "verb": review.verb,
            "group": review.group,
            "resource": review.resource,
            "subresource": review.subresource,
            "namespace": review.namespace,
            "name": review.name,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = await self._call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
        return bool((answer.get("status") or {}).get("allowed"))

    async def stream(self, path: str, query: Mapping[str, str], *, silence: float) -> AsyncIterator[Object]:
        """The JSON lines of a watch; ends with `Unreachable` after `silence` seconds without a byte."""
        session = self._open()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence)
        headers = {**self._headers, **await self._authorization(refused=False)}
        try:
            async with session.get(
                self.login.server + path, params=query, headers=headers, timeout=timeout, **self._tls()
            ) as answer:
                metrics.REQUESTS.labels(answer.status, "GET", self._host).inc()
                if answer.status != 200:
                    raise api_error(
                        answer.status, _decoded(await answer.read()), retry_after=_retry_after(answer.headers)
                    )
                async for line in _lines(answer.content):
                    yield _event(line, self._host)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(_why(self._host, error)) from error

    # --- Writes -----------------------------------------------------------------------------------------------------
    async def create(self, gvr: GVR, obj: Object, *, manager: str, dry_run: bool = False) -> Object:
        """Makes an object; raises `AlreadyExists`."""
        path = gvr.path(obj["metadata"].get("namespace", ""))
        return await self._write("POST", path, obj, JSON, {"fieldManager": manager}, dry_run=dry_run)

    async def apply(
        self, gvr: GVR, obj: Object, *, manager: str, subresource: str = "", force: bool = True, dry_run: bool = False
    ) -> Object:
        """Server-side apply. An object with `metadata.uid` is never created by it: it raises `Conflict` when it is
        gone."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"], subresource)
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        return await self._write("PATCH", path, obj, APPLY, query, dry_run=dry_run)

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        """A JSON merge patch; `metadata.uid` and `metadata.resourceVersion` in it are preconditions."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"])
        return await self._write("PATCH", path, obj, MERGE, {"fieldManager": manager})

    async def replace(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        """An update under the object's resourceVersion; raises `Conflict` when it changed meanwhile."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"])
        return await self._write("PUT", path, obj, JSON, {"fieldManager": manager})

    async def delete(
        self, gvr: GVR, name: str, namespace: str = "", *, uid: str, propagation: str = "Background"
    ) -> Object:
        """Deletes the object with this uid; raises `Conflict` when another has its name now, `NotFound` when it is
        gone."""
        body = {"preconditions": {"uid": uid}, "propagationPolicy": propagation}
        return await self._write("DELETE", gvr.path(namespace, name), body, JSON, {})

    async def post(self, path: str, body: Object) -> Object:
        """Any POST, such as a TokenRequest."""
        return await self._write("POST", path, body, JSON, {})

    async def evict(self, name: str, namespace: str) -> Object:
        """Asks to end a pod as its PodDisruptionBudgets allow; raises `TooManyRequests` while they don't."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
        return await self._write("POST", PODS.path(namespace, name, "eviction"), body, JSON, {})

    async def _write(
        self, method: str, path: str, body: Object, content: str, query: dict[str, str], *, dry_run: bool = False
    ) -> Object:
        return await self._call(
            method, path, body, content=content, query=query | ({"dryRun": "All"} if dry_run else {}), write=True
        )

    # --- One request ------------------------------------------------------------------------------------------------
    async def _call(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content: str = JSON,
        query: Mapping[str, str] | None = None,
        accept: str = JSON,
        write: bool = False,
    ) -> Object:
        payload = None if body is None else orjson.dumps(body)
        headers = {"Accept": accept} | ({} if payload is None else {"Content-Type": content})
        for attempt in range(1, _TRIES + 1):
            timeout = self._timeout
            if write and self.fence is not None:
                timeout = min(timeout, self.fence())  # a write may not arrive after the Lease has ended
            try:
                status, answer_headers, answer = await self._send(method, path, payload, query, headers, timeout)
            except Unreachable:
                if method == "POST" or attempt == _TRIES:
                    raise
                await asyncio.sleep(_pause(attempt, None))
                continue
            if status < 300:
                return _object(answer, self._host)
            error = api_error(status, _decoded(answer), retry_after=_retry_after(answer_headers))
            if attempt == _TRIES or not _worth_retrying(method, error):
                raise error
            if isinstance(error, Unauthorized):
                headers |= await self._authorization(refused=True)
            else:
                await asyncio.sleep(_pause(attempt, error.retry_after))
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _send(
        self,
        method: str,
        path: str,
        payload: bytes | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        timeout: float,
    ) -> tuple[int, Mapping[str, str], bytes]:
        session = self._open()
        started = time.perf_counter()
        sent = {**self._headers, **await self._authorization(refused=False), **headers}
        try:
            async with session.request(
                method,
                self.login.server + path,
                data=payload,
                params=query,
                headers=sent,
                timeout=aiohttp.ClientTimeout(total=timeout),
                allow_redirects=False,  # a credential goes to the address it was given for, and nowhere else
                **self._tls(),
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            metrics.REQUESTS.labels("<error>", method, self._host).inc()
            raise Unreachable(_why(self._host, error)) from error
        metrics.REQUESTS.labels(answer.status, method, self._host).inc()
        metrics.REQUEST_SECONDS.labels(method, self._host).observe(time.perf_counter() - started)
        return answer.status, answer.headers, content

    async def _authorization(self, *, refused: bool) -> dict[str, str]:
        if self.login.token is None:
            return {}
        return {"Authorization": f"Bearer {await self.login.token(refused)}"}

    def _tls(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.login.tls_server_name:
            options["server_hostname"] = self.login.tls_server_name
        if self.login.proxy:
            options["proxy"] = self.login.proxy
        return options

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Unreachable(f"{self._host}: the client is closed")
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=self.login.ssl_context(), resolver=self._resolver)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True)
        return self._session


def _worth_retrying(method: str, error: ApiError) -> bool:
    if isinstance(error, Unauthorized | TooManyRequests):
        return True
    if isinstance(error, ServerError):  # an eviction and a create may have happened
        return error.status in _RETRIED and method != "POST"
    return False


def _pause(attempt: int, asked: float | None) -> float:
    """Seconds before the next try: what the server asked for, else growing, with jitter so that clients do not come
    together."""
    wait = asked if asked is not None else _FIRST_WAIT * 3 ** (attempt - 1)
    return float(min(wait, _LONGEST_WAIT) * random.uniform(1.0, 1.3))  # noqa: S311 - not for secrets


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _decoded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")


def _object(content: bytes, host: str) -> Object:
    decoded = _decoded(content)
    if not isinstance(decoded, dict):
        raise Unreachable(f"{host} answers something that is not JSON: not a kube-apiserver")
    return decoded


def _event(line: bytes, host: str) -> Object:
    event = _object(line, host)
    if event.get("type") == "ERROR":
        status = event.get("object") or {}
        raise api_error(int(status.get("code") or 500), status)
    return event


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Lines of any length: aiohttp's own reader refuses lines above its buffer, and an object can be 1.5 MiB."""
    rest: list[bytes] = []
    async for chunk in content.iter_any():
        *lines, tail = chunk.split(b"\n")
        for line in lines:
            rest.append(line)
            if whole := b"".join(rest).strip():
                yield whole
            rest.clear()
        if tail:
            rest.append(tail)


def _why(host: str, error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"{host} does not answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"{host} shows a certificate that its CA does not vouch for"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{host}: no such host"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{host} refuses the connection"
    return f"{host}: the connection broke ({type(error).__name__})"
