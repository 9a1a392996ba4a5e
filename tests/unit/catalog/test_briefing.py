"""Briefs of a catalog's products, under the rules of a day."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories import make_catalog, make_channel, make_product
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Product
from titlelab.channels.models import ChannelPolicy
from titlelab.errors import NotPossibleNow

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 7, 27)


def test_the_rules_are_those_in_force_on_the_day() -> None:
    catalog = make_catalog(channel=make_channel(max_length=200))
    ChannelPolicy.objects.create(channel=catalog.channel, valid_from=DAY, max_length=75)
    product = make_product(catalog=catalog)

    lengths = [briefs(catalog, [product], day)[0].channel.max_length for day in (DAY - dt.timedelta(days=1), DAY)]

    assert lengths == [200, 75]


def test_lists_of_values_are_joined_and_no_library_is_no_key() -> None:
    catalog = make_catalog(library=None)
    product = make_product(catalog=catalog, attributes=[["Material", ["wool", "silk"]], ["Size", 40]])

    (brief,) = briefs(catalog, [product], DAY)

    assert brief.attributes == (("Material", "wool, silk"), ("Size", "40"))
    assert brief.library == ""


def test_many_briefs_cost_no_query_each(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    catalog = make_catalog()
    for _ in range(5):
        make_product(catalog=catalog)

    with django_assert_max_num_queries(3):
        found = briefs(catalog, Product.objects.filter(catalog=catalog), DAY)

    assert len(found) == 5


def test_a_channel_without_a_policy_says_so() -> None:
    catalog = make_catalog()

    with pytest.raises(NotPossibleNow, match="Custom has no policy that is valid on 1999-01-01"):
        briefs(catalog, [], dt.date(1999, 1, 1))
