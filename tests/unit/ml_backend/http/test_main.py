"""`python -m ml_backend` as it is started and stopped, with the models that are built in."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ml_backend.__main__ import listening
from ml_backend.client import DraftClient
from ml_backend.contract import PublishedLibrary, TagSpec
from ml_backend.http.settings import settings_of
from tests.factories import make_brief
from tests.unit.ml_backend.http.fakes import PASSWORD, publish


def environment(home: Path, **variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TITLELAB_")}
    return {**inherited, "TITLELAB_HOME": str(home), "TITLELAB_ML_BACKEND_PORT": "0", **variables}


@contextmanager
def served(home: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the backend on a free port; yields the process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ml_backend"],
        env=environment(home, TITLELAB_ML_BACKEND_PASSWORD=PASSWORD, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def said_to_people(line: str) -> str:
    return line.partition(": ")[2]


def said_to_machines(line: str) -> str:
    return str(json.loads(line)["message"])


@pytest.mark.parametrize(
    ("stop", "log_format", "said"),
    [(signal.SIGTERM, "text", said_to_people), (signal.SIGINT, "json", said_to_machines)],
)
def test_it_tells_its_address_drafts_with_the_built_in_models_and_stops_cleanly(
    stop: int, log_format: str, said: Callable[[str], str], tmp_path: Path
) -> None:
    publish(tmp_path / "models", PublishedLibrary(key="home", revision=1, tags=(TagSpec(name="steel"),)))
    with served(tmp_path, TITLELAB_LOG_FORMAT=log_format) as (process, line):
        url = line.split()[4].rstrip(",")
        client = DraftClient(url=url, username="titlelab", password=PASSWORD, timeout_s=20.0)

        (draft,) = client.drafts([make_brief(library="home")])
        health = client.health()
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)

    assert line.startswith("TitleLab ML backend on http://127.0.0.1:")
    assert draft.version == "t0-g0.1"
    assert draft.title
    assert draft.proposed_tags == ("steel",)
    assert health.device == "cpu (torch not loaded)"
    assert (process.returncode, out) == (0, "")
    assert [said(line).split()[:3] for line in err.splitlines()] == [["POST", "/drafts", "200"]]


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        variables = environment(tmp_path, TITLELAB_ML_BACKEND_PASSWORD=PASSWORD, TITLELAB_ML_BACKEND_PORT=port)
        done = subprocess.run([sys.executable, "-m", "ml_backend"], env=variables, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith(f"The ML backend can't listen on 127.0.0.1:{port}")
    assert done.stderr.count("\n") == 1


def test_without_a_password_it_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ml_backend"], env=environment(tmp_path), capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stderr.startswith("TITLELAB_ML_BACKEND_PASSWORD is not set")
    assert done.stderr.count("\n") == 1


def test_a_home_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, no folder")
    variables = environment(tmp_path / "home", TITLELAB_ML_BACKEND_PASSWORD=PASSWORD)

    done = subprocess.run([sys.executable, "-m", "ml_backend"], env=variables, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("The ML backend can't keep its drafts in")
    assert done.stderr.count("\n") == 1


def test_an_answer_on_a_kept_connection_waits_for_no_acknowledgement(tmp_path: Path) -> None:
    settings = settings_of(environment(tmp_path, TITLELAB_ML_BACKEND_PASSWORD=PASSWORD))

    with (
        listening(settings) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
