"""Registers the app with Django; every `migrate` brings the roles' groups to what roles.py says."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "titlelab.people"
    verbose_name = "People"

    def ready(self) -> None:
        from titlelab.people.granting import after_migrate

        post_migrate.connect(after_migrate, sender=self)
