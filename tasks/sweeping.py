"""The sweep: rings again for every row that a lost message left waiting, and deletes folders that nobody needs."""

import logging

from tasks.importing import ring_for_imports
from tasks.label_studio import process_inbox, push_queue, refresh_open_tasks
from tasks.people import settle_account
from tasks.training import answer_training_wishes, execute_training_run
from titlelab.catalog.storing import forget_old_uploads
from titlelab.celery import app
from titlelab.labelstudio.inbox import training_wishes, waiting_events
from titlelab.labelstudio.pushing import tasks_to_take_back, unsent
from titlelab.people.settling import unsettled
from titlelab.review.models import ReviewItem, ReviewQueue
from titlelab.training.promoting import publish_pointers
from titlelab.training.running import forgotten_runs
from titlelab.training.tidying import tidy

logger = logging.getLogger(__name__)


@app.task
def sweep() -> int:
    """Ring for whatever may wait; returns for how many rows.

    These are forgotten runs and imports, unsent items, tasks to take back, open tasks that may show an old
    version, people's accounts in Label Studio, stored events and clicks on Start Training.
    """
    for chore in (publish_pointers, tidy, forget_old_uploads):  # what tidying made room for, the next sweep writes
        try:
            chore()
        except OSError as e:  # a disk that is full or read-only keeps no message from being rung for again
            logger.warning("%s could not be done: %s", chore.__name__, e)
    bells = [(execute_training_run, run.pk) for run in forgotten_runs()]
    bells += [(settle_account, account.pk) for account in unsettled()]
    for queue in ReviewQueue.objects.all():
        if unsent(queue).exists() or tasks_to_take_back(queue).exists():
            bells.append((push_queue, queue.pk))
        elif queue.items.filter(state=ReviewItem.State.OPEN).exists():
            bells.append((refresh_open_tasks, queue.pk))
    for task, row_id in bells:
        task.delay(row_id)
    if waiting_events().exists():
        process_inbox.delay()
    if training_wishes():
        answer_training_wishes.delay()
    return len(bells) + ring_for_imports()
