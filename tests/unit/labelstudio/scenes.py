"""Scenes that the tests of the integration begin with, and what must be true at the end of each."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ml_backend.labelstudio.annotations import final_values
from tests.factories import make_catalog, make_item, make_product, make_queue
from tests.fake_label_studio import FakeLabelStudio
from tests.fakes import FakeDraftSource
from titlelab.errors import LabelStudioUnreachable
from titlelab.labelstudio.models import Task
from titlelab.labelstudio.pushing import push_queue
from titlelab.labelstudio.refreshing import refresh_open_tasks
from titlelab.review.models import Decision, ReviewItem, SecondLook

State = ReviewItem.State
OLD, NEW = "t0-g0.1", "t1-g0.1"


class Scene:
    """A queue with chosen items, a Label Studio without its project, and an ML backend."""

    def __init__(self, n_items: int = 3, **catalog: Any) -> None:
        self.studio = FakeLabelStudio()
        self.source = FakeDraftSource(serving=OLD)
        self.queue = make_queue(catalog=make_catalog(**catalog))
        self.items = [self.chosen() for _ in range(n_items)]

    def chosen(self) -> ReviewItem:
        product = make_product(catalog=self.queue.catalog)
        return make_item(queue=self.queue, product=product, state=State.CHOSEN)

    def push(self) -> int:
        """Push as tasks.label_studio.push_queue does."""
        n_sent = push_queue(self.queue, self.studio, self.source)
        self.refresh()
        return n_sent

    def refresh(self) -> int:
        return refresh_open_tasks(self.queue, self.studio, self.source)

    def task(self, place: int = 0) -> int:
        return Task.objects.get(item=self.items[place]).task_id

    def item(self, place: int = 0) -> ReviewItem:
        return ReviewItem.objects.get(pk=self.items[place].pk)

    def ledger(self) -> dict[int, tuple[bool, str, tuple[str, ...]]]:
        """Return annotation id to whether it is a rejection, title and tags, as the ledger has the annotator's word."""
        standing = Decision.objects.standing().filter(item__queue=self.queue).order_by("annotation_updated_at", "pk")
        told = {decision.annotation_id: decision.told for decision in standing}
        return {i: (d.outcome == "rejected", d.title, tuple(sorted(d.tags))) for i, d in told.items()}

    def truth(self) -> dict[int, tuple[bool, str, tuple[str, ...]]]:
        """Return the same as Label Studio has it."""
        held = {}
        for annotation in self.studio.annotations().values():
            values = final_values(annotation.result)
            is_rejected = annotation.was_cancelled or not values.title
            tags = () if is_rejected else tuple(sorted(values.tags))
            held[annotation.id] = (is_rejected, "" if is_rejected else values.title or "", tags)
        return held

    def check(self) -> None:
        """Each open item has one task, a task one prediction a version, and each of these is a stored draft."""
        asked = Counter(task.data["item"] for task in self.studio.tasks.values())
        assert set(asked.values()) <= {1}, f"twins: {asked}"
        for item in self.queue.items.filter(state=State.OPEN).select_related("task"):
            assert self.studio.tasks[item.task.task_id].data["item"] == item.pk
        for task in self.studio.tasks.values():
            versions = [p.model_version for p in task.predictions]
            assert len(versions) == len(set(versions)), f"predicted twice: {versions}"
            item = ReviewItem.objects.get(pk=task.data["item"])
            sent = set(item.showings.exclude(sent_at=None).values_list("draft__version", flat=True))
            stored = set(item.drafts.values_list("version", flat=True))
            assert sent <= set(versions) <= stored
            # What was decided or rolled back meanwhile is confirmed no more.
            assert item.state != State.OPEN or self.source.serving not in set(versions) - sent
        assert not self.queue.items.filter(state=State.CHOSEN).exists()

    def check_looks(self) -> None:
        """What was mended or sent back stands no more, and is never resurrected: the mended stands in its place."""
        for look in SecondLook.objects.filter(decision__item__queue=self.queue).select_related("decision"):
            decision = look.decision
            later = Decision.objects.filter(item=decision.item_id, annotation_id=decision.annotation_id)
            newest = later.filter(withdrawn_at=None).order_by("annotation_updated_at", "pk").last()
            is_current = Decision.objects.current().filter(pk=decision.pk).exists()
            if look.verdict == SecondLook.Verdict.SENT_BACK:
                assert not is_current
                assert look.asked_again is not None
                assert look.asked_again.product_id == decision.item.product_id
            elif look.verdict == SecondLook.Verdict.MENDED:
                assert not is_current
                assert newest is None or newest.pk != decision.pk or decision.mended_by.withdrawn_at


def regions(title: str, tags: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return an annotation's result as the editor writes it."""
    return [
        {"from_name": "title", "to_name": "description", "type": "textarea", "value": {"text": [title]}},
        {"from_name": "tags", "to_name": "description", "type": "choices", "value": {"choices": list(tags)}},
    ]


def broken_at_every_call(make: Callable[[], Scene], work: Callable[[Scene], object]) -> list[Scene]:
    """Do the work with its k-th call broken, before or after it is done, then again whole; for every k."""
    whole = make()
    before = whole.studio.n_calls
    work(whole)
    ended = [whole]
    for k in range(1, whole.studio.n_calls - before + 1):
        for fails_after in (False, True):
            scene = make()
            scene.studio.fails_at, scene.studio.fails_after = scene.studio.n_calls + k, fails_after
            try:
                work(scene)
            except LabelStudioUnreachable:
                work(scene)
            ended.append(scene)
    return ended
