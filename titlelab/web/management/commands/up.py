"""Starts everything on this machine and keeps it running until Ctrl-C."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from titlelab.errors import BadSetting
from titlelab.launching.instance import claimed, running
from titlelab.launching.keeping_secrets import keep_secrets
from titlelab.launching.ports import check_ports
from titlelab.launching.preparing import prepare
from titlelab.launching.running import run_processes
from titlelab.launching.settle import summary

LINES_SHOWN = 8  # of a log: the error's last lines name it


class Command(BaseCommand):
    """Secrets, database, processes; what comes after they answer is settle.py's."""

    help = "Start TitleLab, Label Studio, the ML backend, the workers and beat; Ctrl-C stops them all."
    requires_system_checks = ()  # on the first start there is no secret key yet

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # sessions, tokens and people's addresses stand in the databases of all processes below
        if keep_secrets(settings.HOME):
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - again, with the secrets read
        if process := running(settings.HOME):
            self.stdout.write(f"TitleLab is already running (process {process.pid}).\n{summary()}")
            return
        try:
            check_ports(
                {
                    "TITLELAB_PORT": settings.PORT,
                    "TITLELAB_LABEL_STUDIO_PORT": settings.LABEL_STUDIO_PORT,
                    "TITLELAB_ML_BACKEND_PORT": settings.ML_BACKEND_PORT,
                }
            )
        except BadSetting as e:
            raise CommandError(str(e)) from e
        try:
            with claimed(settings.HOME):
                ended = self._run()
        except KeyboardInterrupt:
            ended = ""
        if ended:
            raise CommandError(_last_words(ended, settings.LOGS_FOLDER / f"{ended}.log"))
        self.stdout.write("Everything is stopped.")

    def _run(self) -> str:
        self.stdout.write("Database …")
        prepare()
        self.stdout.write("Starting Label Studio, the ML backend, the web, workers and beat; Ctrl-C stops all …")
        self.stdout.flush()
        settling = [sys.executable, "-m", "titlelab.launching.settle"]
        home = {"TITLELAB_HOME": str(settings.HOME)}
        return run_processes(settings.BASE_DIR, settings.LOGS_FOLDER, settling, home)


def _last_words(name: str, log: Path) -> str:
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
    return "\n".join([f"{name} ended by itself, so everything was stopped. The end of {log}:", *tail])
