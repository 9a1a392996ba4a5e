"""How many Decisions are yet to be measured."""

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog
from titlelab.quality.measures import RULES
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.recording import record_measures
from titlelab.quality.unmeasured import n_unmeasured
from titlelab.review.models import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop")


def _decide(catalog: Catalog) -> Decision:
    return make_decision(item=make_item(draft=make_draft(product=make_product(catalog=catalog))))


def test_what_is_decided_waits_until_it_is_measured(shop: Catalog) -> None:
    _decide(shop)
    _decide(shop)
    assert n_unmeasured([shop.pk]) == 2

    record_measures()

    assert n_unmeasured([shop.pk]) == 0


def test_what_older_rules_measured_waits_to_be_measured_anew(shop: Catalog) -> None:
    _decide(shop)
    record_measures()
    DecisionMeasure.objects.update(rules=RULES - 1)

    assert n_unmeasured([shop.pk]) == 1


def test_only_the_catalogs_are_counted_that_were_asked_for(shop: Catalog) -> None:
    _decide(make_catalog(key="other"))

    assert n_unmeasured([shop.pk]) == n_unmeasured([]) == 0


def test_a_decision_that_holds_no_more_waits_for_nothing(shop: Catalog) -> None:
    decision = _decide(shop)
    record_measures()
    Decision.objects.filter(pk=decision.pk).update(withdrawn_at=NOW)

    assert n_unmeasured([shop.pk]) == 0
