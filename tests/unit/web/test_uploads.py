"""Files that an admin hands over."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.factories import make_catalog, make_library, make_queue
from tests.unit.web.reading import text_of, told
from titlelab.catalog.models import ImportRun, Product

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]


def upload(client: Client, model: str, row_id: int, name: str, content: bytes) -> Any:
    address = reverse(f"admin:{model}_upload", args=[row_id])
    return client.post(address, {"file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("new.csv", b"sku,title\nA1,\xff\xfe\n"),
        ("new.xlsx", b"PK\x03\x04"),
        ("new.jsonl", b""),
        ("new.csv", b"x" * 2_000_000),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_and_changes_nothing(name: str, content: bytes, boss: Client) -> None:
    response = upload(boss, "catalog_catalog", make_catalog().pk, name, content)

    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not Product.objects.exists()


def test_the_upload_page_needs_a_row_a_file_and_a_permission(boss: Client, clerk: Client) -> None:
    address = reverse("admin:catalog_catalog_upload", args=[make_catalog().pk])

    assert boss.get(address).status_code == 200
    assert "This field is required." in text_of(boss.post(address))
    assert boss.get(reverse("admin:catalog_catalog_upload", args=[999])).status_code == 404
    assert clerk.get(address).status_code == 403


def test_uploaded_tags_are_published_and_brought_to_the_queues(
    boss: Client, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    library = make_library(tags=[], name="Outdoor")
    queue = make_queue(catalog=make_catalog(library=library))

    with django_capture_on_commit_callbacks(execute=True):
        response = upload(boss, "tags_taglibrary", library.pk, "tags.csv", b"name,group,aliases\ngift,Use,present\n")

    assert told(response) == ["tags.csv is read: Outdoor has 1 active tags, revision 2."]
    assert rung == [
        ("tasks.label_studio.provision_queue", (queue.pk,)),
        ("tasks.label_studio.refresh_open_tasks", (queue.pk,)),
    ]


def test_a_wrong_tag_file_is_told_by_its_name_and_line(boss: Client) -> None:
    library = make_library(tags=[])

    response = upload(boss, "tags_taglibrary", library.pk, "tags.csv", b"name\ngift\ngift\n")
    not_a_library = upload(boss, "tags_taglibrary", library.pk, "tags.txt", b"gift")

    assert "line 3: 'gift' stands twice" in text_of(response)
    assert "tags.txt: a tag library's name must end in .csv or .json" in text_of(not_a_library)
    assert not library.tags.exists()


@pytest.mark.parametrize("name", ["瓶" * 240 + ".csv", "x" * 250 + ".csv"])
def test_a_name_that_is_too_long_for_the_disk_is_shortened(name: str, boss: Client) -> None:
    catalog = make_catalog()

    upload(boss, "catalog_catalog", catalog.pk, name, b"sku,title\nA1,Mug\n")

    assert ImportRun.objects.get().file_name.startswith(name[:60])
    assert ImportRun.objects.get().file_name.endswith(".csv")
