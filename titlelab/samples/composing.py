"""Composes a sample catalog from its material: products, good and poor titles, true tags.

Computes only, and the same from the same seed; see __main__.py for the files.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from titlelab.samples.material import Category, Field, Language, Spoilt, Value

KEPT_SIZE, NEW_SIZE = 50, 38
KEPT_POOR, NEW_POOR = 3, 33  # of each: 192 of 640 titles are poor, most on the new shelves
FAMILY_SHARE = 0.26
OTHER_EDITOR_SHARE = 0.06  # what no model can know
TOLD_TWICE_SHARE = 0.4  # of listed facts, those that the prose repeats
LEAST_TAGS, MOST_TAGS = 3, 8

_SLOT = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A product as the shop hands it over, with the hidden answers beside it.

    `needed` are the facts in the good title but for brand and noun; `prose_only` those of them
    that no attribute holds.
    """

    sku: str
    title: str
    description: str
    brand: str
    category: Category
    attributes: Mapping[str, str | list[str]]
    price: float
    good_title: str
    tags: tuple[str, ...]
    family: int | None
    needed: frozenset[str]
    prose_only: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Article:
    """A product's facts; variants of a family share all but a few and are worded alike."""

    brand: str
    facts: dict[str, Value]
    wording_seed: int
    family: int | None
    variant: int


def composed_catalog(language: Language) -> list[Sample]:
    """Return the whole catalog, shuffled."""
    rng = Random(language.seed)
    kinds_of_poor: list[int] = []
    samples = []
    for category in language.categories:
        samples += _composed_category(language, category, rng, kinds_of_poor)
    rng.shuffle(samples)
    return samples


def good_title(language: Language, template: str, brand: str, facts: Mapping[str, Value]) -> str:
    """Fill the editors' template; leave out what is missing, then from the end what is too long."""
    spelt = {name: value.title for name, value in facts.items()} | {"brand": brand}
    parts = _OPTIONAL.split(template)
    kept = [
        part if i % 2 == 0 or all(spelt.get(slot) for slot in _SLOT.findall(part)) else ""
        for i, part in enumerate(parts)
    ]
    for i in range(len(kept) - 1, 0, -1):
        if language.title_size("".join(kept).format_map(spelt)) <= language.title_limit:
            break
        if i % 2 == 1:
            kept[i] = ""
    return "".join(kept).format_map(spelt).strip()


def _composed_category(language: Language, category: Category, rng: Random, kinds_of_poor: list[int]) -> list[Sample]:
    n, n_poor = (NEW_SIZE, NEW_POOR) if category.is_new else (KEPT_SIZE, KEPT_POOR)
    articles = _articles(category, n, rng)
    poor = set(rng.sample(range(n), n_poor))
    number = rng.randrange(1000, 8000)
    samples = []
    for i, article in enumerate(articles):
        if article.variant == 0:
            number += rng.randrange(3, 60)
        sku = f"{category.sku}-{number}" + (f"-{'ABCDEF'[article.variant]}" if article.family is not None else "")
        sample = _sample(language, category, article, sku)
        if i in poor:
            sample = _with_poor_title(language, sample, article, rng, kinds_of_poor)
        samples.append(sample)
    return samples


def _articles(category: Category, n: int, rng: Random) -> list[_Article]:
    articles: list[_Article] = []
    seen: set[tuple[str, ...]] = set()
    n_in_families = round(n * FAMILY_SHARE)
    family = 0
    while len(articles) < n:
        brand = rng.choice(category.brands)
        facts = _drawn_facts(category, rng)
        wording_seed = rng.randrange(2**31)
        wanted = min(rng.choice((2, 2, 3, 4)), n - len(articles))
        is_family = len(articles) < n_in_families and wanted > 1
        variants = [facts]
        for _ in range(4 * wanted if is_family else 0):
            sibling = _varied(category, facts, rng)
            if sibling not in variants and len(variants) < wanted:
                variants.append(sibling)
        if is_family and len(variants) == 1:
            continue  # nothing about this one can vary
        fresh = [v for v in variants if _identity(category, brand, v) not in seen]
        if len(fresh) < len(variants):
            continue
        seen.update(_identity(category, brand, v) for v in variants)
        articles += [
            _Article(
                brand=brand,
                facts=variant,
                wording_seed=wording_seed,
                family=family if is_family else None,
                variant=i,
            )
            for i, variant in enumerate(variants)
        ]
        family += is_family
    return articles


def _identity(category: Category, brand: str, facts: Mapping[str, Value]) -> tuple[str, ...]:
    # By title: no two products of a category deserve the same one.
    slots = _SLOT.findall(category.title)
    return (brand, *(facts[slot].title if slot in facts else "" for slot in slots))


def _fitting(field: Field, facts: Mapping[str, Value]) -> list[Value]:
    titles = {fact.title for fact in facts.values()}
    return [v for v in field.values if not v.fits or titles.intersection(v.fits)]


def _drawn_facts(category: Category, rng: Random) -> dict[str, Value]:
    facts = {"kind": rng.choice(category.fields["kind"].values)}
    for name, field in category.fields.items():
        fitting = _fitting(field, facts)
        if name != "kind" and fitting and rng.random() < field.present:
            facts[name] = rng.choice(fitting)
    return facts


def _varied(category: Category, facts: Mapping[str, Value], rng: Random) -> dict[str, Value]:
    """Return a sibling's facts: one or two others, and whatever no longer fits drawn again."""
    sibling = dict(facts)
    for name in category.varies:
        if name in facts and (name == category.varies[0] or rng.random() < 0.4):
            sibling[name] = rng.choice(_fitting(category.fields[name], facts))
    for name, fact in facts.items():
        fitting = _fitting(category.fields[name], sibling)
        if sibling[name] is fact and fact not in fitting:
            sibling[name] = rng.choice(fitting)
    return sibling


