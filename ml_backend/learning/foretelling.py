"""What a titler under training makes of titles that were held back, from the losses of their tokens alone.

A token is foretold when it is likelier than all others together, given the title so far; of a title whose tokens all
are, drafting token by token would write every letter. So this is the least share of titles that need no edit, told at
no more cost than the loss itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ml_backend.learning.curves import VALIDATION_LOSS, VALIDATION_TITLES, VALIDATION_TOKENS, Curve

if TYPE_CHECKING:
    from torch import Tensor

_EVEN = math.log(2)  # the loss of a token that is as likely as all others together


class Foretold:
    """Adds up batches of held-back titles."""

    def __init__(self) -> None:
        self._loss, self._n_counted = 0.0, 0
        self._n_tokens, self._n_tokens_foretold = 0, 0
        self._n_titles, self._n_titles_foretold = 0, 0

    def add(self, losses: Tensor, is_token: Tensor, is_counted: Tensor | None = None) -> None:
        """Add a batch.

        losses: (b, t), -log P of each token. is_token: (b, t) bool, False where a shorter title is padded. is_counted:
        (b, t) bool, whose losses make the mean; all tokens' unless told.
        """
        counted = is_token if is_counted is None else is_counted
        foretold = losses < _EVEN
        self._loss += losses[counted].sum().item()
        self._n_counted += int(counted.sum())
        self._n_tokens += int(is_token.sum())
        self._n_tokens_foretold += int((foretold & is_token).sum())
        self._n_titles += len(losses)
        self._n_titles_foretold += int((foretold | ~is_token).all(dim=1).sum())

    @property
    def loss(self) -> float:
        """Return the mean loss of a token."""
        return self._loss / max(self._n_counted, 1)

    def tell(self, curve: Curve, step: int) -> None:
        """Tell the loss, and the shares of tokens and of titles that are foretold."""
        curve(VALIDATION_LOSS, step, self.loss)
        curve(VALIDATION_TOKENS, step, self._n_tokens_foretold / max(self._n_tokens, 1))
        curve(VALIDATION_TITLES, step, self._n_titles_foretold / max(self._n_titles, 1))
