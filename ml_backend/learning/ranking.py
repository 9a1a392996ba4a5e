"""Orders proposals: few warnings first (unsupported facts, broken rules), then what covers the product best."""

from collections.abc import Sequence

from ml_backend.contract import Brief, Candidate, TitleProposal
from ml_backend.rules.faithfulness import unsupported_facts
from ml_backend.rules.policy import violations
from ml_backend.rules.text import holds, normal_form, words

# A warning costs 1. The rest spans 1.2, so only a proposal that is best in all of it outweighs one warning.
_COVERAGE_SHARE = 0.3
_LIKELIHOOD_SHARE = 0.6
_ORDER_SHARE = 0.1  # a titler's own order outweighs one covered fact, but not two
_MOST_KEY_VALUES = 4
_LONGEST_KEY_VALUE = 30  # characters; longer values are descriptions


def ranked(brief: Brief, proposals: Sequence[TitleProposal]) -> tuple[Candidate, ...]:
    """Return every proposal as a candidate, best first; of equals the one that was proposed first."""
    candidates = [_candidate(brief, proposal, i) for i, proposal in enumerate(proposals)]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))


def _candidate(brief: Brief, proposal: TitleProposal, place: int) -> Candidate:
    unsupported, broken = unsupported_facts(proposal.title, brief), violations(proposal.title, brief.channel)
    covered, missing = _key_facts(proposal.title, brief)
    coverage = len(covered) / (len(covered) + len(missing)) if covered or missing else 0.0
    likelihood = max(proposal.log_proba, -1.0) if proposal.log_proba is not None else 0.0
    score = -len(unsupported) - len(broken) - (0 if proposal.title else 2)
    return Candidate(
        title=proposal.title,
        score=score + _COVERAGE_SHARE * coverage + _LIKELIHOOD_SHARE * likelihood - _ORDER_SHARE * place,
        reasons=(*proposal.reasons, *([f"covers {', '.join(covered)}"] if covered else [])),
        unsupported=unsupported,
        violations=broken,
    )


def _key_facts(title: str, brief: Brief) -> tuple[list[str], list[str]]:
    """Return the brand, the leaf category's noun and the first short attribute values: those told and those not."""
    leaf = brief.category[-1] if brief.category else ""
    values = [(name, value) for name, value in brief.attributes if 0 < len(value) <= _LONGEST_KEY_VALUE]
    facts = [("brand", brief.brand), ("category", leaf), *values[:_MOST_KEY_VALUES]]
    facts = [(name, value) for name, value in facts if value]
    told = [name for name, value in facts if _is_told(title, value)]
    return told, [name for name, _ in facts if name not in told]


def _is_told(title: str, value: str) -> bool:
    if holds(title, value):
        return True
    squeezed, known = normal_form(title).lower(), words(value)
    return bool(known) and sum(word.rstrip("s") in squeezed for word in known) >= max(1, len(known) / 2)
