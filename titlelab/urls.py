"""Where each page and endpoint is found."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from titlelab.web import health, metrics, reading_language, webhook
from titlelab.web.api.app import api
from titlelab.web.api.problems import no_such_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("health", health.health, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("webhooks/label-studio/", webhook.label_studio, name="label-studio-webhook"),
    path("api/v1/", api.urls),
    re_path("^api/", no_such_page),
    path("language/", reading_language.choose, name="set_language"),
    path("admin/", admin.site.urls),
]
