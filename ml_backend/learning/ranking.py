"""Orders proposals: clean ones first, then by a small weighted sum of what speaks for a title.

A hard fact without support or a broken rule keeps a title behind every clean one, whatever its sum. The features and
their default weights stand below; weights fitted on what people accepted (ranking_weights.py) come with a version.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from types import MappingProxyType

from ml_backend.contract import Brief, Candidate, TitleProposal, Titler
from ml_backend.learning.metrics import word_f1
from ml_backend.rules.faithfulness import hard_facts, soft_facts
from ml_backend.rules.policy import violations
from ml_backend.rules.text import holds, length, normal_form, words
from ml_backend.rules.tone import tone

# What one unit of a feature is worth. All but log-probabilities, warnings and tone ([-1, 1]) lie in [0, 1].
DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "coverage": 0.3,  # share of the key facts that the title tells
        "likelihood": 0.6,  # mean token log-probability by its own titler, -1 at worst
        "order": 1.0,  # 1 for a titler's first proposal, falling to 0: it knows its titles best
        "warnings": -0.2,  # facts merely unmentioned
        "repetition": -0.5,  # share of words that stand in the title before
    }
)
_UNCLEAN = 10.0  # per hard fact or broken rule: more than all features together
_BARE = 5.0  # a title that says no more than the brand tells nobody what the thing is
_WORST_LOG_PROBA = -4.0  # beyond that one title is as unlikely as another
_LEAST_LIKELIHOOD = -1.0
_MOST_KEY_VALUES = 4
_LONGEST_KEY_VALUE = 30  # characters; longer values are descriptions
# Each begins a feature that a titler's name ends.
WRITTEN_BY, FIRST_OF, JUDGED_BY, DOUBTED_BY = "by ", "first of ", "log-probability by ", "entropy by "
EXPECTED = "expected"  # word F1 that a forecaster expects of the title (title_words.py)
CONSENSUS = "consensus"  # mean word F1 with what the other titlers propose: minimum Bayes risk (Kumar & Byrne 2004)
ORDER = "order"  # 1 for its titler's first proposal, falling to 0
LENGTH = "length"  # nearness to the median length of the proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A proposal with what the rules say of it."""

    proposal: TitleProposal
    unsupported: tuple[str, ...]
    violations: tuple[str, ...]
    warnings: tuple[str, ...]
    covered: tuple[str, ...]
    is_bare: bool
    features: Mapping[str, float]


def ranked(
    brief: Brief, proposals: Sequence[TitleProposal], weights: Mapping[str, float] = DEFAULT_WEIGHTS
) -> tuple[Candidate, ...]:
    """Return every proposal as a candidate, best first; of equals the one that was proposed first."""
    candidates = [_candidate(checked, weights) for checked in _checked(brief, proposals)]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))


def weights_of(titler: Titler) -> Mapping[str, float]:
    """Return the weights fitted for a titler's proposals, the default ones if it brings none."""
    return getattr(titler, "ranking", DEFAULT_WEIGHTS)


def features(brief: Brief, proposals: Sequence[TitleProposal]) -> list[Mapping[str, float]]:
    """Return what speaks for and against each proposal, by the features' names."""
    return [checked.features for checked in _checked(brief, proposals)]


def agreement(proposals: Sequence[TitleProposal]) -> list[Mapping[str, float]]:
    """Return how each proposal stands among the others, in [0, 1]: consensus, length, and place in its titler's order.

    Every titler has one voice in the consensus, however many proposals it makes.
    """
    usual = median(len(p.title) for p in proposals) if proposals else 0
    own = Counter(p.method for p in proposals)
    places: Counter[str] = Counter()
    found: list[Mapping[str, float]] = []
    for i, p in enumerate(proposals):
        length_fit = min(len(p.title), usual) / max(len(p.title), usual, 1)
        found.append(
            {CONSENSUS: _consensus(i, proposals), LENGTH: length_fit, ORDER: 1 - places[p.method] / own[p.method]}
        )
        places[p.method] += 1
    return found


def _candidate(checked: _Checked, weights: Mapping[str, float]) -> Candidate:
    n_wrong = len(checked.unsupported) + len(checked.violations) + (0 if checked.proposal.title else 2)
    score = sum(weights.get(name, 0.0) * value for name, value in checked.features.items())
    score -= _BARE if checked.is_bare else 0.0
    covers = [f"covers {', '.join(checked.covered)}"] if checked.covered else []
    return Candidate(
        title=checked.proposal.title,
        score=score - _UNCLEAN * n_wrong,
        reasons=(*checked.proposal.reasons, *covers),
        unsupported=checked.unsupported,
        violations=checked.violations,
        warnings=checked.warnings,
    )


def _checked(brief: Brief, proposals: Sequence[TitleProposal]) -> list[_Checked]:
    found = []
    for proposal, agreed in zip(proposals, agreement(proposals), strict=True):
        warnings = soft_facts(proposal.title, brief)
        covered, missing = _key_facts(proposal.title, brief)
        known = {
            "coverage": len(covered) / max(len(covered) + len(missing), 1),
            "likelihood": max(proposal.log_proba or 0.0, _LEAST_LIKELIHOOD),
            "warnings": float(len(warnings)),
            "repetition": _repetition(proposal.title),
            "tone": tone(proposal.title, brief.language),
            "brevity": 1 - min(length(proposal.title, brief.channel.length_unit) / brief.channel.max_length, 1.0),
            WRITTEN_BY + proposal.method: 1.0,
        }
        judged = {name: max(value, _WORST_LOG_PROBA) for name, value in proposal.judged.items()}
        found.append(
            _Checked(
                proposal=proposal,
                unsupported=hard_facts(proposal.title, brief),
                violations=violations(proposal.title, brief.channel, names=brief.brand),
                warnings=warnings,
                covered=tuple(covered),
                is_bare=set(words(proposal.title)) <= set(words(brief.brand)),
                features={**known, **agreed, **judged},
            )
        )
    return found


def _consensus(i: int, proposals: Sequence[TitleProposal]) -> float:
    voices: dict[str, list[float]] = defaultdict(list)
    for j, other in enumerate(proposals):
        if j != i:
            voices[other.method].append(word_f1(proposals[i].title, other.title))
    return mean(mean(voice) for voice in voices.values()) if voices else 0.0


def _repetition(title: str) -> float:
    counts = Counter(words(title))
    return 1 - len(counts) / counts.total() if counts else 0.0


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
