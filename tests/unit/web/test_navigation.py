"""The sidebar of the admin."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from titlelab.web.navigation import sidebar

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/admin/", "Where the loop stands"),
        ("/admin/quality/qualitysnapshot/overview/", "Overview"),
        ("/admin/quality/qualitysnapshot/", "Quality by version"),
        ("/admin/quality/qualitysnapshot/7/change/", "Quality by version"),
        ("/admin/catalog/product/?q=tent", "Products"),
    ],
)
def test_one_entry_is_lit_up_for_the_page_that_is_read(path: str, title: str) -> None:
    request = RequestFactory().get(path)
    request.user = User.objects.create_superuser("boss")

    items = [item for group in sidebar(request) for item in group["items"]]

    assert [item["title"] for item in items if item["active"]] == [title]


def test_a_page_that_stands_in_no_list_lights_nothing_up() -> None:
    request = RequestFactory().get(reverse("admin:password_change"))
    request.user = User.objects.create_superuser("boss")

    assert not any(item["active"] for group in sidebar(request) for item in group["items"])
