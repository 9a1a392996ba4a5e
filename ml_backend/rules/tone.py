"""The tone of a title: how pleasant its words are, where the language has a lexicon for it.

Source: VADER, Hutto & Gilbert 2014, "A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text".
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


def tone(title: str, language: str) -> float:
    """Return how pleasant a title sounds, in [-1, 1]; 0 is neutral, and what every language but English gets."""
    if language.split("-")[0].lower() != "en":
        return 0.0
    return float(_lexicon().polarity_scores(title)["compound"])


@cache
def _lexicon() -> "SentimentIntensityAnalyzer":
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # reads its lexicon in 0.1 s

    return SentimentIntensityAnalyzer()
