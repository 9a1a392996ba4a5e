"""Which role may do what: the one table that groups, checks and tests share. Computes only.

A permission is Django's full name of it. It holds in a person's own catalogs alone; see rights.py.
"""

from collections.abc import Mapping

ANNOTATOR = "Annotator"
REVIEWER = "Reviewer"
CATALOG_ADMIN = "Catalog admin"
ML_ADMIN = "ML admin"

SEE_EVERY_CATALOG = "people.see_every_catalog"  # in no role: given to a person by a superuser
INVITE = "people.invite_person"


def _all(verbs: str, models: str) -> frozenset[str]:
    """Return every verb on every model, as "catalog.view_product"."""
    named = (model.split(".") for model in models.split())
    return frozenset(f"{app}.{verb}_{model}" for app, model in named for verb in verbs.split())


_ANNOTATOR = _all(
    "view",
    "catalog.catalog catalog.product tags.taglibrary tags.tag review.reviewqueue "
    "channels.channel channels.channelpolicy channels.phraselist",
)
_REVIEWER = (
    _ANNOTATOR
    | _all(
        "view",
        "catalog.importrun catalog.refusedrow review.reviewitem review.draft review.showing review.decision "
        "tags.tagproposal training.trainingrun training.modelversion quality.qualitysnapshot "
        "alerts.alert "
        "labelstudio.project labelstudio.task",
    )
    | _all("change", "tags.tag")  # judges proposed tags
    | _all("view add", "review.secondlook")
)
_CATALOG_ADMIN = (
    _REVIEWER
    | _all("add change delete", "catalog.catalog tags.taglibrary tags.tag review.reviewqueue")
    | _all("add change", "catalog.product catalog.importrun")
    | _all("add", "review.draft")  # has products drafted at once
    | _all("view add change", "people.apitoken")  # which does no more than its maker may
    | _all("change", "labelstudio.project labelstudio.inboxevent alerts.alert")
    | _all("view add change delete", "alerts.alertrule")
    | _all("view", "labelstudio.inboxevent auth.user people.catalogaccess people.labelstudioaccount")
    | {INVITE}
)
_ML_ADMIN = (
    _REVIEWER
    | _all("add change", "training.trainingrun")
    | _all("change", "training.modelversion labelstudio.project labelstudio.inboxevent alerts.alert")
    | _all("view add change delete", "alerts.alertrule")
    | _all("add", "review.draft")
    | _all("view", "labelstudio.inboxevent")
)

ROLES: Mapping[str, frozenset[str]] = {
    ANNOTATOR: _ANNOTATOR,
    REVIEWER: _REVIEWER,
    CATALOG_ADMIN: _CATALOG_ADMIN,
    ML_ADMIN: _ML_ADMIN,
}
# Whoever answers in Label Studio needs an account there.
WORK_IN_LABEL_STUDIO = frozenset([ANNOTATOR, REVIEWER])
