"""A blind page shows no drafted title: the played annotator types it, and has let nothing stand."""

import numpy as np
import pytest

from ml_backend.contract import Candidate, Draft, TagScore
from ml_backend.labelstudio.annotations import final_values
from ml_backend.labelstudio.predictions import prediction
from titlelab.labelstudio.events import PredictionSeen
from titlelab.web.simulating.answers import Page, answer
from titlelab.web.simulating.gold import Gold

RIGHT = "Norvik Flask 750 ml"


@pytest.mark.parametrize("proposed", [(), ("gift",)])
def test_the_title_of_a_blind_page_is_typed_though_the_unseen_draft_was_the_same(proposed: tuple[str, ...]) -> None:
    draft = Draft(
        sku="A1",
        version="t1-g0.1",
        titler_version=1,
        tagger_version=0,
        candidates=(Candidate(title=RIGHT, score=1.0),),
        tags=tuple(TagScore(name=tag, proba=0.9, threshold=0.5) for tag in proposed),
        title_uncertainty=0.1,
        tag_uncertainty=0.1,
    )
    shown = prediction(draft, tags_as="choices", groups={}, is_blind=True)
    page = Page(
        task_id=1,
        sku="A1",
        tags_as="choices",
        shown=PredictionSeen(id=7, model_version=shown["model_version"], score=shown["score"], result=shown["result"]),
    )

    given = answer(page, Gold(title=RIGHT, tags=("gift",)), groups={"gift": ""}, rng=np.random.default_rng(0))

    values = final_values(given.result)
    assert (values.title, values.tags) == (RIGHT, ("gift",))
    assert (given.is_as_shown, given.keeps_title) == (False, False)
    assert given.parent_prediction == 7
