"""Registers the app with Django."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "titlelab.alerts"
    verbose_name = "Alerts"
