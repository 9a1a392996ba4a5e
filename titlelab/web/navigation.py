"""The admin's sidebar, in the order of the loop, its stylesheet and its icon."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# A heading, and its pages: what each is called, its icon, its app and its model.
GROUPS = [
    (
        "What is sold",
        [
            ("Catalogs", "storefront", "catalog", "catalog"),
            ("Products", "inventory_2", "catalog", "product"),
            ("Imports", "upload_file", "catalog", "importrun"),
            ("Tag libraries", "style", "tags", "taglibrary"),
            ("Tags", "sell", "tags", "tag"),
            ("Proposed tags", "new_label", "tags", "tagproposal"),
            ("Channels", "campaign", "channels", "channel"),
            ("Channel policies", "gavel", "channels", "channelpolicy"),
            ("Phrase lists", "block", "channels", "phraselist"),
        ],
    ),
    (
        "What people are asked",
        [
            ("Review queues", "checklist", "review", "reviewqueue"),
            ("Items", "quiz", "review", "reviewitem"),
            ("Drafts", "edit_note", "review", "draft"),
            ("Decisions", "how_to_reg", "review", "decision"),
        ],
    ),
    (
        "What was learnt",
        [
            ("Training runs", "model_training", "training", "trainingrun"),
            ("Model versions", "deployed_code", "training", "modelversion"),
        ],
    ),
    ("Quality", [("Quality by version", "timeline", "quality", "qualitysnapshot")]),
    (
        "Label Studio",
        [
            ("Projects", "folder_open", "labelstudio", "project"),
            ("Tasks", "task", "labelstudio", "task"),
            ("Showings", "visibility", "review", "showing"),
            ("Inbox", "inbox", "labelstudio", "inboxevent"),
        ],
    ),
    (
        "System",
        [
            ("Schedule", "schedule", "django_celery_beat", "periodictask"),
            ("Intervals", "timer", "django_celery_beat", "intervalschedule"),
            ("Crontabs", "calendar_month", "django_celery_beat", "crontabschedule"),
            ("Solar events", "wb_sunny", "django_celery_beat", "solarschedule"),
            ("Clocked", "alarm", "django_celery_beat", "clockedschedule"),
            ("Task results", "receipt_long", "django_celery_results", "taskresult"),
            ("Group results", "library_books", "django_celery_results", "groupresult"),
            ("People", "person", "auth", "user"),
            ("Groups", "group", "auth", "group"),
            ("Accounts in Label Studio", "badge", "people", "labelstudioaccount"),
            ("API tokens", "key", "people", "apitoken"),
        ],
    ),
]
# Pages under "Quality" before its lists: what each is called, its icon and its address.
QUALITY_PAGES = [
    ("Overview", "monitoring", "quality_overview"),
    ("Drill-down", "query_stats", "quality_drill_down"),
]
SEE_QUALITY = "quality.view_qualitysnapshot"
STUDIO = {"title": "Open Label Studio", "icon": "open_in_new"}


def stylesheet(request: HttpRequest) -> str:
    return static("titlelab/admin.css")


def icon(request: HttpRequest) -> str:
    return static("titlelab/icon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return unfold's navigation, with the pages that the user may read."""
    front = {"title": "Where the loop stands", "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [front]}]
    for heading, pages in GROUPS:
        items = [
            {"title": label, "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
            for label, icon, app, model in pages
            if request.user.has_perm(f"{app}.view_{model}")
        ]
        if heading == "Label Studio":
            items.insert(0, {**STUDIO, "link": settings.LABEL_STUDIO_URL})
        if heading == "Quality" and request.user.has_perm(SEE_QUALITY):
            items[:0] = [
                {"title": label, "icon": icon, "link": reverse(f"admin:{name}")} for label, icon, name in QUALITY_PAGES
            ]
        groups.append({"title": heading, "items": items, "separator": True, "collapsible": heading == "System"})
    return [group for group in groups if group["items"]]
