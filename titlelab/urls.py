"""Where each page and endpoint is found."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from titlelab.web import health, metrics, webhook

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("health", health.health, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("webhooks/label-studio/", webhook.label_studio, name="label-studio-webhook"),
    path("admin/", admin.site.urls),
]
