"""The Celery app; its queues and its default schedule stand in settings.py."""

import os
from pathlib import Path

from celery import Celery

from titlelab import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")
broker.use()
app = Celery("titlelab")
app.config_from_object("django.conf:settings", namespace="CELERY")
for folder in app.conf.broker_transport_options.values() if app.conf.broker_url.startswith("filesystem") else ():
    if isinstance(folder, str):
        Path(folder).mkdir(parents=True, exist_ok=True)  # kombu fails on a missing folder
_TASKS = ("label_studio", "scoring", "training", "quality", "proposing", "people", "sweeping")
app.conf.imports = tuple(f"tasks.{name}" for name in _TASKS)
