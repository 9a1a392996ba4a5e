"""The annotators' page speaks the queue's language; what annotations hold is the same in every language."""

import html
import re

import pytest

from tests.unit.labelstudio.scenes import Scene
from titlelab.catalog.models import Catalog
from titlelab.labelstudio.label_config import REJECT_REASONS
from titlelab.labelstudio.provisioning import config_of, provision
from titlelab.review.models import Draft, ReviewQueue

pytestmark = pytest.mark.django_db
SHOWN = re.compile(r'<(?:Header|TextArea|Taxonomy)[^>]*?(?:placeholder|value)="([^"$]+)"')


def speak(scene: Scene, language: str) -> None:
    ReviewQueue.objects.filter(pk=scene.queue.pk).update(page_language=language)
    scene.queue.refresh_from_db()


def hints(scene: Scene) -> list[str]:
    return [task.data["review_hint"] for task in scene.studio.tasks.values()]


def test_headings_and_reasons_are_shown_in_chinese_and_kept_in_english(scene: Scene) -> None:
    speak(scene, "zh-hans")

    config = config_of(scene.queue)

    assert 'value="标题"' in config
    assert '<Choice value="来源有误" alias="bad source"' in config
    assert re.findall(r'alias="([^"]+)" hotkey="[qwert]"', config) == list(REJECT_REASONS)


def test_nothing_of_a_chinese_page_is_english_but_what_the_shop_named(scene: Scene) -> None:
    speak(scene, "zh-hans")
    library = scene.queue.catalog.library
    assert library is not None
    named = {word for tag in library.tags.all() for text in (tag.name, tag.group) for word in text.split()}

    shown = [html.unescape(text) for text in SHOWN.findall(config_of(scene.queue))]

    assert shown
    assert not [text for text in shown if set(re.findall("[A-Za-z]{2,}", text)) - {"Ctrl", "Enter", "Tab"} - named]


@pytest.mark.parametrize(
    ("page_language", "of_catalog", "heading"),
    [("", "zh", "标题"), ("", "en", "Title"), ("en", "zh", "Title"), ("zh-hans", "en", "标题")],
)
def test_a_queue_speaks_its_own_language_or_its_catalogs(
    scene: Scene, page_language: str, of_catalog: str, heading: str
) -> None:
    Catalog.objects.filter(pk=scene.queue.catalog.pk).update(language=of_catalog)
    ReviewQueue.objects.filter(pk=scene.queue.pk).update(page_language=page_language)

    config = config_of(ReviewQueue.objects.get(pk=scene.queue.pk))

    assert f'<Header value="{heading}"' in config


def test_open_tasks_follow_when_the_language_changes(pushed: Scene) -> None:
    before = hints(pushed)
    speak(pushed, "zh-hans")

    provision(pushed.queue, pushed.studio)

    assert all("draft by" in hint for hint in before)
    assert all("起草" in hint and "draft by" not in hint for hint in hints(pushed))
    ((_, project),) = pushed.studio.projects.items()
    assert project.label_config == config_of(pushed.queue)


def test_what_is_told_of_a_draft_is_said_in_the_queues_language_and_stored_in_english(pushed: Scene) -> None:
    draft = Draft.objects.get(showings__item=pushed.item())
    first, *others = draft.candidates
    first |= {"violations": ["banned word 'sale'"], "reasons": ["nothing else is known"]}
    Draft.objects.filter(pk=draft.pk).update(candidates=[first, *others])
    speak(pushed, "zh-hans")

    provision(pushed.queue, pushed.studio)

    told = " ".join(hints(pushed))
    assert "禁用词 &#x27;sale&#x27;" in told
    assert "其他一概不知" in told
    assert Draft.objects.get(pk=draft.pk).candidates[0]["violations"] == ["banned word 'sale'"]
