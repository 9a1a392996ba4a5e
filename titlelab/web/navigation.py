"""The admin's sidebar, in the order of the loop, its stylesheet and its icon."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

# A heading, and its pages: what each is called, its icon, its app and its model.
GROUPS = [
    (
        _noop("What is sold"),
        [
            (_noop("Catalogs"), "storefront", "catalog", "catalog"),
            (_noop("Products"), "inventory_2", "catalog", "product"),
            (_noop("Imports"), "upload_file", "catalog", "importrun"),
            (_noop("Tag libraries"), "style", "tags", "taglibrary"),
            (_noop("Tags"), "sell", "tags", "tag"),
            (_noop("Proposed tags"), "new_label", "tags", "tagproposal"),
            (_noop("Channels"), "campaign", "channels", "channel"),
            (_noop("Channel policies"), "gavel", "channels", "channelpolicy"),
            (_noop("Phrase lists"), "block", "channels", "phraselist"),
        ],
    ),
    (
        _noop("What people are asked"),
        [
            (_noop("Review queues"), "checklist", "review", "reviewqueue"),
            (_noop("Items"), "quiz", "review", "reviewitem"),
            (_noop("Drafts"), "edit_note", "review", "draft"),
            (_noop("Decisions"), "how_to_reg", "review", "decision"),
            (_noop("Second looks"), "rate_review", "review", "secondlook"),
        ],
    ),
    (
        _noop("What was learnt"),
        [
            (_noop("Training runs"), "model_training", "training", "trainingrun"),
            (_noop("Model versions"), "deployed_code", "training", "modelversion"),
        ],
    ),
    (
        _noop("Quality"),
        [
            (_noop("Quality by version"), "timeline", "quality", "qualitysnapshot"),
            (_noop("All alerts"), "notification_important", "alerts", "alert"),
            (_noop("Alert rules"), "rule", "alerts", "alertrule"),
        ],
    ),
    (
        _noop("Label Studio"),
        [
            (_noop("Projects"), "folder_open", "labelstudio", "project"),
            (_noop("Tasks"), "task", "labelstudio", "task"),
            (_noop("Showings"), "visibility", "review", "showing"),
            (_noop("Inbox"), "inbox", "labelstudio", "inboxevent"),
        ],
    ),
    (
        _noop("System"),
        [
            (_noop("Schedule"), "schedule", "django_celery_beat", "periodictask"),
            (_noop("Intervals"), "timer", "django_celery_beat", "intervalschedule"),
            (_noop("Crontabs"), "calendar_month", "django_celery_beat", "crontabschedule"),
            (_noop("Solar events"), "wb_sunny", "django_celery_beat", "solarschedule"),
            (_noop("Clocked"), "alarm", "django_celery_beat", "clockedschedule"),
            (_noop("Task results"), "receipt_long", "django_celery_results", "taskresult"),
            (_noop("Group results"), "library_books", "django_celery_results", "groupresult"),
            (_noop("People"), "person", "auth", "user"),
            (_noop("Groups"), "group", "auth", "group"),
            (_noop("Accounts in Label Studio"), "badge", "people", "labelstudioaccount"),
            (_noop("API tokens"), "key", "people", "apitoken"),
        ],
    ),
]
# Pages under "Quality" before its lists: what each is called, its icon and its address.
QUALITY_PAGES = [
    (_noop("Overview"), "monitoring", "quality_overview"),
    (_noop("Drill-down"), "query_stats", "quality_drill_down"),
    (_noop("Models"), "model_training", "quality_models"),
    (_noop("Decisions"), "difference", "quality_decisions"),
    (_noop("Kinds of edits"), "edit_note", "quality_edits"),
    (_noop("People"), "groups", "quality_people"),
    (_noop("Alerts and drift"), "notifications", "quality_alerts"),
    (_noop("Suggestions"), "lightbulb", "quality_suggestions"),
]
SEE_QUALITY = "quality.view_qualitysnapshot"
STUDIO = {"title": _noop("Open Label Studio"), "icon": "open_in_new"}


def stylesheet(request: HttpRequest) -> str:
    return static("titlelab/admin.css")


def icon(request: HttpRequest) -> str:
    return static("titlelab/icon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return unfold's navigation, with the pages that the user may read."""
    front = {"title": _("Where the loop stands"), "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [front]}]
    for heading, pages in GROUPS:
        items = [
            {"title": _(label), "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
            for label, icon, app, model in pages
            if request.user.has_perm(f"{app}.view_{model}")
        ]
        if heading == "Label Studio":
            items.insert(0, {**STUDIO, "title": _(STUDIO["title"]), "link": settings.LABEL_STUDIO_URL})
        if heading == "Quality" and request.user.has_perm(SEE_QUALITY):
            items[:0] = [
                {"title": _(label), "icon": icon, "link": reverse(f"admin:{name}")}
                for label, icon, name in QUALITY_PAGES
            ]
        groups.append({"title": _(heading), "items": items, "separator": True, "collapsible": heading == "System"})
    _mark_active([item for group in groups for item in group["items"]], request.path)
    return [group for group in groups if group["items"]]


def _mark_active(items: list[dict[str, Any]], path: str) -> None:
    """Light up one entry: that whose address is the longest beginning of the page's; the quality pages share one."""
    front, *others = (item["link"] for item in items)
    within = [link for link in others if path.startswith(link)]
    here = front if path == front else max(within, key=len, default="")
    for item in items:
        item["active"] = item["link"] == here
