"""Pages that are refused, missing or broken say so in the reader's language, and lead back."""

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path, reverse
from django.utils.translation import override

from tests.unit.web.reading import text_of
from tests.unit.web.worlds import client_of, make_person
from titlelab.people.roles import ANNOTATOR
from titlelab.urls import urlpatterns as own

pytestmark = pytest.mark.django_db


def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def is_unreadable(request: HttpRequest) -> HttpResponse:
    raise BadRequest


urlpatterns = [path("breaks/", breaks), path("unreadable/", is_unreadable), *own]


@pytest.mark.parametrize(
    ("address", "status", "english", "chinese"),
    [
        ("/unreadable/", 400, "This request can't be read", "无法读懂这个请求"),
        (reverse("admin:quality_people"), 403, "This page is not yours to see", "您无权查看此页面"),
        ("/nowhere/", 404, "Nothing stands here", "这里什么也没有"),
        ("/breaks/", 500, "Something went wrong in TitleLab", "TitleLab 出错了"),
    ],
)
@override_settings(ROOT_URLCONF=__name__)
def test_a_refusal_is_told_in_the_readers_language(address: str, status: int, english: str, chinese: str) -> None:
    client = client_of(make_person(ANNOTATOR, []))
    client.raise_request_exception = False

    with override(settings.LANGUAGE_CODE):
        for language, heading in (("en", english), ("zh-hans", chinese)):
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            answer = client.get(address)

            assert answer.status_code == status
            assert heading in text_of(answer)
            assert f'<html lang="{language}">' in answer.content.decode()
            assert reverse("admin:index") in answer.content.decode()
