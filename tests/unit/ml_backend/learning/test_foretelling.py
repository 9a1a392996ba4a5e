"""What is told of held-back titles while a titler learns."""

import math

import pytest
import torch

from ml_backend.learning.foretelling import Foretold

SURE, LIKELY, EVEN, POOR = (-math.log(p) for p in (0.99, 0.51, 0.5, 0.1))


def told(foretold: Foretold) -> dict[str, tuple[int, float]]:
    seen: dict[str, tuple[int, float]] = {}
    foretold.tell(lambda name, step, value: seen.update({name: (step, value)}), 7)
    return seen


def test_a_title_is_foretold_when_each_of_its_tokens_is_likelier_than_all_others_together() -> None:
    foretold = Foretold()

    foretold.add(
        torch.tensor([[SURE, LIKELY, SURE], [SURE, EVEN, SURE], [SURE, POOR, 0.0]]),
        torch.tensor([[True, True, True], [True, True, True], [True, True, False]]),
    )
    foretold.add(torch.tensor([[LIKELY, 0.0]]), torch.tensor([[True, False]]))

    assert told(foretold)["validation_tokens"] == (7, pytest.approx(7 / 9))
    assert told(foretold)["validation_titles"] == (7, pytest.approx(2 / 4))
    assert foretold.loss == pytest.approx((5 * SURE + 2 * LIKELY + EVEN + POOR) / 9)


def test_a_token_that_nothing_can_write_keeps_its_title_from_being_foretold_and_is_left_out_of_the_loss() -> None:
    foretold = Foretold()

    foretold.add(torch.tensor([[SURE, math.inf]]), torch.tensor([[True, True]]), torch.tensor([[True, False]]))

    assert told(foretold)["validation_titles"] == (7, 0.0)
    assert foretold.loss == pytest.approx(SURE)
