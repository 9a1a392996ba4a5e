"""Makes what Label Studio is sent for an item: a task's data and a prediction, from stored Drafts.

Stores a Showing before anything is sent, so that what was shown is known whatever happens next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from ml_backend.contract import Brief, Candidate, CategoryScore, TagScore, from_json
from ml_backend.contract import Draft as DraftValue
from ml_backend.labelstudio.predictions import prediction
from titlelab.catalog.models import Product
from titlelab.labelstudio.label_config import TagsAs, tags_as
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.task_data import task_data
from titlelab.languages.sentences import said
from titlelab.review.categories import taxonomy_paths
from titlelab.review.drafting import DraftSource, draft_products
from titlelab.review.models import Draft, ReviewItem, ReviewQueue, Showing
from titlelab.review.twins import near_twins, settled_titles
from titlelab.tags.names import PresentNames
from titlelab.tags.publishing import published


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item with the draft it is about to show, already stored.

    may_stand says that an earlier attempt stored the same and may have sent it before it died.
    """

    item: ReviewItem
    showing: Showing
    draft: Draft
    may_stand: bool


def drafted(queue: ReviewQueue, items: Sequence[ReviewItem], source: DraftSource) -> list[Shown]:
    """Draft the items' products with the serving version and store that they are about to be shown."""
    products: list[Product] = [item.product for item in items]
    drafts = draft_products(queue.catalog, products, source, today=timezone.localdate())
    earlier = set(_showings(items, drafts))
    Showing.objects.bulk_create(
        [Showing(item=item, draft=draft) for item, draft in zip(items, drafts, strict=True)], ignore_conflicts=True
    )
    stored = _showings(items, drafts)
    return [
        Shown(
            item=item,
            showing=stored[item.pk, draft.pk],
            draft=draft,
            may_stand=(item.pk, draft.pk) in earlier,
        )
        for item, draft in zip(items, drafts, strict=True)
    ]


def _showings(items: Sequence[ReviewItem], drafts: Sequence[Draft]) -> dict[tuple[int, int], Showing]:
    found = Showing.objects.filter(item__in=[i.pk for i in items], draft__in=[d.pk for d in drafts])
    return {(showing.item_id, showing.draft_id): showing for showing in found}


class Wording:
    """How one queue words its tasks: its library's and taxonomy's form, and settled titles, are looked up once."""

    def __init__(self, queue: ReviewQueue) -> None:
        library = queue.catalog.library
        tags = published(library).tags if library else ()
        self._known = {tag.name for tag in tags}
        self._names = PresentNames(library)
        self._groups: Mapping[str, str] = {tag.name: tag.group for tag in tags}
        self._paths = set(taxonomy_paths(queue.catalog))
        self._asked_as: TagsAs = tags_as(tags, is_tree=Project.is_tree(queue))
        self._settled = settled_titles(queue.catalog)
        self._language = queue.language

    def task(self, shown: Shown) -> dict[str, Any]:
        """Return a task with its prediction, as import_tasks takes it, in the queue's language."""
        brief, is_blind = from_json(Brief, shown.draft.brief), shown.item.is_blind
        with override(self._language):
            data = task_data(
                item_id=shown.item.pk,
                brief=brief,
                draft=_said_draft(self._value(shown.draft)),
                image_url=shown.item.product.image_url,
                why=said(shown.item.why),
                asked_as=self._asked_as,
                is_blind=is_blind,
                twins=() if is_blind else near_twins(brief, shown.draft.title, self._settled),
            )
        return {"data": data, "predictions": [self.prediction(shown)]}

    def prediction(self, shown: Shown) -> dict[str, Any]:
        """Return the draft as a prediction; its score is the item's rank: Label Studio serves the lowest first."""
        made = prediction(
            self._value(shown.draft), tags_as=self._asked_as, groups=self._groups, is_blind=shown.item.is_blind
        )
        return {**made, "score": shown.item.rank}

    def _value(self, draft: Draft) -> DraftValue:
        """Read the stored draft back: tags under their names of today.

        What library and taxonomy have lost can't be shown.
        """
        tags = {name: {**t, "name": name} for t in reversed(draft.tags) if (name := self._names.name(t["name"]))}
        return DraftValue(
            sku=draft.product.sku,
            version=draft.version,
            titler_version=draft.titler_version,
            tagger_version=draft.tagger_version,
            candidates=tuple(from_json(Candidate, c) for c in draft.candidates),
            tags=tuple(from_json(TagScore, t) for name, t in reversed(tags.items()) if name in self._known),
            title_uncertainty=draft.title_uncertainty,
            tag_uncertainty=draft.tag_uncertainty,
            categories=self._categories(draft),
            categorizer_version=draft.categorizer_version,
        )

    def _categories(self, draft: Draft) -> tuple[CategoryScore, ...]:
        """Read the stored categories back; none where the choice can't be shown: another would be no draft of ours."""
        stored = tuple(from_json(CategoryScore, c) for c in draft.categories)
        return stored if stored and stored[0].path in self._paths else ()


def _said_draft(draft: DraftValue) -> DraftValue:
    """Return the draft with what is told of its titles in the language that is active."""
    return replace(
        draft,
        candidates=tuple(
            replace(
                candidate,
                unsupported=tuple(map(said, candidate.unsupported)),
                violations=tuple(map(said, candidate.violations)),
                warnings=tuple(map(said, candidate.warnings)),
                reasons=tuple(map(said, candidate.reasons)),
            )
            for candidate in draft.candidates
        ),
    )
