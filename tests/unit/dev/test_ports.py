from __future__ import annotations

import socket

import pytest

from drover.dev import ports
from drover.dev.errors import DevError


def test_ports_are_different_and_none_is_taken() -> None:
    taken = set(ports.RANGE) - {20_001, 20_002, 20_003}
    assert sorted(ports.pick(3, taken)) == [20_001, 20_002, 20_003]


def test_a_port_on_which_somebody_listens_is_not_chosen() -> None:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        assert not ports.is_free(server.getsockname()[1])


def test_too_few_ports_are_an_error() -> None:
    with pytest.raises(DevError, match="Fewer than 2 free ports"):
        ports.pick(2, set(ports.RANGE) - {20_001})
