"""Which of a product's Decisions is its answer. Computes only."""

from titlelab.review.models import Decision, SecondLook


def outranks(later: Decision, earlier: Decision) -> bool:
    """Say whether a Decision takes the place of an earlier one on the same product.

    The latest counts, but for who was asked once more to see how far people agree: he overrules no reviewer, as long as
    the product is told the same. Both want their second looks and items at hand.
    """
    is_of_the_same = later.item.content_hash == earlier.item.content_hash
    return not (is_of_the_same and is_settled(earlier) and not is_settled(later))


def is_settled(decision: Decision) -> bool:
    """Say whether a reviewer has left it as it is, or made it what it is."""
    look: SecondLook | None = getattr(decision, "second_look", None)
    return decision.mends_id is not None or (look is not None and look.verdict == SecondLook.Verdict.ACCEPTED)
