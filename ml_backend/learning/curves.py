"""What a training tells of its course in figures: a curve's name, a step, and a value at that step.

Computes only; ml_backend/telling.py writes it down. The curves of an ensemble's member are named after it, as in
"pointer/validation_loss".
"""

from collections.abc import Callable

Curve = Callable[[str, int, float], None]

# Both are the mean loss of a title's token.
TRAINING_LOSS, VALIDATION_LOSS = "training_loss", "validation_loss"
# Shares of the tokens and of the whole titles held back; see foretelling.py.
VALIDATION_TOKENS, VALIDATION_TITLES = "validation_tokens", "validation_titles"


def unheard(_name: str, _step: int, _value: float) -> None:
    """Tell nobody."""


def of_part(curve: Curve, part: str) -> Curve:
    """Return what tells the curves of one part of a training under its name."""
    return lambda name, step, value: curve(f"{part}/{name}", step, value)
