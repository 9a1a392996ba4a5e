"""What a simulation leaves behind for the admin's pages."""

import pytest
from django.utils import timezone

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product, make_queue
from titlelab.alerts.models import Portrait
from titlelab.quality.models import ChoosingSnapshot, DecisionMeasure, QualitySnapshot
from titlelab.review.models import DueLook
from titlelab.web.simulating.finishing import bring_pages_up_to_date

pytestmark = pytest.mark.django_db


def test_whatever_the_schedule_would_make_of_it_later_stands_there_at_once_and_once() -> None:
    queue = make_queue(catalog=make_catalog(), second_look_share=1.0)
    draft = make_draft(product=make_product(catalog=queue.catalog), version="t1-g1.1")
    decision = make_decision(item=make_item(draft=draft, queue=queue), draft=draft, decided_at=timezone.now())

    bring_pages_up_to_date()
    bring_pages_up_to_date()

    assert DecisionMeasure.objects.get().decision == decision
    assert QualitySnapshot.objects.get().version == "t1-g1.1"
    assert ChoosingSnapshot.objects.get().catalog == queue.catalog
    assert DueLook.objects.get().decision == decision
    assert Portrait.objects.filter(catalog=queue.catalog).count() == len(Portrait.Population)
