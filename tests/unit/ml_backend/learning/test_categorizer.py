from pathlib import Path

import numpy as np
import pytest

from ml_backend.contract import Categorizing, CategoryPath, Draft, Example, PublishedTaxonomy
from ml_backend.errors import TrainingFailed
from ml_backend.learning.categorizer import LinearCategorizer, NameCategorizer, Sharing
from ml_backend.learning.category_names import leaf_names
from ml_backend.learning.drafting import drafts
from ml_backend.learning.metrics import category_quality
from ml_backend.learning.tagger import AliasTagger
from ml_backend.learning.titler_template import TemplateTitler
from tests.factories import make_brief

FLASKS, KETTLES, TENTS = ("Home", "Flasks"), ("Home", "Kettles"), ("Outdoor", "Tents")
PATHS: tuple[CategoryPath, ...] = (FLASKS, KETTLES, TENTS)
SAID = {
    FLASKS: ("keeps tea hot for a day", "leakproof lid and steel wall", "insulated drink holder of steel"),
    KETTLES: ("boils water fast on the stove", "whistles when water boils", "stove top whistle and spout"),
    TENTS: ("sleeps two under a waterproof fly", "poles and pegs for camping", "waterproof fly with poles"),
}


def example(path: CategoryPath, n: int, **brief: object) -> Example:
    told = make_brief(
        sku=f"{path[-1]}-{n}",
        title="",
        description=f"{SAID[path][n % 3]}, model {n}",
        brand="",
        attributes=(),
        category=path,
        **brief,
    )
    return Example(brief=told, title=None, tags=None, source="catalog", family=f"{path[-1]}{n}", category=path)


def learned(n: int = 8) -> LinearCategorizer:
    return LinearCategorizer.learned([example(path, i) for path in PATHS for i in range(n)], PATHS, seed=0)


def test_a_leaf_is_known_by_its_parts_and_its_singular() -> None:
    assert leaf_names(("Fashion", "Bags & Watches")) == ("Bags & Watches", "Bags", "Bag", "Watches", "Watch")
    assert leaf_names(("Home", "Bodies, Glass and Boxes")) == (
        "Bodies, Glass and Boxes", "Bodies", "Body", "Glass", "Boxes", "Box",
    )  # fmt: skip
    assert leaf_names(("母婴", "奶瓶和水杯")) == ("奶瓶和水杯", "奶瓶", "水杯")


def test_the_built_in_model_chooses_the_leaf_whose_name_stands_in_the_text() -> None:
    titled = make_brief(title="Norvik steel flask", description="As good as any of our kettles.", category=())
    silent = make_brief(title="Norvik 750 ml", description="", category=())

    of_titled, of_silent = NameCategorizer().categorize([titled, silent], PATHS)

    assert [score.path for score in of_titled] == [FLASKS, KETTLES]
    assert [score.proba for score in of_titled] == [0.5, 0.25]
    assert of_titled[0].reasons == ("Flask",)
    assert of_silent == []


@pytest.mark.parametrize("model", [NameCategorizer(), learned()], ids=["built in", "learned"])
def test_the_products_own_category_is_not_read(model: NameCategorizer | LinearCategorizer) -> None:
    brief = make_brief(title="", description="boils water fast", attributes=(), category=())
    misfiled = make_brief(title="", description="boils water fast", attributes=(), category=TENTS)

    without, with_it = model.categorize([brief, misfiled], PATHS)

    assert without == with_it


def test_the_learnt_model_chooses_by_what_products_of_a_path_say() -> None:
    briefs = [make_brief(title="", description=said[0], attributes=(), category=()) for said in SAID.values()]

    found = learned().categorize(briefs, PATHS)

    assert [own[0].path for own in found] == list(PATHS)
    assert "whistles" in learned().categorize([example(KETTLES, 1).brief], PATHS)[0][0].reasons


def test_probabilities_of_a_product_sum_to_one_but_for_what_nobody_has_seen() -> None:
    briefs = [example(path, 99).brief for path in PATHS]

    proba = learned().probabilities(briefs, PATHS)

    assert (proba.sum(axis=1) < 1).all()
    assert (proba.argmax(axis=1) == [0, 1, 2]).all()
    assert proba.max(axis=1).min() > 0.8


