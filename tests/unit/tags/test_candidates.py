"""What might become a tag: phrases that no tag covers, and what annotators missed."""

from collections.abc import Sequence

from titlelab.tags.candidates import Candidate, Told, around, candidates, folded

WORDS = ["pan", "pot", "lid", "jug", "cup", "bowl"]
SAFE = [Told(sku=f"S-{w}", text=f"Our {w}: dishwasher safe, {w} fans say.", group="Kitchen") for w in WORDS]
REST = [
    Told(sku=f"R-{n}", text="Nothing of note.", group=group) for n in range(12) for group in ("Kitchen", "Toys", "Hats")
]
TAGS = {"Oven proof": ["oven safe"], "Gift": ["present"]}


def found(told: Sequence[Told], tags: dict[str, list[str]] = TAGS, settled: Sequence[str] = ()) -> dict[str, Candidate]:
    return {c.name: c for c in candidates(told, tags, settled=settled, without=frozenset())}


def test_a_phrase_comes_with_its_count_and_the_words_around_it() -> None:
    candidate = found(SAFE + REST)["dishwasher safe"]

    assert (candidate.n_products, candidate.n_suggestions) == (6, 0)
    assert candidate.examples[0] == ("S-pan", "Our pan: dishwasher safe, pan fans say.")


def test_a_phrase_that_holds_a_tag_or_an_alias_is_covered() -> None:
    assert "dishwasher safe" not in found(SAFE + REST, {"Kitchen": ["dishwasher safe"]})
    assert "dishwasher safe" not in found(SAFE + REST, {"Dishwashers": []})


def test_a_settled_phrase_is_not_proposed_again_in_another_case_or_number() -> None:
    assert "dishwasher safe" not in found(SAFE + REST, settled=["Dishwashers Safe"])


def test_the_likest_tags_stand_first() -> None:
    nearest = found(SAFE + REST)["dishwasher safe"].nearest

    assert nearest[0][0] == "Oven proof"  # by its alias "oven safe"
    assert all(0 <= likeness <= 1 for _, likeness in nearest)


def test_a_tag_that_people_give_where_the_phrase_is_said_is_near() -> None:
    decided = [Told(sku=t.sku, text=t.text, group=t.group, tags=("Easy care",)) for t in SAFE]

    nearest = found(decided + REST, {"Easy care": [], "Gift": []})["dishwasher safe"].nearest

    assert nearest[0] == ("Easy care", 0.71)  # five examples of five, and two without it for granted


def test_what_two_people_missed_is_proposed_first() -> None:
    wished = [Told(sku=f"W-{n}", text="A mat.", group="Toys", suggested=("Non-slip",)) for n in (1, 2)]

    first = candidates([*SAFE, *REST, *wished], TAGS, settled=(), without=frozenset())[0]

    assert (first.name, first.n_suggestions, first.n_products) == ("Non-slip", 2, 0)
    assert [sku for sku, _ in first.examples] == ["W-1", "W-2"]


def test_what_one_person_missed_needs_products_that_say_it() -> None:
    lonely = Told(sku="W-1", text="A mat.", group="Toys", suggested=("Non-slip",))
    saying = [Told(sku=f"N-{n}", text="A non-slip mat.", group="Toys") for n in (1, 2)]

    assert "Non-slip" not in found([*REST, lonely])
    assert found([*REST, lonely, *saying])["Non-slip"].n_products == 2


def test_a_suggestion_that_is_an_alias_already_is_covered() -> None:
    wished = [Told(sku=f"W-{n}", text="A mat.", suggested=("presents",)) for n in (1, 2)]

    assert found([*REST, *wished]) == {}


def test_folding_keeps_what_a_plural_would_break() -> None:
    assert [folded(word) for word in ("Glasses", "GLASS", "Ｂowls", "us", "防水")] == [
        "glasse", "glass", "bowl", "us", "防水",
    ]  # fmt: skip


def test_a_long_text_is_cut_around_the_phrase() -> None:
    told = around(f"{'a ' * 100}stay dry{' b' * 100}", "Stay dry")

    assert told.startswith("…a a")
    assert "stay dry" in told
    assert len(told) < 140
