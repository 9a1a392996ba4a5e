"""A PostgreSQL and a Redis of the tests' own: on free ports of loopback, in a folder that goes with them."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import redis

from tests.integration.places import free_ports

PATIENCE_S = 30
ACCOUNTS = ("postgres", "nobody")  # PostgreSQL refuses to run as root; its package brings the first


@contextlib.contextmanager
def running_postgresql(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    (port,), password, account = free_ports(1), secrets.token_hex(16), _account()
    data, key = folder / "data", folder / "password"
    key.write_text(password, encoding="utf-8")
    if account:
        for path in (folder, key):
            shutil.chown(path, account)
    how = ["-D", data, "-U", "titlelab", "-A", "scram-sha-256", "--pwfile", key, "-E", "UTF8", "--no-sync"]
    subprocess.run([_tool("initdb"), *how], check=True, stdout=subprocess.DEVNULL, user=account, cwd=folder)
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    told = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    address = f"postgresql://titlelab:{password}@127.0.0.1:{port}"

    def answers() -> None:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE titlelab")

    with _running([_tool("postgres"), "-D", str(data), *told], folder, account):
        _wait_for(answers, psycopg.OperationalError)
        yield f"{address}/titlelab"


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Yield the address of an empty Redis."""
    (port,), password = free_ports(1), secrets.token_hex(16)
    config = folder / "redis.conf"
    config.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\ndir {folder}\n', encoding="utf-8")
    with _running([_tool("redis-server"), str(config)], folder, None):
        client = redis.Redis(port=port, password=password)
        _wait_for(client.ping, redis.exceptions.ConnectionError)
        client.close()
        yield f"redis://:{password}@127.0.0.1:{port}/0"


def _account() -> str | None:
    """Return whom PostgreSQL is to run as; None for ourselves."""
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)


def _tool(name: str) -> str:
    """Find a program; Debian keeps PostgreSQL's beside its versions."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(versions[-1]) if versions else None)
    assert found, f"{name} is missing: `make test-needs` installs it"
    return found


@contextlib.contextmanager
def _running(command: list[str], folder: Path, account: str | None) -> Iterator[None]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, user=account, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL does not wait for its clients then
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(answers: Callable[[], object], refusal: type[Exception]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answers()
        except refusal:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
