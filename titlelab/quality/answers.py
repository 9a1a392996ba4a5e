"""What annotators lately made of the drafts that they saw, as vigilance.py reads it; reads, and writes nothing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q

from titlelab.quality.vigilance import Answer, Sign, signs
from titlelab.review.models import Decision, Draft, ReviewItem

PERIOD = dt.timedelta(days=28)
MOST_ANSWERS = 2000  # of a catalog, the latest: enough for every sign of a dozen people, and read in 50 ms


def answers(catalog_id: int, *, now: dt.datetime) -> Mapping[str, list[Answer]]:
    """Return each annotator's answers to drafts of a catalog in the order in which they were given, by e-mail address.

    What a reviewer has mended or sent back is the annotator's answer all the same; what the annotator changed is not.
    """
    hard = Draft.objects.filter(pk=OuterRef("draft")).filter(
        Q(candidates__0__unsupported__0__isnull=False) | Q(candidates__0__violations__0__isnull=False)
    )
    # Asked of each Decision, the latest first: a join is read from the side of all of the catalog's items.
    shown = ReviewItem.objects.filter(pk=OuterRef("item"), queue__catalog=catalog_id, is_blind=False).order_by()
    told = Decision.objects.told().filter(Exists(shown), draft__isnull=False)
    late = told.filter(decided_at__gt=now - PERIOD, decided_at__lte=now).order_by("-decided_at", "-pk")
    rows = late.annotate(is_warned=Exists(hard)).values_list(
        "person", "pk", "outcome", "item__arm", "is_warned", "seconds"
    )[:MOST_ANSWERS]
    by_person: dict[str, list[Answer]] = defaultdict(list)
    for person, pk, outcome, arm, is_warned, seconds in reversed(rows):
        by_person[person].append(
            Answer(
                decision_id=pk,
                is_accepted=outcome == Decision.Outcome.ACCEPTED,
                is_random=arm == ReviewItem.Arm.RANDOM,
                is_warned=is_warned,
                seconds=seconds,
            )
        )
    return by_person


def signs_by_person(by_person: Mapping[str, Sequence[Answer]]) -> dict[str, tuple[Sign, ...]]:
    """Return the signs about each person, held against all the others; who gives none is left out."""
    found = {
        person: signs(own, [answer for other, theirs in by_person.items() if other != person for answer in theirs])
        for person, own in by_person.items()
    }
    return {person: told for person, told in found.items() if told}
