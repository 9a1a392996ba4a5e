from collections.abc import Callable, Iterable

from titlelab.quality.suggestions import (
    Change,
    Found,
    Tagged,
    habits,
    replaced_by_a_tag,
    said_of_a_tag,
    source_words,
    taken_out,
)

TAGS = {"flask": ["thermos"], "gift": [], "grey": []}


def changes(
    kind: str, before: str, after: str, n: int, *, start: int = 1, people: int = 2, brand: str = "", category: str = ""
) -> list[Change]:
    """Return the same change of n products by several people."""
    return [
        Change(
            kind=kind,
            before=before,
            after=after,
            decision=i,
            product=i,
            person=f"p{i % people}@shop.example",
            brand=brand,
            category=category,
        )
        for i in range(start, start + n)
    ]


def in_titles(n: int) -> Callable[[str], int]:
    def kept(word: str) -> int:
        return n

    return kept


def nothing(word: str) -> bool:
    return False


def everything(word: str) -> bool:
    return True


def told(found: Iterable[Found]) -> list[tuple[str, str, int]]:
    return sorted((each.word, each.goal, each.n_decisions) for each in found)


def test_what_is_replaced_by_a_tags_word_again_and_again_is_an_alias_of_the_tag() -> None:
    (found,) = replaced_by_a_tag(changes("fact_corrected", "Vacuum Bottle", "Flask", 7), TAGS, n_titles=40)

    assert found == Found(
        sort="replaced", word="vacuum bottle", goal="flask", n_decisions=7, n_products=7, n_people=2, n_titles=40,
        examples=(7, 6, 5, 4, 3),
    )  # fmt: skip


def test_an_alias_of_a_tag_leads_to_the_tag_and_han_words_too() -> None:
    some = [*changes("fact_corrected", "jug", "Thermos", 3), *changes("fact_corrected", "水壶", "保温杯", 3)]

    assert told(replaced_by_a_tag(some, {**TAGS, "保温杯": []}, n_titles=9)) == [
        ("jug", "flask", 3),
        ("水壶", "保温杯", 3),
    ]


def test_one_product_corrected_often_is_no_alias() -> None:
    same = [c for c in changes("fact_corrected", "jug", "flask", 1) for _ in range(9)]

    assert replaced_by_a_tag(same, TAGS, n_titles=9) == []


def test_a_wrong_colour_is_no_alias_and_another_spelling_of_it_is() -> None:
    some = [*changes("fact_corrected", "red", "grey", 5), *changes("fact_corrected", "gray", "grey", 5)]

    assert told(replaced_by_a_tag(some, TAGS, n_titles=9)) == [("gray", "grey", 5)]


def test_what_is_replaced_both_ways_is_no_alias() -> None:
    some = [*changes("fact_corrected", "jug", "flask", 4), *changes("fact_corrected", "flask", "jug", 3)]

    assert replaced_by_a_tag(some, TAGS, n_titles=9) == []


def test_a_word_of_another_tag_is_no_alias() -> None:
    assert replaced_by_a_tag(changes("fact_corrected", "gift", "flask", 4), TAGS, n_titles=9) == []


def tagged(i: int, words: str, *tags: str, added: Iterable[str] = ()) -> Tagged:
    return Tagged(
        decision=i, product=i, person="anna", words=source_words(words), tags=frozenset(tags), added=frozenset(added)
    )


def test_what_goes_with_a_tag_by_chance_is_no_alias() -> None:
    some = [tagged(i, f"word{i} quiet", "flask", added=["flask"]) for i in range(3)]
    others = [tagged(10 + i, f"plain word{i} thing{i % 7}", *(["flask"] if i % 3 else [])) for i in range(20)]

    assert said_of_a_tag([*some, *others], TAGS) == []


def test_the_word_that_stands_wherever_people_add_a_tag_is_an_alias_of_it() -> None:
    some = [tagged(i, "a vacuum insulated bottle", "flask", added=["flask"]) for i in range(4)]
    others = [tagged(10 + i, "a plain bottle", "gift") for i in range(20)]

    assert told(said_of_a_tag([*some, *others], TAGS)) == [("insulated", "flask", 4)]


def test_a_word_that_other_products_say_too_is_no_alias() -> None:
    some = [tagged(i, "a steel bottle", "flask", added=["flask"]) for i in range(4)]
    others = [tagged(10 + i, "a steel bottle") for i in range(4)]

    assert said_of_a_tag([*some, *others], TAGS) == []


