"""A TCP proxy on the loopback that can be slow, silent or broken: the network between a client and a kube-apiserver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from types import TracebackType

from drover.dev.ports import LOOPBACK

_CHUNK = 1 << 16
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset at once


class Proxy:
    """Forwards bytes between clients and one server; TLS passes through untouched.

    It starts by passing everything on. Each mode lasts until the next is chosen and, unless it says otherwise, holds
    for connections that are open already:

    * `pass_through`
    * `delay`: every byte arrives later
    * `black_hole`: nothing arrives and nothing is closed; what waits arrives when another mode is chosen
    * `refuse`: new connections are refused; open ones go on
    * `cut_after`: each new connection is reset after so many bytes of the server's answer
    * `garbage`: each new connection is answered with junk and closed

    `cut` resets the open connections, in any mode.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._request_delay = self._response_delay = 0.0
        self._limit: int | None = None
        self._junk = b""
        self.port = 0

    @property
    def url(self) -> str:
        """The address of a kube-apiserver behind the proxy."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def __aenter__(self) -> Proxy:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()
        self.cut()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pass_through(self) -> None:
        """Everything works again."""
        await self._choose()

    async def delay(self, *, request: float = 0.0, response: float = 0.0) -> None:
        """Bytes from the client arrive `request` seconds later, bytes from the server `response` seconds later."""
        await self._choose(request=request, response=response)

    async def black_hole(self) -> None:
        """New connections are accepted and never answered; on open ones nothing arrives any more."""
        await self._choose(flowing=False)

    async def refuse(self) -> None:
        """New connections are refused, as if nothing listened."""
        await self._choose(listening=False)

    async def cut_after(self, size: int) -> None:
        """New connections are reset once `size` bytes of answers (TLS included) went to the client."""
        await self._choose(limit=size)

    async def garbage(self, junk: bytes | None = None) -> None:
        """New connections get `junk` (else 4096 random bytes) and are closed; the server sees none of them."""
        await self._choose(junk=junk or os.urandom(4096))

    def cut(self) -> None:
        """Resets every open connection, on both sides."""
        for connection in list(self._connections):
            connection.reset()

    async def _choose(
        self,
        *,
        request: float = 0.0,
        response: float = 0.0,
        flowing: bool = True,
        listening: bool = True,
        limit: int | None = None,
        junk: bytes = b"",
    ) -> None:
        self._request_delay, self._response_delay = request, response
        self._limit, self._junk = limit, junk
        if flowing:
            self._flowing.set()
        else:
            self._flowing.clear()
        if not listening:
            self._close()
        elif self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for mypy: start_server runs this in a task
        self._tasks.add(task)
        try:
            # A connection that breaks is what this is for.
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._junk:
            writer.write(self._junk)
            await writer.drain()
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(*self._target)
        connection = _Connection(writer, upstream_writer, self._limit)
        self._connections.add(connection)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, upstream_writer, connection, from_server=False))
                group.create_task(self._pump(upstream_reader, writer, connection, from_server=True))
        except* OSError:
            connection.reset()
        finally:
            self._connections.discard(connection)
            upstream_writer.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        connection: _Connection,
        *,
        from_server: bool,
    ) -> None:
        """Reads in one task and writes in another, so that a delay is a delay and not a lower throughput."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        loop = asyncio.get_running_loop()

        async def read() -> None:
            while True:
                chunk = await reader.read(_CHUNK)
                await waiting.put((loop.time() + (self._response_delay if from_server else self._request_delay), chunk))
                if not chunk:
                    return

        async def write() -> None:
            while True:
                due, chunk = await waiting.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._flowing.wait()
                if not chunk:
                    writer.write_eof()
                    return
                writer.write(connection.allow(chunk) if from_server else chunk)
                await writer.drain()
                if connection.used_up:
                    connection.reset()
                    return

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            group.create_task(write())


class _Connection:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, limit: int | None) -> None:
        self._writers = (client, server)
        self._left = limit

    @property
    def used_up(self) -> bool:
        """Whether as many bytes went to the client as it may get."""
        return self._left == 0

    def allow(self, chunk: bytes) -> bytes:
        """The part of an answer that the client may still get."""
        if self._left is None:
            return chunk
        allowed = chunk[: self._left]
        self._left -= len(allowed)
        return allowed

    def reset(self) -> None:
        """Closes both sides with a reset."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
