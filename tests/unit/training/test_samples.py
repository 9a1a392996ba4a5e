"""Versions are seen side by side on the same sample products."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from ml_backend.contract import SampleReport, version_folder
from ml_backend.errors import TrainingFailed
from tests.factories import NOW, make_catalog, make_library, make_product, make_run, make_version
from tests.fakes import fake_samples
from titlelab.catalog.models import Catalog, Product
from titlelab.errors import NotPossibleNow
from titlelab.training.child import ChildProcessDrafter, ChildProcessTrainer
from titlelab.training.models import ModelVersion, SampleDrafts
from titlelab.training.running import execute_run
from titlelab.training.samples import samples
from titlelab.training.sampling import NEWEST, ask_for_samples, draft_samples
from titlelab.training.side_by_side import comparison
from titlelab.training.starting import start_run

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)


class FakeDrafter:
    """Drafts "new <sku>" and "old <sku>"; fails with a sentence when told to."""

    def __init__(self, *, fails_with: str = "") -> None:
        self.fails_with, self.requests = fails_with, []

    def draft(self, folder: Path, heartbeat: Callable[[], None]) -> SampleReport:
        self.requests.append((folder / "request.json").read_text(encoding="utf-8"))
        if self.fails_with:
            raise TrainingFailed(self.fails_with)
        return fake_samples(folder)


@pytest.fixture
def shop() -> Catalog:
    catalog = make_catalog(key="shop")
    for n in range(60):
        make_product(catalog=catalog, sku=f"sku-{n}")
    return catalog


def with_folder(version: ModelVersion) -> ModelVersion:
    folder = version_folder(Path(settings.MODELS_FOLDER), version.kind, version.scope, version.number)  # type: ignore[arg-type]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    return version


def line(product: Product, drafted: str, beside: str, brief: str = "same") -> dict[str, object]:
    return {"product": product.pk, "brief": brief, "drafted": {"title": drafted}, "beside": {"title": beside}}


def test_the_same_products_are_drawn_again_and_a_new_one_changes_hardly_any(shop: Catalog) -> None:
    first = {sample.product_id for sample in samples("titler", "shop", DAY)}
    make_product(catalog=shop, sku="latecomer")

    again = {sample.product_id for sample in samples("titler", "shop", DAY)}

    assert len(first) == len(again) == 50
    assert len(first & again) >= 49


def test_a_taggers_samples_are_of_all_catalogs_of_its_library() -> None:
    library = make_library(key="words")
    catalogs = [make_catalog(key=key, library=library) for key in ("one", "two", "three")]
    for catalog in catalogs:
        for n in range(20):
            make_product(catalog=catalog, sku=f"{catalog.key}-{n}")

    drawn = samples("tagger", "words", DAY)

    counts = [sum(sample.brief.catalog == catalog.key for sample in drawn) for catalog in catalogs]
    assert sorted(counts) == [16, 17, 17]


def test_a_version_without_samples_drafts_them_when_asked_beside_the_serving_one(shop: Catalog) -> None:
    with_folder(make_version(number=2))
    older = with_folder(make_version(number=1, state="retired"))
    ask_for_samples(older, NOW)

    row = draft_samples(older.pk, drafter := FakeDrafter())

    assert row is not None
    assert (row.beside, len(row.lines), row.asked_at, row.problem) == (2, 50, None, "")
    assert '"number": 1' in drafter.requests[0]
    assert '"beside": 2' in drafter.requests[0]
    assert not list(Path(settings.RUNS_FOLDER).glob("samples-*"))


def test_samples_asked_once_are_drafted_once(shop: Catalog) -> None:
    version = with_folder(make_version(number=1))
    ask_for_samples(version)

    draft_samples(version.pk, drafter := FakeDrafter())
    draft_samples(version.pk, drafter)

    assert len(drafter.requests) == 1


def test_a_version_whose_folder_is_gone_can_draft_nothing(shop: Catalog) -> None:
    with pytest.raises(NotPossibleNow, match="tidied away"):
        ask_for_samples(make_version(number=77))


def test_a_failure_is_kept_as_its_sentence(shop: Catalog) -> None:
    version = with_folder(make_version(number=1))
    ask_for_samples(version)

    row = draft_samples(version.pk, FakeDrafter(fails_with="the base model is gone"))

    assert row is not None
    assert (row.problem, row.asked_at, row.lines) == ("the base model is gone", None, [])


def test_a_serving_version_is_seen_beside_the_one_that_it_took_over_from(shop: Catalog) -> None:
    one, two = shop.products.order_by("pk")[:2]
    serving = make_version(number=2, run=make_run(number=2, report={"serving_version": 1}))
    SampleDrafts.objects.create(version=serving, beside=1, lines=[line(one, "a", "a"), line(two, "b", "c")])

    found = comparison(serving)

    assert found is not None
    assert (found.beside, found.n_changed) == (1, 1)
    assert [(pair.product_id, pair.beside.title, pair.drafted.title) for pair in found.pairs] == [
        (two.pk, "c", "b"),
        (one.pk, "a", "a"),
    ]


def test_a_retired_version_is_seen_beside_what_serves_now_where_a_product_is_told_the_same(shop: Catalog) -> None:
    one, two = shop.products.order_by("pk")[:2]
    serving, retired = make_version(number=3), make_version(number=1, state="retired")
    SampleDrafts.objects.create(version=serving, beside=2, lines=[line(one, "new", "x"), line(two, "n", "x", "other")])
    SampleDrafts.objects.create(version=retired, beside=0, lines=[line(one, "old", "y"), line(two, "o", "y")])

    found = comparison(retired)

    assert found is not None
    assert found.beside == 3
    assert [(pair.beside.title, pair.drafted.title) for pair in found.pairs] == [("new", "old")]


def test_nothing_is_compared_where_drafts_were_never_made(shop: Catalog) -> None:
    make_version(number=3)
    retired = make_version(number=1, state="retired")
    assert comparison(retired) is None

    SampleDrafts.objects.create(version=retired, beside=0, lines=[line(shop.products.all()[0], "old", "y")])
    assert comparison(retired) is None


def test_samples_of_old_versions_that_never_served_are_forgotten(shop: Catalog) -> None:
    served = make_version(number=1, state="retired", promoted_at=NOW)
    versions = [make_version(number=number, state="candidate") for number in range(2, NEWEST + 4)]
    for version in (served, *versions):
        SampleDrafts.objects.create(version=version)
    ask_for_samples(with_folder(versions[-1]))

    draft_samples(versions[-1].pk, FakeDrafter())

    kept = SampleDrafts.objects.order_by("version__number").values_list("version__number", flat=True)
    assert list(kept) == [1, *range(4, NEWEST + 4)]


def test_a_real_training_leaves_samples_and_a_real_child_drafts_them_again_alike() -> None:
    catalog = make_catalog(key="shop")
    for n in range(60):
        word = "".join("bcdfghkl"[int(digit, 8)] for digit in f"{n:03o}")
        make_product(catalog=catalog, sku=f"sku-{n}", title=f"Norvik {word} bottle steel", has_good_title=True)
    run = execute_run(start_run("template", "shop").pk, ChildProcessTrainer())
    version = ModelVersion.objects.get(run=run)
    first = SampleDrafts.objects.get(version=version)

    ask_for_samples(version)
    again = draft_samples(version.pk, ChildProcessDrafter())

    assert again is not None
    assert (len(first.lines), first.beside, again.problem) == (50, 0, "")
    assert again.lines == first.lines
