"""A taken port is told in one sentence."""

import os
import socket

import pytest

from titlelab.errors import BadSetting
from titlelab.launching.ports import check_ports, free_port


def test_a_taken_port_is_told_with_its_owner_and_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(BadSetting) as refused:
            check_ports({"TITLELAB_PORT": port})

    assert str(refused.value) == (
        f"Port {port} is taken by process {os.getpid()}: end that process or choose another port with TITLELAB_PORT=…."
    )


def test_free_ports_are_fine() -> None:
    check_ports({"TITLELAB_PORT": free_port()})


def test_a_port_that_was_just_closed_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()

    check_ports({"TITLELAB_PORT": port})
