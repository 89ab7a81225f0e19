"""The HTTPS server that kube-apiservers ask."""

from __future__ import annotations

import asyncio
import logging
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from drover.admission.review import LARGEST, Allowed, Denied, Malformed, Request, decode, encode
from drover.kube import metrics
from drover.kube.errors import ApiError, Unreachable

log = logging.getLogger(__name__)

VALIDATE: Final = "/validate"
VALIDATE_WITH_VERB: Final = "/validate/with-verb"
"""For requesters who have the verb that makes comparing rights needless. The kube-apiserver knows that at once, where
asking it would take as long as everything else."""
ADMINISTRATORS: Final = "/validate/administrators"
"""For who takes the rights of a user away: whether that was the last one who may do everything."""
MUTATE: Final = "/mutate"

_AT_ONCE = 64
"""Reviews that are read and answered at the same time; further ones are turned away, and are not allowed."""
_HANDSHAKE_SECONDS = 5.0
_HEAD_SECONDS = 10.0
_IDLE_SECONDS = 120.0  # more than the 90 s after which a kube-apiserver drops an idle connection
_BODY_SECONDS = 3.0
_ANSWER_SECONDS = 4.5
"""Less than the `timeoutSeconds` of the webhook configurations, so that the answer says what is wrong."""

Check = Callable[[Request], Awaitable[Allowed | Denied]]


class Server:
    """Answers reviews by `checks`, one a path. `problem` says why nothing can be judged now; empty: nothing is wrong.

    Whatever goes wrong is no permission: a review that is malformed is answered 400, and one that cannot be judged
    503, in plain text without details of the error.
    """

    def __init__(self, checks: dict[str, Check], *, problem: Callable[[], str]) -> None:
        self._checks = checks
        self._problem = problem
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._silent: set[object] = set()
        self._busy = 0
        self.shown = ""
        """The certificate that is shown; empty before there is one, and nobody gets through."""

    def show(self, certificate: str, key: str) -> None:
        """Shows another certificate to whom connects from now on; raises `ssl.SSLError` for one that does not fit its
        key. Connections that are open stay."""
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:  # OpenSSL reads files only; the mode is 0600
            pem.write(f"{certificate}\n{key}")
            pem.flush()
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pem.name)  # a misfit would spoil the one in use
            self._tls.load_cert_chain(pem.name)
        self.shown = certificate

    async def start(self, host: str, port: int) -> None:
        """Listens."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([web.post(path, self._answer) for path in self._checks])
        # A compressed body could unpack to any size; kube-apiservers send none.
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=5.0, auto_decompress=False, keepalive_timeout=_IDLE_SECONDS
        )
        await self._runner.setup()
        self._listener = await asyncio.get_running_loop().create_server(
            self._connection, host, port, ssl=self._tls, ssl_handshake_timeout=_HANDSHAKE_SECONDS
        )

    def _connection(self) -> asyncio.Protocol:
        """A connection; it is dropped when it asks nothing for some seconds, as one does that only holds it."""
        if self._runner is None or self._runner.server is None:
            raise RuntimeError("the server is not set up")
        connection = self._runner.server()
        self._silent.add(connection)

        def look() -> None:
            if connection in self._silent:
                self._silent.discard(connection)
                if connection.transport is not None:
                    connection.transport.abort()

        asyncio.get_running_loop().call_later(_HEAD_SECONDS, look)
        return connection

    async def close(self) -> None:
        """Answers what was asked already, and ends."""
        if self._listener is not None:
            self._listener.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, http: web.Request) -> web.Response:
        self._silent.discard(http.protocol)
        started = time.perf_counter()
        self._busy += 1
        try:
            response = await self._judged(http) if self._busy <= _AT_ONCE else _plain(503, "too many reviews at once")
        finally:
            self._busy -= 1
        metrics.WEBHOOK_REQUESTS.labels(http.path, response.status).inc()
        metrics.WEBHOOK_SECONDS.labels(http.path).observe(time.perf_counter() - started)
        return response

    async def _judged(self, http: web.Request) -> web.Response:
        body = await _body(http)
        if isinstance(body, web.Response):
            return body
        try:
            request = decode(body)
        except Malformed as error:
            return _plain(400, str(error))
        if problem := self._problem():
            return _plain(503, f"Drover cannot judge this yet: {problem}")
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await self._checks[http.path](request)
        except TimeoutError:
            return _plain(503, "the kube-apiserver did not say in time what the requester may do; try again")
        except (ApiError, Unreachable) as error:
            log.warning("not judged: %s", error, extra={"uid": request.uid})
            return _plain(503, "the kube-apiserver did not say what the requester may do; try again")
        except Exception:
            log.exception("a check failed", extra={"uid": request.uid, "resource": request.resource})
            return _plain(503, "a check failed; the log of Drover says why")
        if isinstance(answer, Denied):
            metrics.DENIED.labels(answer.code).inc()
        return web.Response(body=encode(request, answer), content_type="application/json")


async def _body(http: web.Request) -> bytes | web.Response:
    """What was sent, or why it is not taken."""
    if http.content_type != "application/json":
        return _plain(415, "send application/json")
    if http.headers.get("Content-Encoding", "identity") != "identity":
        return _plain(415, "send the body uncompressed")
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await http.read()
    except web.HTTPRequestEntityTooLarge:
        return _plain(413, f"the body has more than {LARGEST} bytes")
    except TimeoutError:
        return _plain(408, "the body did not arrive in time")
    except RequestPayloadError:
        return _plain(400, "the body is broken")


def _plain(status: int, text: str) -> web.Response:
    response = web.Response(status=status, text=text)
    if status != 503:
        response.force_close()  # the rest of what is sent would be read as the next request
    return response
