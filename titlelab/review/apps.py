"""Registers the app with Django."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "titlelab.review"
    verbose_name = "Review"
