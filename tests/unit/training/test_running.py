import datetime as dt
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.utils import timezone

from ml_backend.contract import TrainingReport, version_folder
from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product, make_version
from tests.fakes import FakeTrainer
from titlelab.catalog.models import Catalog, Product
from titlelab.errors import NotPossibleNow, RunCancelled
from titlelab.training.dataset import PAGE, dataset
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.number_sets import unpacked
from titlelab.training.promoting import publish_pointer
from titlelab.training.running import MAX_ATTEMPTS, abandoned_runs, cancel_run, execute_run, forgotten_runs
from titlelab.training.starting import start_run

pytestmark = pytest.mark.django_db
State = TrainingRun.State
LONG_AGO = dt.timedelta(hours=1)


@pytest.fixture
def shop() -> Catalog:
    """A shop with 80 good titles of 80 families, so that about twelve are held out."""
    catalog = make_catalog(key="shop")
    for n in range(80):
        make_product(catalog=catalog, sku=f"good-{n}", title=f"Norvik {_word(n)} bottle steel", has_good_title=True)
    return catalog


def test_an_honest_version_passes_the_gate_and_serves(shop: Catalog) -> None:
    run = start_run("template", "shop")

    run = execute_run(run.pk, FakeTrainer(candidate=0.9, serving=0.8))

    version = ModelVersion.objects.get()
    assert run.state == State.PROMOTED
    assert (run.number, run.progress, run.attempts, run.log_tail) == (1, 1.0, 1, "reading\ntraining\n")
    assert run.verdict["passed"] is True
    assert run.verdict["golden_is"] == "held-out families"
    assert (version.kind, version.scope, version.number, version.state) == ("titler", "shop", 1, "serving")


def test_a_run_delivered_twice_trains_once(shop: Catalog) -> None:
    run, trainer = start_run("template", "shop"), FakeTrainer()

    execute_run(run.pk, trainer)
    execute_run(run.pk, trainer)

    assert len(trainer.requests) == 1


def test_a_run_delivered_while_it_trains_trains_once(shop: Catalog) -> None:
    run, second = start_run("template", "shop"), FakeTrainer()
    first = FakeTrainer(meanwhile=lambda: execute_run(run.pk, second))

    run = execute_run(run.pk, first)

    assert second.requests == []
    assert run.state == State.PROMOTED


def test_a_run_whose_worker_died_is_taken_over_under_a_number_of_its_own(shop: Catalog) -> None:
    run = _left_by_a_dead_worker(attempts=1, number=1)
    leftover = version_folder(settings.MODELS_FOLDER, "titler", "shop", 2)
    leftover.mkdir(parents=True)
    (leftover / "half").touch()

    run = execute_run(run.pk, FakeTrainer())

    assert (run.state, run.attempts, run.number) == (State.PROMOTED, 2, 3)


def test_a_run_that_took_three_workers_down_is_given_up(shop: Catalog) -> None:
    run, trainer = _left_by_a_dead_worker(attempts=MAX_ATTEMPTS), FakeTrainer()

    run = execute_run(run.pk, trainer)

    assert run.state == State.FAILED
    assert run.message.startswith("Given up")
    assert trainer.requests == []


def test_a_zombie_can_neither_promote_nor_write(shop: Catalog) -> None:
    run, heir = start_run("template", "shop"), FakeTrainer()

    def lease_runs_out_and_another_worker_finishes() -> None:
        TrainingRun.objects.update(lease_until=timezone.now() - LONG_AGO)
        execute_run(run.pk, heir)

    run = execute_run(run.pk, FakeTrainer(meanwhile=lease_runs_out_and_another_worker_finishes))

    assert (run.state, run.attempts, run.number) == (State.PROMOTED, 2, 2)
    assert [version.number for version in ModelVersion.objects.all()] == [2]


def test_a_queued_run_is_cancelled_at_once(shop: Catalog) -> None:
    run, trainer = start_run("template", "shop"), FakeTrainer()

    run = cancel_run(run)
    execute_run(run.pk, trainer)

    assert (run.state, trainer.requests) == (State.CANCELLED, [])
    assert run.finished_at is not None


def test_a_running_run_is_cancelled_at_its_next_heartbeat_and_the_old_version_serves_on(shop: Catalog) -> None:
    serving = _serving_version(1)
    run = start_run("template", "shop")

    run = execute_run(run.pk, FakeTrainer(meanwhile=lambda: cancel_run(run)))

    assert (run.state, run.log_tail) == (State.CANCELLED, "reading\ntraining\n")
    assert list(ModelVersion.objects.all()) == [serving]


