from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from drover.dev.proxy import Proxy

SOON = 0.2


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(echo, "127.0.0.1", 0) as server,
        Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy,
    ):
        yield proxy


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, proxy: Proxy) -> Client:
        return cls(*await asyncio.open_connection("127.0.0.1", proxy.port))

    async def ask(self, message: bytes) -> bytes:
        self.writer.write(message)
        return await self.reader.readexactly(len(message))


async def test_bytes_pass_in_both_directions_and_an_end_is_passed_on(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    message = bytes(range(256)) * 4096
    assert await client.ask(message) == message
    client.writer.write_eof()
    assert await client.reader.read() == b""


async def test_a_delay_is_a_delay_and_not_a_lower_throughput(proxy: Proxy) -> None:
    await proxy.delay(response=SOON)
    client = await Client.connect(proxy)
    start = time.monotonic()
    await client.ask(b"x" * (1 << 21))  # at least 32 chunks
    assert SOON <= time.monotonic() - start < 5 * SOON


async def test_requests_can_be_delayed_on_their_own(proxy: Proxy) -> None:
    await proxy.delay(request=SOON)
    client = await Client.connect(proxy)
    start = time.monotonic()
    await client.ask(b"x")
    assert SOON <= time.monotonic() - start < 2 * SOON


async def test_refuse_refuses_new_connections_and_lets_open_ones_go_on(proxy: Proxy) -> None:
    before = await Client.connect(proxy)
    await before.ask(b"x")
    await proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await Client.connect(proxy)
    assert await before.ask(b"still") == b"still"


async def test_after_refuse_the_same_port_serves_again(proxy: Proxy) -> None:
    port = proxy.port
    await proxy.refuse()
    await proxy.pass_through()
    assert proxy.port == port
    assert await (await Client.connect(proxy)).ask(b"back") == b"back"


async def test_a_black_hole_holds_old_and_new_connections_open_and_silent(proxy: Proxy) -> None:
    old = await Client.connect(proxy)
    await old.ask(b"x")
    await proxy.black_hole()
    new = await Client.connect(proxy)
    answers = [asyncio.ensure_future(client.ask(b"hello")) for client in (old, new)]
    done, _ = await asyncio.wait(answers, timeout=SOON)
    assert done == set()
    await proxy.pass_through()
    assert await asyncio.gather(*answers) == [b"hello", b"hello"]


async def test_cut_resets_what_is_open_and_new_connections_work(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    await client.ask(b"x")
    assert proxy.connections == 1
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await client.ask(b"x")
    assert await (await Client.connect(proxy)).ask(b"new") == b"new"
    assert proxy.connections == 1


async def test_a_lossy_connection_is_reset_after_so_many_bytes_of_the_answer(proxy: Proxy) -> None:
    await proxy.cut_after(10)
    client = await Client.connect(proxy)
    assert await client.ask(b"0123456789") == b"0123456789"
    with pytest.raises(ConnectionResetError):
        await client.reader.readexactly(1)


async def test_garbage_is_answered_without_asking_the_server(proxy: Proxy) -> None:
    await proxy.garbage(b"HTTP/1.1 99 nonsense")
    client = await Client.connect(proxy)
    assert await client.reader.read() == b"HTTP/1.1 99 nonsense"
    await proxy.pass_through()
    assert await (await Client.connect(proxy)).ask(b"x") == b"x"


async def test_nothing_is_left_when_the_block_ends_in_any_mode() -> None:
    async with Proxy("127.0.0.1", 1) as proxy:  # nothing listens there
        client = await Client.connect(proxy)
        assert await client.reader.read() == b""
        await proxy.black_hole()
        await Client.connect(proxy)
    assert proxy.connections == 0
    with pytest.raises(ConnectionRefusedError):
        await Client.connect(proxy)
