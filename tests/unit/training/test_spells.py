"""Which version served when is kept, whatever is rolled back later."""

from pathlib import Path

import pytest
from django.conf import settings

from ml_backend.contract import version_folder
from tests.factories import make_catalog, make_version
from titlelab.training.models import ModelVersion, Spell
from titlelab.training.promoting import promote, roll_back

pytestmark = pytest.mark.django_db


def candidate(number: int) -> ModelVersion:
    folder = version_folder(Path(settings.MODELS_FOLDER), "titler", "shop", number)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    return make_version(number=number, state="candidate")


def test_each_time_of_service_is_a_spell_of_its_own() -> None:
    make_catalog(key="shop")
    first, second = candidate(1), candidate(2)

    promote(first)
    promote(second)
    roll_back("titler", "shop")
    roll_back("titler", "shop")

    spells = list(Spell.objects.order_by("pk").select_related("version"))
    assert [spell.version.number for spell in spells] == [1, 2, 1]
    assert [spell.ended_at for spell in spells[:2]] == [spells[1].began_at, spells[2].began_at]
    assert spells[2].ended_at is not None  # the built-in model serves again