def _sample(language: Language, category: Category, article: _Article, sku: str) -> Sample:
    wording = Random(article.wording_seed)
    facts = article.facts
    attributes, listed = _attributes(language, category, facts, wording)
    tags = set(category.tags).union(*(value.tags for value in facts.values()))
    traits = _traits(language, category, tags, wording)
    tags.update(traits)
    template = category.other_title if wording.random() < OTHER_EDITOR_SHARE else category.title
    title = good_title(language, template, article.brand, facts)
    needed = frozenset(
        name
        for name, value in facts.items()
        if name != "kind" and f"{{{name}}}" in template and value.title and value.title in title
    )
    order = [tag.name for tag in language.tags]
    cheap, dear = category.price
    return Sample(
        sku=sku,
        title=title,
        description=_description(language, category, article, listed, traits, tags, wording),
        brand=article.brand,
        category=category,
        attributes=attributes,
        price=language.price(cheap + (dear - cheap) * wording.random() ** 2 + article.variant),
        good_title=title,
        tags=tuple(sorted(tags, key=order.index)),
        family=article.family,
        needed=needed,
        prose_only=needed - listed,
    )


def _attributes(
    language: Language, category: Category, facts: Mapping[str, Value], wording: Random
) -> tuple[dict[str, str | list[str]], frozenset[str]]:
    """Return the columns a product's seller filled in, and which facts they hold."""
    columns: list[tuple[str, str | list[str]]] = []
    listed = set()
    for name, fact in facts.items():
        field = category.fields[name]
        is_listed, is_untidy = wording.random() < field.listed, wording.random() < 0.15
        if not is_listed:
            continue
        column, raw = wording.choice(field.columns), wording.choice(fact.raws)
        if is_untidy and not category.tidy:
            raw = language.untidy(column, raw, wording)
        columns.append((column, raw))
        listed.add(name)
    for column, choices in category.extras.items():
        choice = wording.choice(choices)
        if wording.random() < 0.5:
            columns.append((column, choice.split("+") if "+" in choice else choice))
    wording.shuffle(columns)
    return dict(columns), frozenset(listed)


def _traits(language: Language, category: Category, tags: Collection[str], wording: Random) -> list[str]:
    fewest = max(1, LEAST_TAGS - len(tags))
    most = max(fewest, min(3, MOST_TAGS - len(tags)))
    wanted = wording.randint(fewest, most)
    chosen: list[str] = []
    for trait in wording.sample(category.traits, len(category.traits)):
        taken = {*tags, *chosen}
        if len(chosen) == wanted:
            break
        if not trait.startswith("!") and taken.isdisjoint((trait, *language.traits[trait].clashes)):
            chosen.append(trait)
    return chosen


def _description(
    language: Language,
    category: Category,
    article: _Article,
    listed: Collection[str],
    traits: Sequence[str],
    tags: Collection[str],
    wording: Random,
) -> str:
    facts = article.facts
    spelt = {name: wording.choice(value.proses) for name, value in facts.items()}
    spelt["brand"] = article.brand
    opener = wording.choice([o for o in category.openers if set(_SLOT.findall(o)) <= set(spelt)])
    told = {"kind", *_SLOT.findall(opener)}
    must, may = [], []
    is_terse = wording.random() < 0.2
    for name in facts:
        field = category.fields[name]
        if name in told:
            continue
        if is_terse and field.columns:
            said = language.listing(wording.choice(field.columns), spelt[name])
        else:
            said = wording.choice(field.says).format(spelt[name], **spelt)
        if name not in listed:
            must.append(said)
        elif wording.random() < TOLD_TWICE_SHARE:
            may.append(said)
    must += [wording.choice(language.traits[trait].told) for trait in traits]
    deniable = [trait.lstrip("!") for trait in category.traits]
    deniable = [t for t in deniable if t not in tags and language.traits[t].denied]
    if deniable and wording.random() < 0.5:
        must.append(wording.choice(language.traits[wording.choice(deniable)].denied))
    may += wording.sample(category.chat, 3) + wording.sample(language.noise, 2)
    wording.shuffle(may)
    opener = opener.format_map(spelt)
    return _joined(language, opener, must, may, wording)


def _joined(language: Language, opener: str, must: Sequence[str], may: Sequence[str], wording: Random) -> str:
    shortest, longest = language.description_sizes
    target = wording.randint(shortest + 5, longest * 2 // 3)
    chosen = [opener, *must]
    for sentence in may:
        if language.size(" ".join([*chosen, sentence])) > longest:
            continue
        if language.size(" ".join(chosen)) < target:
            chosen.append(sentence)
    rest = chosen[1:]
    wording.shuffle(rest)
    place = 0 if wording.random() < 0.8 else wording.randint(0, min(2, len(rest)))
    rest.insert(place, opener)
    return language.polished(language.joiner.join(rest))


def _with_poor_title(
    language: Language, sample: Sample, article: _Article, rng: Random, kinds_of_poor: list[int]
) -> Sample:
    """Replace the title: every third by nothing, the others by each kind of poor title in turn."""
    turn = len(kinds_of_poor)
    kinds_of_poor.append(turn)
    spoilt = Spoilt(
        sku=sample.sku,
        brand=sample.brand,
        shelf=sample.category.path[-1],
        kind=article.facts["kind"].proses[0],
        good=sample.good_title,
    )
    makers = language.poor_titles
    title = "" if turn % 3 == 0 else makers[(turn - turn // 3 - 1) % len(makers)](spoilt, rng)
    return replace(sample, title=title)