def test_a_run_that_is_cancelled_while_it_reads_a_large_catalog_reads_no_further(shop: Catalog) -> None:
    good = {"catalog": shop, "title": "Norvik steel bottle 750 ml", "brand": "Norvik", "has_good_title": True}
    n = 3 * PAGE
    Product.objects.bulk_create(Product(sku=f"L-{i}", content_hash=f"{i:032x}", **good) for i in range(n))
    run, trainer = start_run("template", "shop"), FakeTrainer()
    asked_after: list[str] = []

    def somebody_cancels(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        reads_titles = 'FROM "catalog_product"' in sql and '"sku" >' in sql
        if asked_after and 'FROM "catalog_product"' in sql:
            asked_after.append(sql)
        if reads_titles and not asked_after:
            asked_after.append("the titles")
            cancel_run(run)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(somebody_cancels):
        run = execute_run(run.pk, trainer)

    assert (run.state, trainer.requests) == (State.CANCELLED, [])
    assert asked_after == ["the titles"]


def test_reading_beats_often_enough_for_a_cancelled_run_to_end_within_seconds(shop: Catalog) -> None:
    good = {"catalog": shop, "title": "Norvik steel bottle 750 ml", "brand": "Norvik", "has_good_title": True}
    Product.objects.bulk_create(Product(sku=f"L-{i}", content_hash=f"{i:032x}", **good) for i in range(2 * PAGE + 1))
    n_beats = 0

    def cancelled_at_the_second() -> None:
        nonlocal n_beats
        n_beats += 1
        if n_beats == 2:
            raise RunCancelled("enough")

    with pytest.raises(RunCancelled):
        dataset("titler", "shop", timezone.localdate(), beat=cancelled_at_the_second)


def test_a_run_that_is_cancelled_between_training_and_verdict_promotes_nothing(shop: Catalog) -> None:
    run = start_run("template", "shop")

    class CancelledLate(FakeTrainer):
        def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
            report = super().train(run_folder, heartbeat)
            cancel_run(run)
            return report

    run = execute_run(run.pk, CancelledLate())

    assert run.state == State.CANCELLED
    assert not ModelVersion.objects.exists()


def test_what_a_dead_worker_was_to_cancel_is_cancelled(shop: Catalog) -> None:
    run = _left_by_a_dead_worker(attempts=1)
    TrainingRun.objects.update(state=State.CANCELLING)

    assert abandoned_runs() == []
    assert TrainingRun.objects.get(pk=run.pk).state == State.CANCELLED


def test_a_run_that_has_ended_can_not_be_cancelled(shop: Catalog) -> None:
    run = execute_run(start_run("template", "shop").pk, FakeTrainer())

    with pytest.raises(NotPossibleNow, match="not under way"):
        cancel_run(run)


def test_no_other_run_starts_while_one_is_being_cancelled(shop: Catalog) -> None:
    start_run("template", "shop")
    TrainingRun.objects.update(state=State.CANCELLING)

    with pytest.raises(NotPossibleNow, match="queued or running already"):
        start_run("template", "shop")


def test_a_zombie_whose_lease_was_taken_right_before_the_verdict_promotes_nothing(shop: Catalog) -> None:
    serving = _serving_version(1)
    run = start_run("template", "shop")

    class Overtaken(FakeTrainer):
        def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
            report = super().train(run_folder, heartbeat)
            TrainingRun.objects.update(lease_token="another's", attempts=2)  # noqa: S106 - no password
            return report

    run = execute_run(run.pk, Overtaken())

    assert (run.state, run.verdict) == (State.RUNNING, None)
    assert list(ModelVersion.objects.all()) == [serving]
    assert publish_pointer("titler", "shop") is False


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: make room, and train again."),
        (errno.ENOMEM, "Memory ran out: free some, or set a smaller base model, and train again."),
        (errno.EACCES, "The run's folder can't be used"),
    ],
)
def test_a_machine_that_lacks_something_fails_the_run_in_a_sentence(code: int, sentence: str, shop: Catalog) -> None:
    serving = _serving_version(1)
    run = start_run("template", "shop")

    def break_down() -> None:
        raise OSError(code, "the system says so")

    run = execute_run(run.pk, FakeTrainer(meanwhile=break_down))

    assert run.state == State.FAILED
    assert run.message.startswith(sentence)
    assert list(ModelVersion.objects.serving()) == [serving]


def test_a_runs_folder_that_is_a_file_fails_the_run_in_a_sentence(
    shop: Catalog, settings: LazySettings, tmp_path: Path
) -> None:
    settings.RUNS_FOLDER = tmp_path / "runs"
    settings.RUNS_FOLDER.touch()

    run = execute_run(start_run("template", "shop").pk, FakeTrainer())

    assert run.state == State.FAILED
    assert run.message.startswith("The run's folder can't be used")


def test_a_number_whose_folder_stands_is_never_given_again(shop: Catalog) -> None:
    version_folder(settings.MODELS_FOLDER, "titler", "shop", 7).mkdir(parents=True)

    assert execute_run(start_run("template", "shop").pk, FakeTrainer()).number == 8


