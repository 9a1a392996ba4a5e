"""Plays the control: asks again what the learning arm was asked, in the same rounds, and learns nothing of it."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from tasks.label_studio import push_queue
from titlelab.catalog.models import Product
from titlelab.review.models import ReviewItem, ReviewQueue
from titlelab.review.priority import rank
from titlelab.web.simulating.report import Asked, Story, Trained
from titlelab.web.simulating.turning import Answered, Simulation


class Repetition(Simulation):
    """A simulation of another queue whose questions are those of a story; measured on the same products."""

    def repeat(self, story: Story, first: tuple[Trained, ...]) -> Story:
        """Play the story's rounds; nothing but its products may ever be asked in this queue."""
        self._measured = {product.sku for product in story.rounds[0].probe.products}
        self._asked: Iterator[Sequence[Asked]] = iter([each.asked for each in story.rounds[1:]])
        return self.run(first)

    def probe(self) -> list[Product]:
        """Return the products that the story was measured on."""
        return list(self.catalog.products.filter(sku__in=self._measured).order_by("sku"))

    def ring(self) -> None:
        """Have the queue pushed; what is asked next is not the loop's to choose."""
        push_queue.delay(self.queue.pk)

    def annotate(self, n: int) -> Answered:
        """Answer what was asked in the story's next round, however many."""
        asked = next(self._asked, ())
        ask(self.queue, asked)
        self.refill()
        return super().annotate(len(asked))

    def train(self) -> tuple[Trained, ...]:
        """Learn nothing."""
        return ()


@transaction.atomic
def ask(queue: ReviewQueue, asked: Sequence[Asked]) -> None:
    """Add these to the queue's items, and reserve all else that could be asked, so that filling adds nothing."""
    places = {each.sku: place for place, each in enumerate(asked)}
    others = queue.catalog.products.exclude(sku__in=places).exclude(items__queue=queue)
    if not queue.asks_about_good_titles:
        others = others.filter(has_good_title=False)
    queue.reserved_skus = sorted(others.values_list("sku", flat=True))
    queue.save(update_fields=["reserved_skus"])
    n_before = queue.items.count()
    ReviewItem.objects.bulk_create(
        ReviewItem(
            queue=queue,
            product=product,
            arm=asked[places[product.sku]].chosen_by,
            is_blind=asked[places[product.sku]].is_blind,
            why="asked again, to compare",
            rank=rank(n_before + places[product.sku]),
            content_hash=product.content_hash,
        )
        for product in queue.catalog.products.filter(sku__in=places)
    )
