"""Registers the app with Django."""

from django.apps import AppConfig


class LabelStudioConfig(AppConfig):
    name = "titlelab.labelstudio"
    verbose_name = "Label Studio"
