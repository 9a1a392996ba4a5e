"""Where the catalog of each model's rows is found. Computes only; rights.py asks the database.

A model that stands here nowhere is shown only to who sees every catalog.
"""

from collections.abc import Mapping

# Rows that belong to one catalog: the way from a row to it.
CATALOG_PATHS: Mapping[str, str] = {
    "catalog.catalog": "pk",
    "catalog.product": "catalog",
    "catalog.importrun": "catalog",
    "catalog.refusedrow": "run__catalog",
    "review.reviewqueue": "catalog",
    "review.reviewitem": "queue__catalog",
    "review.draft": "product__catalog",
    "review.showing": "item__queue__catalog",
    "review.decision": "item__queue__catalog",
    "review.secondlook": "decision__item__queue__catalog",
    "review.duelook": "decision__item__queue__catalog",
    "quality.qualitysnapshot": "catalog",
    "quality.decisionmeasure": "catalog",
    "quality.editmark": "catalog",
    "quality.tagmeasure": "catalog",
    "quality.suggestion": "catalog",
    "labelstudio.project": "queue__catalog",
    "labelstudio.task": "project__queue__catalog",
    "people.catalogaccess": "catalog",
    "alerts.alert": "catalog",
}
# Rows of one catalog or, where they name none, for all: the way from a row to it. Those for all are seen by everybody
# and changed by who sees every catalog.
CATALOG_OR_ALL: Mapping[str, str] = {"alerts.alertrule": "catalog"}
# Rows of a tag library, which several catalogs may share: the way from a row to it.
LIBRARY_PATHS: Mapping[str, str] = {
    "tags.taglibrary": "pk",
    "tags.tag": "library",
    "tags.tagproposal": "tag__library",
}
# These tell of products of all the library's catalogs, and so are for who works on all of them.
WHOLE_LIBRARY = frozenset(["tags.tagproposal"])
# Rows of a model's scope: a catalog's key, or a library's for the kind "tagger".
BY_SCOPE = frozenset(["training.trainingrun", "training.modelversion"])
# Rows for several catalogs: the field that names them. Shown to who works on all of them.
BY_CATALOGS: Mapping[str, str] = {"people.apitoken": "catalogs"}
# Rows about a person: the way from a row to the user.
USER_PATHS: Mapping[str, str] = {"auth.user": "pk", "people.labelstudioaccount": "user"}
# Rows about one of Label Studio's projects, by its id.
BY_PROJECT: Mapping[str, str] = {"labelstudio.inboxevent": "body__project"}
# Everybody may read them and they concern every catalog: to change them takes sight of every catalog.
COMMON = frozenset(["channels.channel", "channels.channelpolicy", "channels.phraselist"])
# The machinery: for who sees every catalog.
SYSTEM = frozenset(
    [
        "auth.group",
        "django_celery_beat.periodictask",
        "django_celery_beat.intervalschedule",
        "django_celery_beat.crontabschedule",
        "django_celery_beat.solarschedule",
        "django_celery_beat.clockedschedule",
        "django_celery_results.taskresult",
        "django_celery_results.groupresult",
    ]
)
KNOWN = frozenset(
    [
        *(*CATALOG_PATHS, *CATALOG_OR_ALL, *LIBRARY_PATHS, *BY_SCOPE),
        *(*BY_CATALOGS, *USER_PATHS, *BY_PROJECT, *COMMON, *SYSTEM),
    ]
)
