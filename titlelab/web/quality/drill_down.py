"""One figure by model version, category, tag, annotator, channel or week."""

from django.utils.translation import gettext_lazy

from titlelab.web.quality.page import QualityPage


class DrillDown(QualityPage):
    """A figure by a dimension, each value of which leads to the Decisions behind it."""

    title = gettext_lazy("Quality: drill-down")
    template_name = "titlelab/quality/drill_down.html"