def test_a_heartbeat_renews_the_lease_and_shows_the_progress(shop: Catalog) -> None:
    run, seen = start_run("template", "shop"), []
    trainer = FakeTrainer(meanwhile=lambda: seen.append(TrainingRun.objects.get()))

    execute_run(run.pk, trainer)

    assert (seen[0].state, seen[0].progress, seen[0].message) == (State.RUNNING, 0.5, "Training.")
    assert seen[0].lease_until > timezone.now()


def test_a_poisoned_version_is_refused_and_the_old_one_serves_on(shop: Catalog) -> None:
    serving = _serving_version(1)
    run = start_run("template", "shop")

    run = execute_run(run.pk, FakeTrainer(candidate=0.4, serving=0.8))

    assert run.state == State.REFUSED
    assert "Refused" in run.message
    assert list(ModelVersion.objects.serving()) == [serving]
    assert ModelVersion.objects.get(number=2).passed_gate is False


def test_a_failure_is_told_in_its_sentence_with_the_log(shop: Catalog) -> None:
    run = start_run("template", "shop")

    run = execute_run(run.pk, FakeTrainer(fails_with="The disk is full."))

    assert (run.state, run.message) == (State.FAILED, "The disk is full.")
    assert run.log_tail == "reading\ntraining\n"
    assert run.finished_at is not None
    assert not ModelVersion.objects.exists()


def test_the_same_data_are_nothing_new_to_learn(shop: Catalog) -> None:
    trainer = FakeTrainer()
    execute_run(start_run("template", "shop").pk, trainer)

    run = execute_run(start_run("template", "shop").pk, trainer)

    assert run.state == State.NOTHING
    assert run.message.startswith("Nothing new to learn")
    assert len(trainer.requests) == 1


def test_a_decision_is_something_new_to_learn(shop: Catalog) -> None:
    trainer = FakeTrainer()
    execute_run(start_run("template", "shop").pk, trainer)
    draft = make_draft(product=make_product(catalog=shop), title="Orvel Lamp Oak Warm")
    make_decision(item=make_item(draft=draft))

    run = execute_run(start_run("template", "shop").pk, trainer)

    assert (run.state, run.number, run.n_decisions) == (State.PROMOTED, 2, 1)


def test_a_catalog_without_good_titles_and_decisions_has_nothing_to_learn_from() -> None:
    make_catalog(key="shop")

    run = execute_run(start_run("template", "shop").pk, FakeTrainer())

    assert run.state == State.NOTHING
    assert run.message.startswith("There is nothing to learn from yet")


def test_too_few_items_to_measure_on_are_refused_before_training() -> None:
    catalog, trainer = make_catalog(key="shop"), FakeTrainer()
    make_product(catalog=catalog, title="Norvik ember bottle steel", has_good_title=True)
    make_product(catalog=catalog, title="Norvik frost bottle steel", has_good_title=True)

    run = execute_run(start_run("template", "shop").pk, trainer)

    assert run.state == State.REFUSED
    assert run.message.endswith("the gate needs 5.")
    assert trainer.requests == []


def test_a_catalog_that_promotes_by_hand_waits_for_a_click(shop: Catalog) -> None:
    Catalog.objects.update(promotes_by_hand=True)

    run = execute_run(start_run("template", "shop").pk, FakeTrainer())

    assert run.state == State.DONE
    assert ModelVersion.objects.get().state == "candidate"


def test_a_version_that_beat_one_that_serves_no_more_waits_for_a_click(shop: Catalog) -> None:
    run = start_run("template", "shop")

    run = execute_run(run.pk, FakeTrainer(meanwhile=lambda: _serving_version(7, published=False)))

    assert run.state == State.DONE
    assert ModelVersion.objects.serving().get().number == 7


def test_a_channel_without_a_policy_fails_the_run_in_a_sentence(shop: Catalog) -> None:
    shop.channel.policies.all().delete()

    run = execute_run(start_run("template", "shop").pk, FakeTrainer())

    assert run.state == State.FAILED
    assert run.message


@pytest.mark.parametrize(
    ("method", "base_model", "minutes"),
    [
        ("template", "", None),
        ("neighbour", "", None),
        ("ensemble", "", None),
        ("pointer", "", 2.5),
        ("language_model", "tiny", 2.5),
        ("full_ensemble", "tiny", 2.5),
    ],
)
def test_a_run_is_asked_with_the_base_model_and_the_minutes_that_its_method_needs(
    method: str, base_model: str, minutes: float | None, shop: Catalog, settings: LazySettings
) -> None:
    settings.BASE_MODEL, settings.TITLER_TRAINING_MINUTES = "tiny", 2.5
    trainer = FakeTrainer()

    execute_run(start_run(method, "shop").pk, trainer)

    assert (trainer.requests[0].base_model, trainer.requests[0].minutes) == (base_model, minutes)


