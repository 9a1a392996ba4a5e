"""What the speed benchmarks compute and make before anything is timed."""

from benchmarks.bulk_drafting import products
from benchmarks.spread import percentile, spread
from benchmarks.staging import sample_briefs, sample_examples


def test_a_percentile_is_a_measured_value_that_so_many_do_not_exceed() -> None:
    values = [float(i) for i in range(20, 0, -1)]

    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [10.0, 19.0, 20.0, 20.0]
    assert percentile([7.0], 0.5) == 7.0


def test_a_spread_tells_median_and_both_ends() -> None:
    assert spread([3.0, 1.0, 2.004]) == {"median": 2.0, "least": 1.0, "greatest": 3.0}


def test_generated_products_are_as_many_as_told_and_all_different() -> None:
    made = list(products(2000))

    assert len({row["sku"] for row in made}) == 2000
    assert len({(row["description"], str(row["attributes"])) for row in made}) == 2000


def test_both_samples_give_briefs_under_their_channels_rules_and_titles_to_learn_from() -> None:
    for language, channel in (("en", "google"), ("zh", "taobao")):
        briefs, examples = sample_briefs(language), sample_examples(language)

        assert {brief.channel.key for brief in briefs} == {channel}
        assert len(briefs) == len({brief.sku for brief in briefs})
        assert len(examples) == len(briefs)
