"""What is read faster is read the same."""

import random

import pytest

from ml_backend.contract import ChannelRules
from ml_backend.rules.good_titles import is_good_title
from titlelab.catalog import html_text
from titlelab.catalog.brief import brief_of, has_good_title
from titlelab.catalog.html_text import without_html
from titlelab.catalog.rows import ProductRow

RULES = ChannelRules(key="shop", max_length=60, length_unit="characters", banned_words=("miracle",), max_repeats=2)
TITLE_WORDS = """
Norvik steel bottle bott BOTTLE 750 ml for with miracle sale 保温杯 不锈钢 大容量 N-12345 Café tent
""".split()  # noqa: SIM905 (one a line would fill the page)
TEXTS = [
    "",
    "steel",
    "Steel <b>bottle</b> of 750 ml",
    "Best bottle ever!!! &amp; tents",
    "大容量保温杯,不锈钢",
    "HOT SALE",
]
PIECES = [
    "<p>", "</p>", "<br>", "<br />", "<B>", "</b>", "<li>", "<span>", "<table>", "text", " ", "e", "\u0301", "\n", "ｗ",
]  # fmt: skip


def _product(rng: random.Random) -> ProductRow:
    names = ["Size", "Material", "Colour"]
    return ProductRow(
        line=1,
        sku=rng.choice(["N-12345", "A1"]),
        title=" ".join(rng.choices(TITLE_WORDS, k=rng.randint(0, 7))),
        description=" ".join(rng.choices(TEXTS, k=2)).strip(),
        brand=rng.choice(["", "Norvik", "Larch"]),
        category=rng.choice([(), ("Kitchen", "steel bottle 750")]),
        attributes=tuple((name, rng.choice(TEXTS[1:])) for name in rng.sample(names, rng.randint(0, 2))),
    )


def test_a_rows_title_is_judged_as_its_brief_would_be() -> None:
    rng = random.Random(5)
    verdicts = []
    for product in (_product(rng) for _ in range(3000)):
        brief = brief_of(product, catalog="shop", library="", language="en", channel=RULES)
        verdicts.append(has_good_title(product, RULES))
        assert verdicts[-1] == (bool(product.title) and is_good_title(product.title, brief)), product
    assert 100 < sum(verdicts) < 2900


def test_simple_markup_reads_as_a_browser_would_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    texts = ["".join(rng.choices(PIECES, k=8)) for _ in range(1000)]
    fast = [without_html("description", text) for text in texts]

    monkeypatch.setattr(html_text, "_SIMPLE_TAG", html_text.re.compile("(?!)()"))

    assert fast == [without_html("description", text) for text in texts]
