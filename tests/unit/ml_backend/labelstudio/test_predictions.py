"""What an annotator's page is pre-filled with."""

from dataclasses import replace

from ml_backend.contract import Candidate, CategoryScore, Draft, TagScore
from ml_backend.labelstudio.predictions import empty_prediction, prediction


def a_draft(*tags: TagScore) -> Draft:
    return Draft(
        sku="A1",
        version="t3-g5.2",
        titler_version=3,
        tagger_version=5,
        candidates=(Candidate(title="Norvik bottle", score=1.0), Candidate(title="Bottle", score=0.5)),
        tags=tags,
        title_uncertainty=0.25,
        tag_uncertainty=0.75,
    )


KITCHEN = TagScore(name="kitchen", proba=0.9, threshold=0.5)
ECO = TagScore(name="eco", proba=0.6, threshold=0.5)
GIFT = TagScore(name="gift", proba=0.2, threshold=0.5)


def test_title_and_proposed_tags_are_prefilled_and_the_least_certain_half_gives_the_score() -> None:
    made = prediction(a_draft(KITCHEN, ECO, GIFT), tags_as="choices", groups={})

    assert made == {
        "result": [
            {
                "id": "title",
                "from_name": "title",
                "to_name": "description",
                "type": "textarea",
                "value": {"text": ["Norvik bottle"]},
            },
            {
                "id": "tags",
                "from_name": "tags",
                "to_name": "description",
                "type": "choices",
                "value": {"choices": ["kitchen", "eco"]},
            },
        ],
        "score": 0.25,
        "model_version": "t3-g5.2",
    }


def test_a_blind_page_is_prefilled_with_tags_alone() -> None:
    made = prediction(a_draft(KITCHEN), tags_as="choices", groups={}, is_blind=True)

    assert [region["from_name"] for region in made["result"]] == ["tags"]


def test_a_taxonomy_gets_paths_and_a_tag_without_a_group_stands_at_the_root() -> None:
    made = prediction(a_draft(KITCHEN, ECO), tags_as="taxonomy", groups={"kitchen": "Room", "eco": ""})

    assert made["result"][1]["type"] == "taxonomy"
    assert made["result"][1]["value"] == {"taxonomy": [["Room", "kitchen"], ["eco"]]}


def test_without_proposed_tags_there_is_no_region_for_them() -> None:
    made = prediction(a_draft(GIFT), tags_as="choices", groups={})

    assert [region["id"] for region in made["result"]] == ["title"]


def test_the_likeliest_category_is_the_one_choice_of_its_tree() -> None:
    flasks, kettles = (CategoryScore(path=("Home", leaf), proba=0.4) for leaf in ("Flasks", "Kettles"))

    made = prediction(replace(a_draft(), categories=(flasks, kettles)), tags_as="choices", groups={})

    assert made["result"][1] == {
        "id": "category",
        "from_name": "category",
        "to_name": "description",
        "type": "taxonomy",
        "value": {"taxonomy": [["Home", "Flasks"]]},
    }


def test_an_empty_prediction_keeps_its_place_in_the_list() -> None:
    assert empty_prediction("t0-g0.0") == {"result": [], "score": 0.0, "model_version": "t0-g0.0"}
