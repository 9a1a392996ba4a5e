"""The reader chooses the language; it is remembered, and programs are answered in English."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories import make_catalog, make_token
from tests.unit.web.reading import text_of
from titlelab.people.languages import chosen_language

CHINESE = "zh-hans"


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    """Requests leave their language on."""
    with override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def anna(db: None) -> User:
    user = User.objects.create_superuser("anna", "anna@shop.example", "a password of hers")
    make_catalog()
    return user


def test_a_browsers_language_is_the_first_choice(client: Client, db: None) -> None:
    page = client.get(reverse("admin:login"), headers={"accept-language": "zh-CN,zh;q=0.9"})

    assert 'lang="zh-hans"' in page.content.decode()
    assert "欢迎回到" in text_of(page)


def test_the_login_page_offers_every_language(client: Client, db: None) -> None:
    client.post(reverse("set_language"), {"language": CHINESE, "next": reverse("admin:login")})

    page = client.get(reverse("admin:login"))

    assert "English" in text_of(page)
    assert "简体中文" in text_of(page)
    assert "密码" in text_of(page)


def test_the_choice_outranks_the_browser(client: Client, anna: User) -> None:
    client.force_login(anna)

    client.post(reverse("set_language"), {"language": "en", "next": "/admin/"})

    page = client.get("/admin/", headers={"accept-language": "zh-CN"})
    assert "Where the loop stands" in text_of(page)


def test_another_browser_knows_the_choice_after_signing_in(client: Client, anna: User) -> None:
    client.force_login(anna)
    client.post(reverse("set_language"), {"language": CHINESE, "next": "/admin/"})
    another = Client()

    another.post(f"{reverse('admin:login')}?next=/admin/", {"username": "anna", "password": "a password of hers"})

    assert chosen_language(anna) == CHINESE
    assert "循环现状" in text_of(another.get("/admin/"))


def test_a_language_that_is_not_offered_is_not_remembered(client: Client, anna: User) -> None:
    client.force_login(anna)

    client.post(reverse("set_language"), {"language": "tlh", "next": "/admin/"})

    assert chosen_language(anna) == ""


def test_a_message_is_said_in_the_language_of_the_page_that_shows_it(client: Client, anna: User) -> None:
    client.force_login(anna)
    client.post(reverse("set_language"), {"language": CHINESE, "next": "/admin/"})
    library = make_catalog(key="second", name="Second").library
    assert library is not None

    client.post(reverse("admin:tags_taglibrary_click", args=[library.pk, "search"]))

    page = client.get(reverse("admin:tags_taglibrary_change", args=[library.pk]))
    assert f"正在查找 {library} 的商品中提到的内容；提议稍后会出现在这里。" in text_of(page)


def test_what_was_done_is_read_in_every_language_and_kept_in_english(client: Client, anna: User) -> None:
    client.force_login(anna)
    client.post(reverse("set_language"), {"language": CHINESE, "next": "/admin/"})
    library = make_catalog(key="second", name="Second").library
    assert library is not None

    client.post(reverse("admin:tags_taglibrary_click", args=[library.pk, "search"]))

    assert LogEntry.objects.get().change_message.startswith("Search for new tags: What is said of the products")
    page = client.get(reverse("admin:tags_taglibrary_history", args=[library.pk]))
    assert f"查找新标签: 正在查找 {library} 的商品中提到的内容" in text_of(page)


def test_programs_are_answered_in_english(client: Client, anna: User) -> None:
    catalog = make_catalog(key="third", name="Third")
    _, secret = make_token("PIM", [catalog], made_by=anna, rights=["write"])

    answer = client.put(
        f"/api/v1/catalogs/{catalog.key}/products/A-1",
        {"title": "Bottle", "price": "cheap"},
        content_type="application/json",
        headers={"accept-language": "zh-CN", "authorization": f"Bearer {secret}"},
    )

    assert "is not a number such as 12.50" in answer.content.decode()
