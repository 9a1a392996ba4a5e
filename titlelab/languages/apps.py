"""Registers the app, the last of all, with Django: by then every model and every admin page is there to be named."""

from django.apps import AppConfig


class LanguagesConfig(AppConfig):
    name = "titlelab.languages"
    verbose_name = "Languages"

    def ready(self) -> None:
        from titlelab.languages.naming import name_everything

        name_everything()
