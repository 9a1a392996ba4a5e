"""The template titler, ranking and drafting on a handful of written products."""

from dataclasses import replace
from pathlib import Path

from ml_backend.contract import Brief, ChannelRules, Example, PublishedLibrary, TagSpec, TitleProposal
from ml_backend.learning.drafting import drafts
from ml_backend.learning.metrics import mean, title_quality
from ml_backend.learning.ranking import ranked
from ml_backend.learning.tagger import AliasTagger
from ml_backend.learning.titler_template import TemplateTitler
from ml_backend.rules.faithfulness import unsupported_facts

ENGLISH = ChannelRules(key="amazon", max_length=75)
CHINESE = ChannelRules(key="taobao", max_length=60, length_unit="gbk_bytes")
SIZES = {"350 millilitres": "12 oz", "500 millilitres": "17 oz", "750 millilitres": "25 oz"}
COLOURS = {"navy_blue": "Navy Blue", "off_white": "Ivory", "jet_black": "Black"}
KINDS = {"drinking vessel": "Water Bottle", "tumbler with lid": "Travel Mug"}
FEATURES = {"A straw flips up from the lid.": "Straw Lid", "Fits a whole hand.": "Handle", "No frills.": ""}


def make_bottle(size: str, colour: str, kind: str, prose: str, brand: str = "Norvale") -> Example:
    """Return a product whose title names what the columns call otherwise, and a feature from the prose."""
    attributes = (("Type", kind), ("Capacity", size), ("Colour", colour), ("Made in", "Portugal"))
    brief = Brief(
        catalog="kitchen",
        library="kitchen",
        sku="1",
        language="en",
        channel=ENGLISH,
        description=prose,
        brand=brand,
        category=("Kitchen", "Bottles"),
        attributes=attributes,
    )
    feature = f" with {FEATURES[prose]}" if FEATURES[prose] else ""
    title = f"{brand} {KINDS[kind]}{feature}, {SIZES[size]} - {COLOURS[colour]}"
    return Example(brief=brief, title=title, tags=None, source="catalog", family=title)


def make_pot(material: str, width_cm: int, brand: str = "炊烟里") -> Example:
    brief = Brief(
        catalog="zh",
        library="",
        sku="1",
        language="zh",
        channel=CHINESE,
        brand=brand,
        category=("厨房", "汤锅"),
        attributes=(("产地", "浙江"), ("材质", f"{material}(食品级)"), ("口径", f"直径{width_cm}厘米")),
    )
    title = f"{brand}{width_cm}cm{material}汤锅"
    return Example(brief=brief, title=title, tags=None, source="catalog", family=title)


BOTTLES = [make_bottle(s, c, k, p) for s in SIZES for c in COLOURS for k in KINDS for p in FEATURES]
POTS = [make_pot(m, w) for m in ("不锈钢", "铸铁", "陶瓷") for w in (20, 24, 28)]


def test_habits_and_spellings_are_learnt_and_carried_to_another_brand() -> None:
    titler = TemplateTitler.learned(BOTTLES, seed=0)
    new = make_bottle("500 millilitres", "off_white", "tumbler with lid", "Fits a whole hand.", brand="Alderpeak")

    best = titler.propose([new.brief], 4)[0][0]

    assert best.title == "Alderpeak Travel Mug with Handle, 17 oz - Ivory"
    assert best.reasons[0] == "brand: Alderpeak"
    assert "capacity: 500 millilitres" in best.reasons


def test_a_chinese_catalog_is_learnt_without_blanks_and_numbers_carry_over() -> None:
    titler = TemplateTitler.learned(POTS, seed=0)

    assert titler.propose([make_pot("铸铁", 32, brand="野渡").brief], 4)[0][0].title == "野渡32cm铸铁汤锅"


def test_the_learnt_titler_beats_the_untrained_one() -> None:
    train, rest = [e for e in BOTTLES if "Navy" not in str(e.title)], [e for e in BOTTLES if "Navy" in str(e.title)]

    def quality(titler: TemplateTitler) -> float:
        proposed = titler.propose([example.brief for example in rest], 1)
        return mean([title_quality(own[0].title, str(e.title)) for own, e in zip(proposed, rest, strict=True)])

    assert quality(TemplateTitler.learned(train, seed=0)) > quality(TemplateTitler.untrained()) + 0.2


def test_an_untrained_titler_writes_brand_noun_and_what_distinguishes() -> None:
    title = TemplateTitler.untrained().propose([BOTTLES[0].brief], 4)[0][0].title

    assert title == "Norvale Drinking Vessel, 350 millilitres, Navy Blue"


