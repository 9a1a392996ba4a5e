"""In which language a request is answered: its reader's where a person reads, English where a program does."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils import translation
from django.views.i18n import set_language

from titlelab.people.languages import choose_language, chosen_language

FOR_PROGRAMS = ("/api/", "/webhooks/", "/metrics", "/health")


class ReadingLanguage(LocaleMiddleware):
    """Django's choice (the reader's own, else the browser's), but for what only programs read.

    The reader's own stands in a cookie; who signs in with a browser that has none gets the one that was chosen before.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(FOR_PROGRAMS):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response = super().process_response(request, response)
        is_new_here = request.method == "POST" and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
        if is_new_here and request.path_info == reverse("admin:login") and request.user.is_authenticated:
            _set_cookie(response, chosen_language(request.user))
        return response


def _set_cookie(response: HttpResponseBase, language: str) -> None:
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
        )


def choose(request: HttpRequest) -> HttpResponseBase:
    """Set the cookie, as Django does, and remember the choice of who is signed in."""
    if request.method == "POST" and request.user.is_authenticated:
        choose_language(request.user, request.POST.get("language", ""))
    return set_language(request)
