"""Joins titler, ranking, tagger, categorizer and uncertainty to the Drafts that people are shown."""

from collections.abc import Sequence
from dataclasses import replace

from ml_backend.contract import (
    Brief,
    Candidate,
    Categorizing,
    Draft,
    PublishedLibrary,
    Tagger,
    TagScore,
    TitleProposal,
    Titler,
    version_name,
)
from ml_backend.learning.choosing import candidates
from ml_backend.learning.diversity import different
from ml_backend.learning.edit_probability import EditModel, edit_probability, signs_of
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.tag_names import tag_scores
from ml_backend.learning.uncertainty import tag_uncertainty, title_uncertainty

N_CANDIDATES = 4
MOST_TAGS = 15  # proposed ones are always kept; the likeliest of the rest fill up


def drafts(
    briefs: Sequence[Brief],
    *,
    titler: Titler,
    tagger: Tagger,
    library: PublishedLibrary | None,
    titler_version: int,
    tagger_version: int,
    categories: Categorizing | None = None,
    n_candidates: int = N_CANDIDATES,
) -> list[Draft]:
    """Return one Draft per Brief, in order; library None: no tags, and the version tells library revision 0.

    categories None: the catalog does not ask. n_candidates is how many titles the titler is asked for.
    """
    proposals = titler.propose(briefs, n_candidates)
    tags = library.tags if library else ()
    scores = tag_scores(tagger, briefs, tags) if tags else [[] for _ in briefs]
    version = version_name(
        titler_version,
        tagger_version,
        library.revision if library else 0,
        categorizer_version=categories.version if categories else 0,
        taxonomy=categories.taxonomy.revision if categories else 0,
    )
    made = [
        _draft(brief, own, titler, tag_scores, version, titler_version, tagger_version)
        for brief, own, tag_scores in zip(briefs, proposals, scores, strict=True)
    ]
    return _categorized(made, briefs, categories) if categories else made


def _categorized(made: Sequence[Draft], briefs: Sequence[Brief], asked: Categorizing) -> list[Draft]:
    found = asked.categorizer.categorize(briefs, asked.taxonomy.paths)
    return [
        replace(draft, categories=tuple(own), categorizer_version=asked.version)
        for draft, own in zip(made, found, strict=True)
    ]


def _draft(
    brief: Brief,
    proposals: Sequence[TitleProposal],
    titler: Titler,
    scores: Sequence[TagScore],
    version: str,
    titler_version: int,
    tagger_version: int,
) -> Draft:
    found = candidates(brief, proposals, weights_of(titler))
    by_proba = sorted(scores, key=lambda score: (-score.proba, score.name))
    proposed = [score for score in by_proba if score.is_proposed]
    rest = [score for score in by_proba if not score.is_proposed][: max(0, MOST_TAGS - len(proposed))]
    return Draft(
        sku=brief.sku,
        version=version,
        titler_version=titler_version,
        tagger_version=tagger_version,
        candidates=found,
        tags=tuple(sorted(proposed + rest, key=lambda score: (-score.proba, score.name))),
        title_uncertainty=_title_doubt(brief, proposals, found, titler),
        tag_uncertainty=tag_uncertainty(scores),
    )


def _title_doubt(brief: Brief, proposals: Sequence[TitleProposal], found: Sequence[Candidate], titler: Titler) -> float:
    """Return the probability that the title will be edited where a titler brings what tells it, else a plain doubt."""
    edit_model: EditModel | None = getattr(titler, "edit_model", None)
    if edit_model:
        return edit_probability(edit_model, signs_of(brief, proposals, found[0].title))
    log_probas = {proposal.title: proposal.log_proba for proposal in different(proposals)}
    return title_uncertainty(found, log_probas.get(found[0].title))
