import subprocess
import sys

import pytest

from ml_backend.learning import devices


def test_importing_the_module_does_not_load_torch() -> None:
    code = "import sys, ml_backend.learning.devices; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_device_is_described_with_the_memory_this_process_holds_of_it() -> None:
    state = devices.describe()

    assert state.name
    assert state.dtype in {"float32", "bfloat16"}
    assert 0 <= state.memory_used_bytes < state.memory_total_bytes


def test_a_new_tensor_fits_the_chosen_device_and_dtype() -> None:
    import torch

    ones = torch.ones(2, 2, device=devices.device(), dtype=devices.weights_dtype())

    assert (ones @ ones).sum().item() == 8


def test_more_candidates_are_made_where_a_gpu_makes_them_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    assert devices.n_candidates() == 4
    monkeypatch.setattr(devices, "device", lambda: torch.device("cuda"))
    assert devices.n_candidates() == 8
