"""Which ports are taken, and by whom."""

import contextlib
import socket

import psutil

from titlelab.errors import BadSetting


def check_ports(wanted: dict[str, int], host: str = "127.0.0.1") -> None:
    """Raise BadSetting with one sentence for the first port that is taken; wanted: setting -> port."""
    for setting, port in wanted.items():
        if is_taken(port, host):
            owner = owner_pid(port)
            by = f" by process {owner}" if owner else ""
            raise BadSetting(f"Port {port} is taken{by}: end that process or choose another port with {setting}=….")


def is_taken(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just closed is free
        try:
            candidate.bind((host, port))
        except OSError:
            return True
    return False


def owner_pid(port: int) -> int | None:
    """Return the process that listens on a port, None when it is hidden from us."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
                return int(connection.pid) if connection.pid else None
    return None


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
