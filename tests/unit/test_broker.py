"""The bell over the file system, rung and heard by several processes at once."""

import subprocess
import sys
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from titlelab.broker import Channel, Transport

RINGING = """
import sys
from kombu import Connection, Exchange, Queue
from titlelab.broker import Transport
folder, name = sys.argv[1:]
options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control"}
with Connection("filesystem://localhost/", transport=Transport, transport_options=options) as connection:
    queue = Queue("bells", Exchange("bells"), "bells")
    with connection.Producer(serializer="json") as producer:
        for n in range(150):
            queue(connection.channel()).declare()
            producer.publish(f"{name}-{n}", exchange=queue.exchange, routing_key="bells")
"""
HEARING = """
import sys
from queue import Empty
from kombu import Connection
from titlelab.broker import Transport
folder, = sys.argv[1:]
options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control"}
with Connection("filesystem://localhost/", transport=Transport, transport_options=options) as connection:
    channel, silent = connection.channel(), 0
    while silent < 400:
        try:
            print(channel._get("bells")["properties"]["delivery_tag"], flush=True)
            silent = 0
        except Empty:
            silent += 1
            import time; time.sleep(0.01)
"""


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    options = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    return Connection("filesystem://localhost/", transport=Transport, transport_options=options).channel()


def test_every_message_is_heard_once_by_one_of_several_workers(tmp_path: Path) -> None:
    hearing = [
        subprocess.Popen([sys.executable, "-c", HEARING, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ringing = [subprocess.Popen([sys.executable, "-c", RINGING, str(tmp_path), name]) for name in ("a", "b")]

    assert [process.wait(60) for process in ringing] == [0, 0]
    heard = [line for process in hearing for line in process.communicate(timeout=60)[0].splitlines()]
    assert [process.returncode for process in hearing] == [0, 0]
    assert len(heard) == len(set(heard)) == 300


def test_a_table_left_empty_by_a_crash_is_made_anew(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "bells.exchange").touch()

    channel._queue_bind("bells", "bells", "", "bells")

    assert [row.queue for row in channel.get_table("bells")] == ["bells"]


def test_a_message_half_written_by_a_crash_is_not_seen(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / ".1234-aa").write_text('{"body": ', encoding="utf-8")

    with pytest.raises(Empty):
        channel._get("bells")


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000])
def test_what_is_no_message_is_passed_over(channel: Channel, tmp_path: Path, content: str) -> None:
    (tmp_path / "00000_a.bells.msg").write_text(content)
    channel._put("bells", {"n": 1})

    assert channel._get("bells") == {"n": 1}
    with pytest.raises(Empty):
        channel._get("bells")