def test_a_tag_that_the_model_knows_to_give_needs_no_alias() -> None:
    some = [tagged(i, "an insulated bottle", "flask") for i in range(9)]

    assert said_of_a_tag([*some, *(tagged(10 + i, "a mug") for i in range(40))], TAGS) == []


def test_han_words_are_found_in_the_source() -> None:
    some = [tagged(i, "双层真空设计", "flask", added=["flask"]) for i in range(4)]
    others = [tagged(10 + i, "陶瓷马克杯") for i in range(30)]

    ((word, goal, n),) = told(said_of_a_tag([*some, *others], TAGS))

    assert (goal, n) == ("flask", 4)
    assert word in "双层真空设计"


def test_a_word_that_is_taken_out_again_and_again_is_suggested_for_banning() -> None:
    some = changes("fact_removed", "Ultimate", "", 3, category="Mugs")
    others = changes("shortened", "ultimate", "", 2, start=4, category="Lamps")

    found = taken_out([*some, *others], kept=in_titles(1), banned=nothing, n_titles=50)

    assert told(found) == [("ultimate", "", 5)]


def test_a_wrong_name_of_a_thing_is_not_suggested() -> None:
    of_one_category = changes("fact_removed", "Reading Light", "", 9, category="Lamps")
    few = [c for i in range(4) for c in changes("fact_removed", "Tarp", "", 1, start=20 + i, category=f"{i}")]

    assert taken_out([*of_one_category, *few], kept=in_titles(0), banned=nothing, n_titles=50) == []


def test_praise_is_suggested_sooner() -> None:
    some = changes("policy", "amazing", "", 3)

    assert told(taken_out(some, kept=in_titles(3), banned=nothing, n_titles=50)) == [("amazing", "", 3)]


def test_what_most_titles_keep_or_the_rules_ban_already_is_not_suggested() -> None:
    some = changes("policy", "amazing", "", 4)

    assert taken_out(some, kept=in_titles(5), banned=nothing, n_titles=50) == []
    assert taken_out(some, kept=in_titles(0), banned=everything, n_titles=50) == []


def test_facts_numbers_and_long_stretches_are_never_suggested_for_banning() -> None:
    some = [
        *changes("fact_removed", "Red", "", 9),
        *changes("fact_removed", "2 pack", "", 9, start=20),
        *changes("shortened", "a very long tail of the title", "", 9, start=40),
        *changes("fact_corrected", "jug", "mug", 9, start=60),
    ]

    assert taken_out(some, kept=in_titles(0), banned=nothing, n_titles=50) == []


def test_a_field_that_people_keep_moving_is_a_habit() -> None:
    some = [
        *changes("reordered", "… Acme", "Acme …", 6, brand="Acme"),
        *changes("reordered", "红色 …", "… 红色", 5, start=10),
        *changes("reordered", "… Lid", "Lid …", 9, start=20),
        *changes("reordered", "… a Red …", "… b Red …", 9, start=40),
    ]

    assert told(habits(some, n_titles=100)) == [("brand", "front", 6), ("colour", "end", 5)]


def test_a_field_that_people_keep_adding_or_taking_out_is_a_habit() -> None:
    some = [
        *changes("brand", "", "Acme", 5, brand="Acme"),
        *changes("number_or_unit", "", "350 ml", 6, start=10),
        *changes("fact_removed", "Cotton", "", 7, start=20),
        *changes("number_or_unit", "350 ml", "500 ml", 8, start=30),
    ]

    assert told(habits(some, n_titles=100)) == [
        ("brand", "added", 5),
        ("material", "removed", 7),
        ("number", "added", 6),
    ]


def test_what_is_added_as_often_as_it_is_taken_out_is_no_habit() -> None:
    some = [*changes("fact_added", "", "Red", 6), *changes("fact_removed", "Blue", "", 5, start=10)]

    assert habits(some, n_titles=100) == []


def test_a_source_is_read_without_its_brand_its_values_and_words_that_say_nothing() -> None:
    words = source_words("Acme mug, just a sturdy mug of 350 ml in red by Acme", brand="Acme")

    assert words == {"mug", "sturdy", "sturdy mug"}


def test_what_happens_to_few_of_many_titles_is_no_habit() -> None:
    some = changes("brand", "", "Acme", 6, brand="Acme")

    assert habits(some, n_titles=1000) == []
    assert habits(some[:4], n_titles=10) == []
