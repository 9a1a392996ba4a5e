"""What the process takes of the machine, told without waiting and without loading anything."""

import sys

import psutil


def device() -> str:
    """Name the device that models run on; torch is neither loaded to find out nor waited for while it loads."""
    torch = sys.modules.get("torch")
    if torch is None or getattr(torch.__spec__, "_initializing", False):
        return "cpu (torch not loaded)"
    from ml_backend.learning.devices import describe

    state = describe()
    used, total = state.memory_used_bytes // 2**20, state.memory_total_bytes // 2**20
    return f"{state.name}, {state.dtype}, {used} of {total} MB"


def memory_mb() -> int:
    """Return the process's resident memory."""
    return int(psutil.Process().memory_info().rss) // 2**20