def test_a_full_ensemble_is_trained_without_a_base_model_where_the_language_has_none(
    shop: Catalog, settings: LazySettings
) -> None:
    settings.BASE_MODEL_ZH = ""
    Catalog.objects.filter(pk=shop.pk).update(language="zh")
    trainer = FakeTrainer()

    execute_run(start_run("full_ensemble", "shop").pk, trainer)

    assert trainer.requests[0].base_model == ""


def test_only_runs_that_nobody_holds_are_forgotten(shop: Catalog) -> None:
    now = timezone.now()
    fresh = start_run("template", "shop")
    dead = start_run("tagger", shop.library.key if shop.library else "")
    TrainingRun.objects.filter(pk=dead.pk).update(state=State.RUNNING, lease_until=now - LONG_AGO)

    assert [run.pk for run in forgotten_runs(now)] == [run.pk for run in abandoned_runs(now)] == [dead.pk]
    assert [run.pk for run in forgotten_runs(now + LONG_AGO)] == [fresh.pk, dead.pk]


def test_a_killed_workers_run_is_looked_for_early_enough_to_be_taken_over_within_a_minute(shop: Catalog) -> None:
    run, killed_at = start_run("template", "shop"), timezone.now()
    lease = dt.timedelta(seconds=settings.LEASE_S)  # renewed right before the worker was killed
    TrainingRun.objects.update(state=State.RUNNING, lease_token="gone", lease_until=killed_at + lease)  # noqa: S106
    names = {each["task"]: each["schedule"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    last_look = lease + dt.timedelta(seconds=names["tasks.training.resume_abandoned_runs"])

    assert last_look <= dt.timedelta(seconds=55)
    assert abandoned_runs(killed_at + last_look) == [run]


def test_one_run_of_a_method_and_scope_at_a_time(shop: Catalog) -> None:
    start_run("template", "shop")

    with pytest.raises(NotPossibleNow, match="queued or running already"):
        start_run("template", "shop")


def _left_by_a_dead_worker(*, attempts: int, number: int | None = None) -> TrainingRun:
    run = start_run("template", "shop")
    held = {"state": State.RUNNING, "lease_token": "gone", "lease_until": timezone.now() - LONG_AGO}
    TrainingRun.objects.filter(pk=run.pk).update(**held, attempts=attempts, number=number)
    return run


def _serving_version(number: int, *, published: bool = True) -> ModelVersion:
    version = make_version(scope="shop", number=number)
    folder: Path = version_folder(settings.MODELS_FOLDER, "titler", "shop", number)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    if published:
        publish_pointer("titler", "shop")
    return version


def _word(n: int) -> str:
    """A word of its own for each n, without digits: digits do not count in a family's name."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{n:03}")


def test_a_version_keeps_its_curves_its_lessons_and_the_samples_of_both(shop: Catalog) -> None:
    draft = make_draft(product=make_product(catalog=shop, sku="asked"))
    decision = make_decision(item=make_item(draft=draft, arm="uncertain"), draft=draft)
    trainer = FakeTrainer(curve='{"name": "training_loss", "step": 1, "seconds": 0.5, "value": 2.0}\n')

    run = execute_run(start_run("template", "shop").pk, trainer)

    samples = run.version.samples
    assert [(row.name, row.points) for row in run.curves.all()] == [("training_loss", [[1, 0.5, 2.0]])]
    assert unpacked(bytes(run.lessons.packed)) == [decision.pk]
    assert (samples.beside, len(samples.lines)) == (0, 50)
    assert samples.lines[0]["drafted"]["title"].startswith("new ")
    assert samples.lines[0]["beside"]["title"].startswith("old ")
    assert run.report["samples"] is None
    assert run.version.metrics["quality_low"] < 0.9 < run.version.metrics["quality_high"]


def test_samples_that_do_not_fit_leave_the_version_without(shop: Catalog) -> None:
    run = execute_run(start_run("template", "shop").pk, FakeTrainer(n_samples=3))

    assert run.state == State.PROMOTED
    assert not hasattr(run.version, "samples")


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_the_curves_of_a_run_that_came_to_nothing_are_kept_too(shop: Catalog, end: str) -> None:
    run = start_run("template", "shop")
    curve = '{"name": "training_loss", "step": 1, "seconds": 0.5, "value": 2.0}\n'
    fails_with = "Out of memory." if end == "failed" else ""

    run = execute_run(
        run.pk,
        FakeTrainer(curve=curve, fails_with=fails_with, meanwhile=lambda: end == "cancelled" and cancel_run(run)),
    )

    assert run.state == end
    assert run.curves.count() == 1
