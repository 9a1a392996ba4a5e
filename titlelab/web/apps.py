"""Registers the app, and the checks of the settings, with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "titlelab.web"
    verbose_name = "TitleLab"

    def ready(self) -> None:
        from titlelab import checks  # noqa: F401 (importing registers them)
