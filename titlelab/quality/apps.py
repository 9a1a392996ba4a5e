"""Registers the app with Django."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "titlelab.quality"
    verbose_name = "Quality"
