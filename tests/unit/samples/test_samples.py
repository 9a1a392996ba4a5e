"""What the sample catalogs promise to whoever demonstrates or measures with them."""

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from titlelab.samples.chinese import CHINESE
from titlelab.samples.composing import Sample, composed_catalog
from titlelab.samples.english import ENGLISH
from titlelab.samples.material import Language
from titlelab.samples.writing import HERE, write_samples

PROMO = re.compile(r"!!|！！|best price|free shipping|best seller|包邮|爆款|清仓|特价|最低价|秒杀|厂家直销", re.I)
BOTH = pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh"])


@pytest.fixture(scope="module")
def catalogs() -> dict[str, list[Sample]]:
    return {language.code: composed_catalog(language) for language in (ENGLISH, CHINESE)}


def looks_poor(title: str, sku: str, code: str) -> bool:
    if not title or PROMO.search(title) or sku in title:
        return True
    if code == "zh":
        n_chinese = len(re.findall(r"[\u4e00-\u9fff]", title))
        repeats = re.search(r"([\u4e00-\u9fff]{2,}).*\1.*\1", title)
        return n_chinese < 6 or repeats is not None or len(title.encode("gbk")) > 60
    words = title.lower().split()
    most = Counter(words).most_common(1)[0][1]
    return title.isupper() or len(words) < 3 or most > 2 or len(title) > 150 or len(title) <= 20


def can_be_joined(sample: Sample, joiner: str) -> bool:
    """Say whether brand, noun and raw values in some order are the good title."""
    raws = [value for value in sample.attributes.values() if isinstance(value, str)]
    parts = {sample.brand, *raws, sample.category.path[-1]}
    parts = {part for part in parts if part in sample.good_title}
    return any(
        joiner.join(order) == sample.good_title
        for n in range(3, min(len(parts), 6) + 1)
        for order in itertools.permutations(sorted(parts), n)
    )


@BOTH
def test_committed_files_are_what_the_generator_writes(language: Language, tmp_path: Path) -> None:
    write_samples(language, tmp_path)

    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json*")]
    assert len(names) == 3
    for name in names:
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes(), name


@BOTH
def test_every_product_has_one_answer(language: Language) -> None:
    code = language.code
    rows = [
        [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
        for name in (f"data/sample-{code}.jsonl", f"hidden/sample-{code}.gold.jsonl")
    ]

    skus = [[row["sku"] for row in table] for table in rows]

    assert skus[0] == skus[1]
    assert len(set(skus[0])) == len(skus[0]) == 640


@BOTH
def test_poor_titles_lie_mostly_on_the_new_shelves(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    samples = catalogs[language.code]
    poor = [s for s in samples if s.title != s.good_title]
    poor_of = Counter(s.category.path for s in poor)
    n_of = Counter(s.category.path for s in samples)
    good_share = {c.path: 1 - poor_of[c.path] / n_of[c.path] for c in language.categories}

    assert len(n_of) == 14
    assert 0.28 <= len(poor) / len(samples) <= 0.32
    assert sum(c.is_new for c in language.categories) == 5
    for category in language.categories:
        lowest, highest = (0.10, 0.15) if category.is_new else (0.88, 0.95)
        assert lowest <= good_share[category.path] <= highest
    assert 0.28 <= sum(not s.title for s in poor) / len(poor) <= 0.38


@BOTH
def test_poor_titles_can_be_told_from_good_ones(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    code = language.code
    for s in catalogs[code]:
        assert not looks_poor(s.good_title, s.sku, code), s.good_title
        if s.title != s.good_title:
            assert looks_poor(s.title, s.sku, code), s.title


@BOTH
def test_good_titles_keep_the_channels_rules(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    for s in catalogs[language.code]:
        if language.code == "zh":
            assert len(s.good_title.encode("gbk")) <= 60
        else:
            assert len(s.good_title) <= 150
            assert max(Counter(s.good_title.lower().split()).values()) <= 2
        assert s.brand in s.good_title
        assert "  " not in s.good_title


@BOTH
def test_a_good_part_of_what_titles_need_stands_in_the_prose_alone(
    language: Language, catalogs: dict[str, list[Sample]]
) -> None:
    samples = catalogs[language.code]

    n_needed = sum(len(s.needed) for s in samples)
    n_prose_only = sum(len(s.prose_only) for s in samples)

    assert 0.15 <= n_prose_only / n_needed <= 0.45


@BOTH
def test_descriptions_are_of_a_readable_length(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    shortest, longest = {"en": (30, 120), "zh": (50, 180)}[language.code]

    sizes = [language.size(s.description) for s in catalogs[language.code]]

    assert shortest <= min(sizes)
    assert max(sizes) <= longest


@BOTH
def test_tags_are_known_frequent_and_few_per_product(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    names = [tag.name for tag in language.tags]
    samples = catalogs[language.code]
    n_of = Counter(tag for s in samples for tag in s.tags)

    assert 48 <= len(set(names)) == len(names) <= 60
    assert all(1 <= len(tag.aliases) <= 4 for tag in language.tags)
    assert set(n_of) == set(names)
    assert min(n_of.values()) >= 6
    assert all(3 <= len(s.tags) <= 8 for s in samples)


@BOTH
def test_matching_words_finds_only_part_of_the_tags(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    n_hit = n_wrong = n_missed = 0
    for s in catalogs[language.code]:
        values = (" ".join(v) if isinstance(v, list) else v for v in s.attributes.values())
        text = " ".join([s.description, *s.category.path, *values]).lower()
        found = {tag.name for tag in language.tags if any(word.lower() in text for word in (tag.name, *tag.aliases))}
        n_hit += len(found & set(s.tags))
        n_wrong += len(found - set(s.tags))
        n_missed += len(set(s.tags) - found)

    assert 0.50 <= 2 * n_hit / (2 * n_hit + n_wrong + n_missed) <= 0.75


@BOTH
def test_joining_raw_values_titles_some_of_the_poor_products(
    language: Language, catalogs: dict[str, list[Sample]]
) -> None:
    poor = [s for s in catalogs[language.code] if s.title != s.good_title]

    share = sum(can_be_joined(s, language.joiner) for s in poor) / len(poor)

    assert 0.10 <= share <= 0.40


@BOTH
def test_a_quarter_of_the_products_are_variants_of_a_family(
    language: Language, catalogs: dict[str, list[Sample]]
) -> None:
    samples = catalogs[language.code]
    families = Counter((s.category.sku, s.family) for s in samples if s.family is not None)

    assert 0.2 <= families.total() / len(samples) <= 0.35
    assert set(families.values()) <= {2, 3, 4}


@BOTH
def test_prices_are_plausible(language: Language, catalogs: dict[str, list[Sample]]) -> None:
    for s in catalogs[language.code]:
        cheapest, dearest = s.category.price
        assert cheapest <= s.price <= dearest + 5
