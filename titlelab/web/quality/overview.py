"""How good the drafts are this week, and what has changed since the last."""

from django.utils.translation import gettext_lazy

from titlelab.web.quality.page import QualityPage


class Overview(QualityPage):
    """All figures of one week against the week before."""

    title = gettext_lazy("Quality: overview")
    template_name = "titlelab/quality/overview.html"
