"""Registers the app with Django."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "titlelab.channels"
    verbose_name = "Channels"