def test_a_path_without_any_product_is_chosen_by_its_name_alone() -> None:
    lamps = ("Home", "Lamps")
    named = make_brief(title="Lamp", description="", brand="", attributes=(), category=())
    other = make_brief(title="", description="whistles when water boils", brand="", attributes=(), category=())

    of_named, of_other = learned().categorize([named, other], (*PATHS, lamps))

    assert of_named[0].path == lamps
    assert lamps not in [score.path for score in of_other]


def test_one_path_is_enough_to_learn() -> None:
    model = LinearCategorizer.learned([example(FLASKS, i) for i in range(3)], PATHS, seed=0)

    (own,) = model.categorize([example(FLASKS, 5).brief], PATHS)

    assert own[0].path == FLASKS


def test_what_was_saved_answers_alike(tmp_path: Path) -> None:
    model, briefs = learned(), [example(path, 50).brief for path in PATHS]
    model.save(tmp_path)

    assert LinearCategorizer.load(tmp_path).categorize(briefs, PATHS) == model.categorize(briefs, PATHS)


def test_the_more_paths_are_new_the_less_sure_is_a_choice() -> None:
    proba = np.array([[0.8, 0.1], [0.7, 0.2], [0.1, 0.8], [0.2, 0.9]])
    truth = np.array([0, 0, 1, 1])

    few = Sharing.fitted(proba, truth, np.array([False, False, False, False]))
    many = Sharing.fitted(proba, truth, np.array([True, False, True, False]))

    assert many.outside > few.outside
    assert many.shares(proba).max() < few.shares(proba).max()
    assert (few.shares(np.array([[0.0, 0.4]]))[0, 0], few.shares(np.array([[0.0, 0.0]])).sum()) == (0, 0)


def test_a_sharing_that_is_none_is_refused(tmp_path: Path) -> None:
    learned().save(tmp_path)
    (tmp_path / "categorizer.json").write_text('{"sharpness": -1, "outside": 0}')

    with pytest.raises(ValueError, match="sharing"):
        LinearCategorizer.load(tmp_path)


def test_without_a_known_category_there_is_nothing_to_learn() -> None:
    with pytest.raises(TrainingFailed, match="no product with a category"):
        LinearCategorizer.learned([example(FLASKS, 1)], [TENTS], seed=0)


@pytest.mark.parametrize(
    ("proposed", "true", "quality"),
    [
        (("Home", "Kettles"), ("Home", "Kettles"), 1.0),
        (("Home", "Flasks"), ("Home", "Kettles"), 0.5),
        (("Home",), ("Home", "Kitchen", "Kettles"), 1 / 3),
        (("Home", "Kitchen", "Kettles"), ("Home", "Kitchen"), 2 / 3),
        (("Outdoor", "Kettles"), ("Home", "Kettles"), 0.0),
        ((), ("Home", "Kettles"), 0.0),
    ],
)
def test_of_a_wrong_path_what_is_right_from_the_root_counts(
    proposed: CategoryPath, true: CategoryPath, quality: float
) -> None:
    assert category_quality(proposed, true) == quality


def test_a_draft_tells_the_category_where_one_is_asked_and_a_version_of_its_own() -> None:
    taxonomy = PublishedTaxonomy(key="shop", revision=4, paths=PATHS)
    brief = make_brief(title="flask", category=())

    def drafted(categories: Categorizing | None) -> Draft:
        (draft,) = drafts(
            [brief],
            titler=TemplateTitler.untrained(),
            tagger=AliasTagger(),
            library=None,
            titler_version=1,
            tagger_version=0,
            categories=categories,
        )
        return draft

    asked = drafted(Categorizing(taxonomy=taxonomy, categorizer=NameCategorizer(), version=2))
    not_asked = drafted(None)

    assert (asked.version, asked.category, asked.categorizer_version) == ("t1-g0.0-c2.4", FLASKS, 2)
    assert (not_asked.version, not_asked.category) == ("t1-g0.0", ())
