"""What each figure is called, what it means, its unit, and which way is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from titlelab.web.charts import Unit

PER_DAY = "per_day"  # Decisions per full day; the only figure that is of days and not of Decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A figure's words; is_better_high is None where neither way is better."""

    label: Any
    meaning: Any
    unit: Unit = "share"
    is_better_high: bool | None = True


NAMED: Mapping[str, Named] = {
    "acceptance": Named(label=_("Acceptance"), meaning=_("accepted as drafted, of those who saw a drafted title")),
    "edit": Named(
        label=_("Edit distance"),
        meaning=_("of drafted and final title, normalised: 0 % is the same title"),
        is_better_high=False,
    ),
    "chrf": Named(label=_("chrF"), meaning=_("likeness of drafted and final title by characters: 100 % is the same")),
    "rouge_l": Named(label=_("ROUGE-L"), meaning=_("likeness of drafted and final title by words in order")),
    "tag_precision": Named(label=_("Tag precision"), meaning=_("kept, of the proposed tags")),
    "tag_recall": Named(label=_("Tag recall"), meaning=_("proposed, of the final tags")),
    "tag_f1": Named(label=_("Tag F1"), meaning=_("precision and recall of tags in one")),
    "category": Named(label=_("Category accuracy"), meaning=_("kept, of the drafted or chosen categories")),
    "seconds": Named(
        label=_("Time per task"),
        meaning=_("seconds, as the editor told; ten minutes at most"),
        unit="seconds",
        is_better_high=False,
    ),
    PER_DAY: Named(label=_("Decisions per day"), meaning=_("over full days"), unit="number", is_better_high=None),
}
