"""From proposals to candidates whose first may be shown: it holds no hard fact without support and breaks no rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ml_backend.contract import Brief, Candidate, TitleProposal
from ml_backend.learning.diversity import different
from ml_backend.learning.ranking import DEFAULT_WEIGHTS, ranked
from ml_backend.learning.title_editing import mended
from ml_backend.learning.titler_template import TemplateTitler


def candidates(
    brief: Brief, proposals: Sequence[TitleProposal], weights: Mapping[str, float] = DEFAULT_WEIGHTS
) -> tuple[Candidate, ...]:
    """Return candidates, best first; the first is clean unless the Brief itself can't be told cleanly.

    Where the best proposal is not clean, mended copies of all stand for election too; where these are not clean
    either, a plain composition of the Brief's own values.
    """
    pool = different(proposals)
    found = ranked(brief, pool, weights)
    if found[0].is_clean:
        return found
    pool = different([*pool, *(_mended(proposal, brief) for proposal in pool)])
    found = ranked(brief, pool, weights)
    if found[0].is_clean:
        return found
    plain = TemplateTitler.untrained().propose([brief], 1)[0]
    return ranked(brief, different([*pool, *plain, *(_mended(proposal, brief) for proposal in plain)]), weights)


def _mended(proposal: TitleProposal, brief: Brief) -> TitleProposal:
    title = mended(proposal.title, brief)
    return replace(proposal, title=title, reasons=(*proposal.reasons, f"mended from “{proposal.title}”"))
