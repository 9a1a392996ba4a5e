from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.learning.pointer_source import MOST_TOKENS, SourceReader


def make_brief(**fields: object) -> Brief:
    known = {
        "catalog": "demo",
        "library": "",
        "sku": "1",
        "language": "en",
        "channel": ChannelRules(key="s", max_length=80),
    }
    return Brief(**{**known, **fields})  # type: ignore[arg-type]


def make_reader() -> SourceReader:
    briefs = [
        make_brief(attributes=(("Weight", f"{n}7 g"), ("Type", kind), ("Colour", colour), ("Washable", "True")))
        for n, (kind, colour) in enumerate([("cup", "red"), ("bowl", "blue"), ("jug", "grey"), ("mug", "black")])
    ]
    titles = ["Norvik cup red", "Norvik bowl blue", "Norvik jug", "Norvik mug"]
    examples = [
        Example(brief=brief, title=title, tags=None, source="catalog", family=title)
        for brief, title in zip(briefs, titles, strict=True)
    ]
    return SourceReader.learned(examples, "characters")


def test_attributes_that_titles_use_are_read_the_most_useful_first() -> None:
    assert make_reader().attributes == ("Type", "Colour")


def test_a_source_names_the_field_and_the_place_of_every_token() -> None:
    brief = make_brief(brand="Norvik", category=("Home", "Cups"), attributes=(("Weight", "1 g"), ("Type", "tea cup")))

    source = make_reader().source(brief, ["Norvik jug"])

    assert list(zip(source.tokens, source.fields, source.places, strict=True)) == [
        (" Norvik", "brand", 0),
        (" Home", "category", 0),
        (" Cups", "category", 1),
        (" tea", "Type", 0),
        (" cup", "Type", 1),
        (" Norvik", "neighbour", 0),
        (" jug", "neighbour", 1),
    ]


def test_a_long_description_gives_way_to_what_is_short() -> None:
    brief = make_brief(brand="Norvik", description="very " * 5000, attributes=(("Type", "cup " * 90),))

    source = make_reader().source(brief, ["jug " * 200])

    assert len(source.tokens) <= MOST_TOKENS
    assert {"brand", "Type", "description", "neighbour"} == set(source.fields)


def test_numbers_are_read_as_titles_write_them() -> None:
    source = make_reader().source(make_brief(attributes=(("Type", "10.0"), ("Colour", "true"))))

    assert source.tokens == (" 10",)


def test_a_brief_that_says_nothing_has_a_source_nevertheless() -> None:
    assert len(make_reader().source(make_brief()).tokens) == 1


def test_a_reader_survives_json() -> None:
    assert SourceReader.from_json(make_reader().to_json()) == make_reader()
