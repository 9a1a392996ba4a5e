"""One instance runs at a time, and is known by more than a number that may be given away."""

import json
import os
from pathlib import Path

import psutil
import pytest

from titlelab.launching.instance import claimed, pid_file, running


def test_the_instance_at_work_is_found(tmp_path: Path) -> None:
    with claimed(tmp_path):
        found = running(tmp_path)

    assert found is not None
    assert found.pid == os.getpid()


def test_nothing_is_left_when_it_ends(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass

    assert running(tmp_path) is None
    assert not pid_file(tmp_path).exists()


def test_a_pid_that_was_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    earlier = psutil.Process().create_time() - 1000
    pid_file(tmp_path).write_text(json.dumps({"pid": os.getpid(), "created": earlier}))

    assert running(tmp_path) is None


@pytest.mark.parametrize("content", ["?", "[]", "3", "{}", '{"pid": "1"}', '{"pid": -1}', '{"pid": 1e400}', "9" * 30])
def test_a_damaged_pid_file_is_no_instance(tmp_path: Path, content: str) -> None:
    pid_file(tmp_path).write_text(content)

    assert running(tmp_path) is None