def test_a_learnt_word_that_claims_what_the_brief_does_not_hold_is_left_out() -> None:
    lined = [replace(e, title=f"{e.title}".replace("Water Bottle", "Steel Water Bottle")) for e in BOTTLES]
    steel = [replace(e, brief=replace(e.brief, description=f"{e.brief.description} Steel body.")) for e in lined]

    title = TemplateTitler.learned(steel, seed=0).propose([BOTTLES[0].brief], 4)[0][0].title

    assert "Steel" not in title
    assert unsupported_facts(title, BOTTLES[0].brief) == ()


def test_a_quantity_that_only_the_prose_holds_in_words_fills_the_quantitys_place() -> None:
    told = make_pot("铸铁", 28).brief
    told = replace(told, attributes=told.attributes[:2], description="一口好汤锅。口径二十八厘米。")
    like = [
        replace(e, brief=replace(e.brief, attributes=e.brief.attributes[:2], description=f"口径{width}厘米。"))
        for e, width in zip(POTS[:6], ["二十", "二十四", "二十八"] * 2, strict=True)
    ]

    assert TemplateTitler.learned([*POTS[6:], *like], seed=0).propose([told], 1)[0][0].title == "炊烟里28cm铸铁汤锅"


def test_the_noun_is_the_one_the_prose_speaks_of_and_stands_once() -> None:
    def lamp(kind: str, cue: str, shade: str) -> Example:
        brief = replace(
            BOTTLES[0].brief,
            category=("Home", "Table Lamps"),
            attributes=(("Shade", shade),),
            description=f"Everyone loves {cue}.",
        )
        title = f"Norvale {kind} Lamp with {shade}"
        return Example(brief=brief, title=title, tags=None, source="catalog", family=title)

    kinds = {"Desk": "a task light", "Bedside": "a little light for the nightstand"}
    lamps = [lamp(k, cue, s) for k, cue in kinds.items() for s in ("Linen", "Glass", "Paper") * 2]

    drafted = TemplateTitler.learned(lamps, seed=0).propose([lamp("Desk", "a task light", "Glass").brief], 1)

    assert drafted[0][0].title == "Norvale Desk Lamp with Glass"


def test_a_draft_that_would_say_nothing_but_the_brand_also_says_what_the_thing_is() -> None:
    bare = replace(BOTTLES[0].brief, category=("Garden", "Hand Tools"), attributes=(), description="")

    drafted = TemplateTitler.learned(BOTTLES, seed=0).propose([bare], 1)[0][0].title

    assert drafted == "Norvale Hand Tools"


def test_titles_stay_within_the_channel() -> None:
    titler = TemplateTitler.learned(BOTTLES, seed=0)
    narrow = replace(BOTTLES[0].brief, channel=ChannelRules(key="narrow", max_length=22))

    titles = [proposal.title for proposal in titler.propose([narrow], 4)[0]]

    assert titles
    assert all(0 < len(title) <= 22 for title in titles)


def test_a_saved_titler_proposes_the_same(tmp_path: Path) -> None:
    titler = TemplateTitler.learned(BOTTLES, seed=0)
    titler.save(tmp_path)
    briefs = [example.brief for example in BOTTLES[:5]]

    assert TemplateTitler.load(tmp_path).propose(briefs, 4) == titler.propose(briefs, 4)


def test_a_brief_that_says_nothing_still_gets_a_proposal() -> None:
    empty = Brief(catalog="c", library="", sku="X-1", language="en", channel=ENGLISH)

    assert TemplateTitler.untrained().propose([empty], 4)[0][0].title == "X-1"


def test_a_faithful_title_ranks_before_a_likelier_one_that_invents() -> None:
    invented = TitleProposal(title="Norvale Water Bottle, 64 oz - Ivory", log_proba=-0.01)
    faithful = TitleProposal(title="Norvale Water Bottle", log_proba=-2.0)

    best, last = ranked(BOTTLES[0].brief, [invented, faithful])

    assert best.title == "Norvale Water Bottle"
    assert "64 oz is not in the source" in last.unsupported


def test_a_draft_holds_candidates_tags_and_the_version_it_is_told_by() -> None:
    library = PublishedLibrary(
        key="kitchen", revision=3, tags=(TagSpec(name="Leather"), TagSpec(name="Portable", aliases=("straw",)))
    )

    draft = drafts(
        [BOTTLES[0].brief],
        titler=TemplateTitler.learned(BOTTLES, seed=0),
        tagger=AliasTagger(),
        library=library,
        titler_version=2,
        tagger_version=0,
    )[0]

    assert draft.version == "t2-g0.3"
    assert draft.title == BOTTLES[0].title
    assert draft.proposed_tags == ("Portable",)
    assert [tag.name for tag in draft.tags] == ["Portable", "Leather"]
    assert len({candidate.title for candidate in draft.candidates}) == len(draft.candidates) > 1
    assert 0 < draft.title_uncertainty < 1
