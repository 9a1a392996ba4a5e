"""The Celery app; its queues and its default schedule stand in settings.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")
app = Celery("titlelab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = tuple(f"tasks.{name}" for name in ("label_studio", "scoring", "training", "quality", "sweeping"))
