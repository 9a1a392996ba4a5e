"""Bringing the database, the broker's folders and the administrator's account to what the processes need."""

import os

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command


def prepare() -> None:
    """Migrate, and make what is missing; safe to repeat, an account that exists keeps its password."""
    call_command("migrate", verbosity=0)
    for folder in ("queue", "processed", "control"):
        (settings.BROKER_FOLDER / folder).mkdir(parents=True, exist_ok=True)
    name = os.environ["TITLELAB_ADMIN_USERNAME"]
    if not User.objects.filter(username=name).exists():
        User.objects.create_superuser(name, password=os.environ["TITLELAB_ADMIN_PASSWORD"])
