"""Registers the app with Django."""

from django.apps import AppConfig


class TagsConfig(AppConfig):
    name = "titlelab.tags"
    verbose_name = "Tags"
