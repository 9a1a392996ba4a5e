"""Ranking, its fitted weights, and the choice that is always clean."""

from dataclasses import replace

from ml_backend.contract import Brief, ChannelRules, TitleProposal
from ml_backend.learning.choosing import candidates
from ml_backend.learning.ranking import CONSENSUS, agreement, features, ranked
from ml_backend.learning.ranking_weights import GENERAL_WEIGHTS, Pool, fitted_weights

AMAZON = ChannelRules(key="amazon", max_length=75, banned_words=("best price",), banned_characters="!", max_repeats=2)
LAMP = Brief(
    catalog="c",
    library="",
    sku="1",
    language="en",
    channel=AMAZON,
    brand="Norvale",
    category=("Home", "Table Lamps"),
    attributes=(("Colour", "White"), ("Height", "40 cm")),
)


def test_a_hard_fact_outweighs_everything_that_speaks_for_a_title() -> None:
    invented = TitleProposal(title="Norvale Table Lamp 60 cm White", log_proba=0.0)
    plain = TitleProposal(title="Lamp", log_proba=-3.0)
    best, worst = ranked(LAMP, [invented, plain])
    assert (best.title, best.is_clean, worst.is_clean) == ("Lamp", True, False)
    assert "60 cm" in worst.unsupported[0]


def test_a_colour_merely_unmentioned_is_a_warning_and_costs_less_than_a_rule() -> None:
    brief = replace(LAMP, attributes=(("Height", "40 cm"),))
    warned, plain = TitleProposal(title="Norvale Table Lamp White"), TitleProposal(title="Norvale Table Lamp!")
    best = ranked(brief, [plain, warned])[0]
    assert best.title == "Norvale Table Lamp White"
    assert best.warnings
    assert best.is_clean


def test_the_title_that_others_agree_with_has_the_consensus_and_each_titler_one_voice() -> None:
    proposals = [
        TitleProposal(title="Norvale Table Lamp White", method="template"),
        TitleProposal(title="Norvale Table Lamp", method="neighbour"),
        TitleProposal(title="A Light", method="pointer"),
        TitleProposal(title="A Bright Light", method="pointer"),
    ]
    consensus = [known[CONSENSUS] for known in agreement(proposals)]
    assert max(consensus[:2]) > consensus[2]


def test_features_of_a_repeated_word_and_of_what_is_covered() -> None:
    told = features(
        LAMP, [TitleProposal(title="Lamp Lamp Norvale Lamp"), TitleProposal(title="Norvale White 40 cm Lamp")]
    )
    assert told[0]["repetition"] == 0.5
    assert told[1]["coverage"] > told[0]["coverage"]


def test_weights_learn_which_titler_to_trust_and_move_little_where_little_is_known() -> None:
    def pool(i: int) -> Pool:
        final = f"Norvale Table Lamp {i} White"
        return Pool(
            brief=LAMP,
            proposals=(
                TitleProposal(title="White thing", method="template"),
                TitleProposal(title=final, method="neighbour"),
            ),
            final=final,
        )

    weights, of_one = fitted_weights([pool(i) for i in range(40)]), fitted_weights([pool(0)])
    assert weights["by neighbour"] > of_one["by neighbour"] > 0 > weights["by template"]
    assert fitted_weights([]) == GENERAL_WEIGHTS


def test_the_chosen_candidate_is_mended_when_none_is_clean() -> None:
    best = candidates(LAMP, [TitleProposal(title="Norvale Table Lamp 60 cm White - best price!")])[0]
    assert best.is_clean
    assert best.title == "Norvale Table Lamp White"
    assert any("mended" in reason for reason in best.reasons)


def test_a_plain_title_stands_in_where_nothing_is_left_to_mend() -> None:
    best = candidates(LAMP, [TitleProposal(title="XK-900 2200 W")])[0]
    assert best.is_clean
    assert "Norvale" in best.title


def test_a_bare_brand_is_no_title_whatever_speaks_for_it() -> None:
    bare = TitleProposal(title="Norvale", judged={"expected": 1.0})
    named = TitleProposal(title="Norvale Lamp", judged={"expected": 0.1})
    assert ranked(LAMP, [bare, named], {"expected": 3.0})[0].title == "Norvale Lamp"
