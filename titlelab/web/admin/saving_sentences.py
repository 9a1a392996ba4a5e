"""What choosing has saved, and what more labels are worth, in sentences for an admin. Computes only."""

from titlelab.quality.savings import LEAST_CHOSEN, LEAST_RANDOM, LEAST_STAGES, Estimate, Outlook, Saved


def saved_sentence(saved: Saved | None) -> str:
    """Tell how many random items would have brought as many corrections."""
    if saved is None:
        return (
            f"Too little is known yet to tell what choosing saves: it takes {LEAST_RANDOM} random and {LEAST_CHOSEN} "
            "chosen items that the same models drafted and people decided, and something to mend among the random."
        )
    told = (
        f"A chosen item brings {saved.yield_ratio.value:.1f} times the corrections of a random one "
        f"({saved.yield_ratio.low:.1f} to {saved.yield_ratio.high:.1f})."
    )
    if saved.labels.low > 0:
        return f"{told} Choosing has saved about {_count(saved.labels)} decisions so far."
    if saved.labels.high < 0:
        return f"{told} Chance would have brought as many corrections with fewer decisions: choosing does not pay here."
    return f"{told} That choosing saves decisions can't be told from chance yet: {_count(saved.labels)}."


def outlook_sentence(outlook: Outlook | None) -> str:
    """Tell whether another label pays, and until when."""
    if outlook is None:
        return (
            f"When labelling no longer pays can't be told yet: it takes {LEAST_RANDOM} decided random items, shown by "
            f"models of {LEAST_STAGES} different numbers of labels at least."
        )
    told = (
        f"{outlook.mending.value:.0%} of random drafts need mending at {outlook.n_labels:,} labels "
        f"({outlook.mending.low:.0%} to {outlook.mending.high:.0%}). The next label is expected to spare "
        f"{outlook.spared.value:.2f} of the {outlook.n_left:,} products that nobody was asked about a mending "
        f"({outlook.spared.low:.2f} to {outlook.spared.high:.2f})."
    )
    if outlook.pays is None:
        return f"{told} Whether it pays is open: it does while that is more than one."
    if outlook.pays:
        return f"{told} Labelling pays, until about {_count(outlook.pays_until)} labels."
    return f"{told} Further labelling no longer pays: a label costs more looks than it spares."


def _count(estimate: Estimate) -> str:
    return f"{estimate.value:,.0f} ({estimate.low:,.0f} to {estimate.high:,.0f})"
