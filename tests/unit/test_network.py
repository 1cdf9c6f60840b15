"""The tests themselves cannot reach the network; if they could, 'works offline' would be untested."""

from __future__ import annotations

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


@pytest.mark.filterwarnings("ignore:A test tried")
def test_an_address_outside_this_machine_is_refused() -> None:
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
        client.connect(("192.0.2.1", 80))


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
