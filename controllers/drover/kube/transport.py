"""HTTP to a kube-apiserver: one connection pool, typed errors, retries that honour Retry-After."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver

from drover.kube import metrics
from drover.kube.clock import ServerClock
from drover.kube.errors import ApiError, ServerError, TooManyRequests, Unauthorized, Unreachable, api_error
from drover.kube.gvr import Object
from drover.kube.login import Login, LoginError

JSON = "application/json"

_TRIES = 4
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 10.0
_RETRIED = (429, 500, 502, 503, 504)
_CONNECTIONS = 100
_UNLIMITED = aiohttp.ClientTimeout(total=None)

Fence = Callable[[], float]
"""Called before each write: the seconds for which this process may still write; raises `NotLeading` at the end of its
Lease."""


class Transport:
    """Requests of one login. A write is asked of `fence` first."""

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
        self.clock = ServerClock()
        self._timeout = timeout
        self._resolver = resolver
        self.host = login.server.split("://", 1)[-1].split("/", 1)[0]
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

    async def stream(self, path: str, query: Mapping[str, str], *, silence: float) -> AsyncIterator[Object]:
        """The JSON lines of a watch; ends with `Unreachable` after `silence` seconds without a byte."""
        session = self._open()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence)
        headers = {**self._headers, **await self._authorization(refused=False)}
        try:
            async with session.get(
                self.login.server + path,
                params=query,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                **self._tls(),
            ) as answer:
                metrics.REQUESTS.labels(answer.status, "GET", self.host).inc()
                if answer.status != 200:
                    raise api_error(
                        answer.status, _decoded(await answer.read()), retry_after=_retry_after(answer.headers)
                    )
                async for line in _lines(answer.content):
                    yield _event(line, self.host)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(_why(self.host, error)) from error

    async def call(
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
                return _object(answer, self.host)
            error = api_error(status, _decoded(answer), retry_after=_retry_after(answer_headers))
            if attempt == _TRIES or not _worth_retrying(method, error):
                raise error
            if isinstance(error, Unauthorized):
                if self.login.token is None or "Authorization" in headers:
                    raise error  # there is no other credential
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
        try:
            # aiohttp's own total timeout swallows a cancellation that comes in the same moment, as a Lease's end does.
            async with asyncio.timeout(timeout):  # the wait for a token too: a write is not sent after the Lease's end
                sent = {**self._headers, **await self._authorization(refused=False), **headers}
                async with session.request(
                    method,
                    self.login.server + path,
                    data=payload,
                    params=query,
                    headers=sent,
                    timeout=_UNLIMITED,
                    allow_redirects=False,  # a credential goes to the address it was given for, and nowhere else
                    **self._tls(),
                ) as answer:
                    content = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            metrics.REQUESTS.labels("<error>", method, self.host).inc()
            raise Unreachable(_why(self.host, error)) from error
        self.clock.learn(answer.headers.get("Date"))
        metrics.REQUESTS.labels(answer.status, method, self.host).inc()
        metrics.REQUEST_SECONDS.labels(method, self.host).observe(time.perf_counter() - started)
        return answer.status, answer.headers, content

    async def _authorization(self, *, refused: bool) -> dict[str, str]:
        if self.login.token is None:
            return {}
        try:
            return {"Authorization": f"Bearer {await self.login.token(refused)}"}
        except LoginError as error:
            raise Unreachable(str(error)) from error

    def _tls(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.login.tls_server_name:
            options["server_hostname"] = self.login.tls_server_name
        if self.login.proxy:
            options["proxy"] = self.login.proxy
        return options

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Unreachable(f"{self.host}: the client is closed")
        if self._session is None:
            try:
                tls = self.login.ssl_context()
            except (OSError, ValueError) as error:
                raise Unreachable(f"{self.host}: the CA or client certificate for it cannot be used") from error
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=tls, resolver=self._resolver)
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
    return float(value) if value.isascii() and value.isdigit() else None


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
        status = event.get("object")
        code = status.get("code") if isinstance(status, dict) else None
        raise api_error(code if isinstance(code, int) and code >= 400 else 500, status)
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
