"""A pytest plugin (`-p tests.grown_up.places`): as the integration tests' own, but with PostgreSQL and Redis.

Both are started before the settings are read, and end with the session.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from tests.grown_up.servers import running_postgresql, running_redis
from tests.integration import places

_servers = contextlib.ExitStack()
# Short intervals: the schedule itself has to bring everything to its end.
SCHEDULE = {
    "TITLELAB_LEASE_S": "6",
    "TITLELAB_RESUME_EVERY_S": "2",
    "TITLELAB_RECONCILE_EVERY_S": "3",
    "TITLELAB_RETRAIN_EVERY_S": "3",
    "TITLELAB_REFILL_EVERY_S": "3",
    "TITLELAB_SWEEP_EVERY_S": "3",
    "TITLELAB_RETRAIN_AFTER_DECISIONS": "16",  # all that the test decides
}


def _take_places() -> None:
    for name, server in (("TITLELAB_DATABASE_URL", running_postgresql), ("TITLELAB_BROKER_URL", running_redis)):
        folder = Path(tempfile.mkdtemp(prefix="titlelab-"))
        _servers.callback(shutil.rmtree, folder, ignore_errors=True)
        os.environ[name] = _servers.enter_context(server(folder))
    os.environ |= SCHEDULE


def pytest_unconfigure() -> None:
    _servers.close()


assert places  # has taken ports, secrets and a home
_take_places()
