"""What models are called, one and several, in two languages."""

import re

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils.translation import override

from titlelab.languages.naming import OURS

OWN = [
    model
    for config in apps.get_app_configs()
    if config.name.startswith(OURS)
    for model in config.get_models(include_auto_created=True)
    if not model._meta.auto_created
]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_a_model_is_called_by_words_and_several_by_one_plural(model: type[Model], language: str) -> None:
    with override(language):
        one, several = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)

    assert not several.endswith("ss")
    assert not [name for name in (one, several) if re.search("_|[a-z][A-Z]", name)]


def test_several_lessons_are_no_lessonss() -> None:
    plurals = {model.__name__: str(model._meta.verbose_name_plural) for model in OWN}

    assert plurals["Lessons"] == "lessons"
    assert plurals["SampleDrafts"] == "sample drafts"
    assert plurals["HistoricalPhraseList_channels"] == "historical channels of phrase lists"
