"""How likely a draft is to be edited, fitted on titles that were settled on."""

from ml_backend.contract import TitleProposal
from ml_backend.learning.edit_probability import (
    LEAST_OF_EACH,
    edit_probability,
    fitted_edit_model,
    signs_of,
)
from ml_backend.learning.ranking import EXPECTED
from ml_backend.learning.ranking_weights import Pool
from tests.unit.ml_backend.learning.test_ranking import LAMP

DRAFT = "Norvale Table Lamp White"


def make_pool(*, is_edited: bool) -> Pool:
    """A draft that was expected to fit was left alone, one that was not was edited."""
    proposal = TitleProposal(title=DRAFT, judged={EXPECTED: 0.3 if is_edited else 0.9})
    return Pool(brief=LAMP, proposals=(proposal,), final=f"{DRAFT} 40 cm" if is_edited else DRAFT)


POOLS = [make_pool(is_edited=i % 2 == 0) for i in range(4 * LEAST_OF_EACH)]


def test_drafts_like_those_that_were_edited_are_likelier_to_be_edited() -> None:
    model = fitted_edit_model(POOLS, [{}] * len(POOLS))
    assert model is not None
    edited, kept = (edit_probability(model, signs_of(LAMP, pool.proposals, DRAFT)) for pool in POOLS[:2])
    assert 0 < kept < 0.3 < 0.7 < edited < 1


def test_a_draft_is_what_its_own_ranking_chooses() -> None:
    other = TitleProposal(title="Norvale Lamp", judged={EXPECTED: 0.1})
    pools = [Pool(brief=p.brief, proposals=(*p.proposals, other), final=p.final) for p in POOLS]

    assert fitted_edit_model(pools, [{EXPECTED: 1.0}] * len(pools)) is not None
    assert fitted_edit_model(pools, [{EXPECTED: -1.0}] * len(pools)) is None  # all of them are edited


def test_where_all_are_edited_there_is_nothing_to_tell() -> None:
    assert fitted_edit_model([make_pool(is_edited=True)] * 40, [{}] * 40) is None


def test_a_title_that_nobody_proposed_has_no_friends() -> None:
    assert signs_of(LAMP, POOLS[0].proposals, "Lamp")[EXPECTED] == 0.0
