"""What is judged faster is judged the same: beside the straightforward way to do it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules import good_titles, policy
from ml_backend.rules.cleaning import cleaned
from ml_backend.rules.good_titles import is_good, is_good_title
from ml_backend.rules.policy import banned_characters, banned_spans, keeps_rules, loud_words, repeats, violations
from ml_backend.rules.sources import source_text
from ml_backend.rules.text import HAN, holds, is_han, normal_form, words
from titlelab.channels.built_in import AMAZON_PHRASES
from titlelab.channels.built_in import PHRASES as LISTS

DATA = Path(__file__).resolve().parents[4] / "titlelab" / "samples" / "data"
PIECES = """
Norvik steel Steel bottle Bottles bott BOTTLE WATERPROOF LED HDMI 750 ml 12cm 5 A1-22 N-1234 n-1234 for with and
The by sale SALE cheapest best price Best-Seller bestseller free shipping buy now NEW! new! brand 100% 20% off
save must have miracle mıracle lımited offer café CAFÉ ﬁne ſale Kind 大容量 保温杯 不锈钢 不锈钢保温杯 第一
第一次 史上最 包邮 买一送一 和 的 ！！ ★ !! ! - , ( & / .
""".split()  # noqa: SIM905 (one a line would fill the page)
CHARACTERS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=4)
TEXTS = st.lists(
    st.tuples(st.sampled_from(PIECES) | CHARACTERS, st.sampled_from([" ", " ", "", "  ", "\n", "\t"])), max_size=12
).map(lambda pieces: "".join(piece + space for piece, space in pieces))
SHORT = st.sampled_from(["", "Norvik", "steel bottle", "N-1234", "Size", "12 cm", "不锈钢保温杯"]) | TEXTS
PHRASES = (*dict.fromkeys([*AMAZON_PHRASES, *(p for each in LISTS for p in each.phrases)]), "mıracle", "-", "{n}")
RULES = st.builds(
    ChannelRules,
    key=st.just("shop"),
    max_length=st.sampled_from([20, 60, 200]),
    banned_words=st.lists(st.sampled_from(PHRASES), max_size=4).map(tuple) | st.just(PHRASES[:-2]),
    banned_characters=st.sampled_from(["", "!★", "]^-\\"]),
    max_repeats=st.sampled_from([None, 1, 2]),
    allowed_phrases=st.sampled_from([(), ("第一次", "best price")]),
    bans_shouting=st.booleans(),
)
BRIEFS = st.builds(
    Brief,
    catalog=st.just("shop"),
    library=st.just(""),
    sku=SHORT,
    language=st.just("en"),
    channel=RULES,
    title=TEXTS,
    description=TEXTS,
    brand=SHORT,
    category=st.lists(SHORT, max_size=2).map(tuple),
    attributes=st.lists(st.tuples(SHORT, SHORT), max_size=2).map(tuple),
)


def samples() -> Iterator[Brief]:
    """Yield the sample catalogs' products, each with its title, and some with a title cut short."""
    for key in ["sample-en", "sample-zh"]:
        for n, line in enumerate((DATA / f"{key}.jsonl").read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            yield Brief(
                catalog=key,
                library="",
                sku=row["sku"],
                language="en",
                channel=ChannelRules(key="k", max_length=75, banned_words=PHRASES[:-2], max_repeats=2),
                title=row["title"][: -1 - n % 4] if n % 2 else row["title"],
                description=row["description"],
                brand=row["brand"] if n % 3 else "",
                category=tuple(row["category"]),
                attributes=tuple((name, str(value)) for name, value in row["attributes"].items()),
            )


def plainly_good(title: str, brief: Brief) -> bool:
    """Judge a title by one rule after the other, each on the whole texts."""
    title, known = normal_form(title), source_text(brief)
    told, whole = words(title), set(words(known))
    counts = Counter([*(word for word in told if len(word) > 1), *pairs(title)])
    units = {word for word in whole if len(word) >= 3} | set(pairs(known))
    return (
        len(told) >= (6 if is_han(title) else 3)
        and not good_titles._DANGLING.search(title)
        and not (not is_han(title) and len(re.findall("[A-Z]", title)) > 0.6 * len(re.findall("[A-Za-z]", title)))
        and not good_titles._PROMOTION.search(title)
        and max(counts.values(), default=0) <= 2
        and not (len(brief.sku) >= 4 and holds(title, brief.sku))
        and all(normal_form(name).lower() != title.lower() for name in brief.category)
        and not violations(title, brief.channel, names=brief.brand)
        and not is_cut_off(told[-1], whole)
        and (not units or not units.isdisjoint([*told, *pairs(title)]))
    )


def is_cut_off(last: str, whole: set[str]) -> bool:
    if not last.isalpha() or is_han(last) or last in whole:
        return False
    return any(word.startswith(last) and word.removeprefix(last) not in good_titles._ENDINGS for word in whole)


def pairs(text: str) -> list[str]:
    return [run[i : i + 2] for run in re.findall(f"[{HAN}]+", normal_form(text)) for i in range(len(run) - 1)]


@given(BRIEFS)
def test_a_title_is_judged_as_rule_by_rule(brief: Brief) -> None:
    assert is_good_title(brief.title, brief) == plainly_good(brief.title, brief)


@given(BRIEFS)
def test_a_title_is_judged_by_the_cleaned_description(brief: Brief) -> None:
    quick = is_good(
        brief.title,
        brief.channel,
        sku=brief.sku,
        brand=brief.brand,
        category=brief.category,
        attributes=brief.attributes,
        description=brief.description,
        clean_value=str,
        clean=cleaned,
    )

    assert quick == plainly_good(brief.title, replace(brief, description=cleaned(brief.description)))


def test_the_samples_titles_are_judged_as_rule_by_rule() -> None:
    verdicts = [is_good_title(brief.title, brief) for brief in samples()]

    assert verdicts == [plainly_good(brief.title, brief) for brief in samples()]
    assert 100 < sum(verdicts) < len(verdicts) - 100


@given(TEXTS, RULES, SHORT)
def test_broken_rules_are_found_without_their_signs(title: str, rules: ChannelRules, names: str) -> None:
    found = (banned_spans(title, rules), banned_characters(title, rules), repeats(title, rules), loud_words(title))
    assert keeps_rules(title, rules, names=names) == (not violations(title, rules, names=names))
    most = 1000 if rules.max_repeats is None else rules.max_repeats
    counted = [word for word in words(title) if len(word) > 1 and word not in policy._UNCOUNTED]
    assert found[2] == {word: n for word, n in Counter([*counted, *pairs(title)]).items() if n > most}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "_may_hold", lambda _text, _phrases: True)
        patch.setattr(policy, "_any_character", lambda _characters: re.compile(""))
        patch.setattr(policy, "_LOUD", re.compile(""))
        plain = (banned_spans(title, rules), banned_characters(title, rules), repeats(title, rules), loud_words(title))
    assert found == plain
