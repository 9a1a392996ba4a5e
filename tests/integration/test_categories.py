"""A catalog that asks for categories, in a real Label Studio: pre-filled by names, decided, learnt, pre-filled anew."""

import contextlib
from pathlib import Path

from ml_backend.labelstudio.annotations import final_values
from tasks.scoring import fill_queue
from tasks.training import execute_training_run
from tests.integration.annotating import Annotator
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.review.categories import follow_categories
from titlelab.review.models import Decision, ReviewItem, ReviewQueue
from titlelab.training.models import TrainingRun
from titlelab.training.starting import start_run

APRONS = ["Home", "Aprons"]
TRAINED_S = 180  # a second of work, in a process of its own that lets all others go first


def test_a_prefilled_category_is_decided_learnt_and_prefilled_by_what_was_learnt(
    stack: None, studio: LabelStudioClient, tmp_path: Path
) -> None:
    catalog = imported_catalog("categories", tmp_path)
    catalog.asks_for_category = True
    catalog.save()
    follow_categories()
    queue = ReviewQueue.objects.create(name="Categories", catalog=catalog, working_set=8)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 8, "eight open tasks")
    accepted, changed = queue.items.filter(state="open", arm=ReviewItem.Arm.UNCERTAIN).order_by("rank")[:2]

    with contextlib.closing(Annotator(queue, studio)) as annotator:
        annotator.accept(accepted)
        annotator.choose_category(APRONS, changed)
    wait_for(lambda: Decision.objects.filter(item__queue=queue).count() == 2, "two Decisions")

    as_shown, as_chosen = (Decision.objects.get(item=item) for item in (accepted, changed))
    assert (as_shown.outcome, as_shown.category) == ("accepted", accepted.product.category)
    assert (as_chosen.category, as_chosen.category_changed) == (APRONS, changed.product.category != APRONS)

    run = start_run("categorizer", catalog.key)
    execute_training_run.delay(run.pk)
    wait_for(lambda: TrainingRun.objects.get(pk=run.pk).state == "promoted", "the version to serve", within_s=TRAINED_S)
    wait_for(lambda: "-c1." in _shown(queue), "open tasks to be pre-filled by it")

    task = queue.items.filter(state="open", decisions=None).order_by("rank")[0]
    seen = studio.task(task.task.task_id)
    assert seen is not None
    assert final_values(seen.predictions[-1].result).category == tuple(task.product.category)


def _shown(queue: ReviewQueue) -> str:
    queue.project.refresh_from_db()
    return str(queue.project.model_version)
