"""What one click does, and what it tells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ml_backend.contract import version_folder
from tests.factories import (
    make_catalog,
    make_decision,
    make_item,
    make_library,
    make_product,
    make_queue,
    make_run,
    make_version,
)
from tests.unit.web.reading import clicked, text_of, told
from titlelab.labelstudio.models import InboxEvent, LostProject, Project
from titlelab.people.models import CatalogAccess
from titlelab.review.models import ReviewItem, ReviewQueue
from titlelab.tags.models import Tag, TagLibrary
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.web.ringing import BROKER_IS_DOWN, ring

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
PROVISION, PUSH = "tasks.label_studio.provision_queue", "tasks.label_studio.push_queue"
FILL, TRAIN = "tasks.scoring.fill_queue", "tasks.training.execute_training_run"
REFRESH = "tasks.label_studio.refresh_open_tasks"


@pytest.fixture
def commits(rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Run what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def version_with_folder(settings: Settings, number: int, **fields: Any) -> ModelVersion:
    version = make_version(number=number, **fields)
    folder = version_folder(settings.MODELS_FOLDER, "titler", version.scope, number)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return version


def test_a_click_makes_a_queue_sets_it_up_and_fills_it(boss: Client, commits: Any, rung: Rung) -> None:
    catalog = make_catalog(name="Shop")

    with commits():
        first = clicked(boss, "catalog_catalog", catalog.pk, "make_queue")
        clicked(boss, "catalog_catalog", catalog.pk, "make_queue")

    one, two = ReviewQueue.objects.order_by("pk")
    assert [one.name, two.name] == ["Shop", "Shop 2"]
    assert rung == [(PROVISION, (one.pk,)), (FILL, (one.pk,)), (PROVISION, (two.pk,)), (FILL, (two.pk,))]
    assert told(first)[0].startswith("The queue Shop is made")


@pytest.mark.parametrize(
    ("name", "method"),
    [("train_quick", "ensemble"), ("train_full", "full_ensemble"), ("train_tagger", "tagger")],
)
def test_a_click_queues_a_run_and_rings_for_it(name: str, method: str, boss: Client, commits: Any, rung: Rung) -> None:
    catalog = make_catalog()

    with commits():
        response = clicked(boss, "catalog_catalog", catalog.pk, name)

    run = TrainingRun.objects.get()
    assert (run.method, run.trigger, run.state) == (method, "by_hand", "queued")
    assert rung == [(TRAIN, (run.pk,))]
    assert told(response)[0].startswith("A training run is queued")


def test_a_click_on_a_training_of_minutes_says_how_many(boss: Client) -> None:
    response = clicked(boss, "catalog_catalog", make_catalog().pk, "train_full")

    assert f"It takes up to {settings.TITLER_TRAINING_MINUTES:g} minutes" in told(response)[0]


def test_a_second_run_at_once_is_refused_in_a_sentence(boss: Client, commits: Any, rung: Rung) -> None:
    catalog = make_catalog(key="shop")
    clicked(boss, "catalog_catalog", catalog.pk, "train_quick")

    response = clicked(boss, "catalog_catalog", catalog.pk, "train_quick")

    assert told(response)[-1] == "A quick ensemble run of shop is queued or running already."
    assert TrainingRun.objects.count() == 1


def test_tags_of_a_catalog_without_a_library_are_not_trained(boss: Client) -> None:
    catalog = make_catalog(library=None, name="Shop")

    response = clicked(boss, "catalog_catalog", catalog.pk, "train_tagger")

    assert told(response) == ["Shop has no tag library: choose one below, or make one under Tag libraries."]


def test_a_queue_is_filled_pushed_and_set_up_by_clicks(boss: Client, commits: Any, rung: Rung) -> None:
    queue = make_queue(working_set=3)
    make_item(queue=queue, state=ReviewItem.State.CHOSEN)

    with commits():
        sentences = [
            told(clicked(boss, "review_reviewqueue", queue.pk, name))[-1] for name in ("fill", "push", "set_up")
        ]

    assert rung == [(FILL, (queue.pk,)), (PUSH, (queue.pk,)), (PROVISION, (queue.pk,))]
    assert "up to 2 items" in sentences[0]
    assert "1 chosen items are being sent" in sentences[1]


def test_a_paused_queue_is_not_filled_until_it_is_opened(boss: Client, commits: Any, rung: Rung) -> None:
    queue = make_queue(name="Shop")

    with commits():
        clicked(boss, "review_reviewqueue", queue.pk, "pause")
        refused = clicked(boss, "review_reviewqueue", queue.pk, "fill")
    assert told(refused)[-1] == "“Shop” is paused: open it first."
    assert rung == []

    with commits():
        clicked(boss, "review_reviewqueue", queue.pk, "reopen")
    queue.refresh_from_db()
    assert (queue.state, queue.history.count()) == ("open", 3)
    assert rung == [(FILL, (queue.pk,))]


def test_a_queue_links_to_its_project(boss: Client, settings: Settings) -> None:
    queue = make_queue()
    Project.objects.create(queue=queue, project_id=7)

    page = boss.get(reverse("admin:review_reviewqueue_change", args=[queue.pk]))

    assert f'href="{settings.LABEL_STUDIO_URL}/projects/7/data"' in page.content.decode()


def test_a_saved_queue_is_set_up_and_filled(boss: Client, commits: Any, rung: Rung) -> None:
    form = {
        "name": "New", "catalog": make_catalog().pk, "state": "open", "working_set": 5, "random_share": 0.2,
        "blind_share": 0.5, "patience_days": 30, "asked_twice_share": 0.25, "second_look_share": 0.05,
        "reserved_skus": "A1\n\nA2\nA1",
    }  # fmt: skip

    with commits():
        boss.post(reverse("admin:review_reviewqueue_add"), form)

    queue = ReviewQueue.objects.get()
    assert queue.reserved_skus == ["A1", "A2"]
    assert rung == [(PROVISION, (queue.pk,)), (FILL, (queue.pk,))]


@pytest.mark.parametrize("days", ["-1", "1e300", "nan"])
def test_a_patience_that_no_calendar_holds_is_refused(days: str, boss: Client) -> None:
    queue = {"name": "q", "catalog": make_catalog().pk, "state": "open", "working_set": 20, "random_share": 0.2}

    response = boss.post(reverse("admin:review_reviewqueue_add"), {**queue, "patience_days": days})

    assert response.status_code == 200
    assert not ReviewQueue.objects.exists()


def test_promoting_and_rolling_back_are_clicks(boss: Client, commits: Any, rung: Rung, settings: Settings) -> None:
    catalog = make_catalog(key="shop")
    queue = make_queue(catalog=catalog)
    old = version_with_folder(settings, 1, state="serving", promoted_at="2026-07-30T12:00Z")
    new = version_with_folder(settings, 2, state="candidate")

    with commits():
        promoted = clicked(boss, "training_modelversion", new.pk, "promote")
    assert ModelVersion.objects.serving().get() == new

    with commits():
        rolled_back = clicked(boss, "training_modelversion", new.pk, "roll_back")
    assert ModelVersion.objects.serving().get() == old
    assert told(promoted)[-1] == "titler shop v2 serves now; open tasks get its drafts."
    assert told(rolled_back)[-1] == "Rolled back titler shop: titler shop v1 serves now; open tasks get its drafts."
    assert rung == [(REFRESH, (queue.pk,)), (REFRESH, (queue.pk,))]


def test_a_version_that_failed_its_gate_is_not_promoted(boss: Client, settings: Settings) -> None:
    version = version_with_folder(settings, 1, state="candidate", passed_gate=False)

    response = clicked(boss, "training_modelversion", version.pk, "promote")

    assert told(response) == ["titler shop v1 did not pass its gate."]
    assert not ModelVersion.objects.serving().exists()


def test_rolling_back_below_the_built_in_model_is_refused_in_a_sentence(boss: Client) -> None:
    version = make_version(state="candidate")

    response = clicked(boss, "training_modelversion", version.pk, "roll_back")

    assert told(response) == ["The built-in titler serves shop already."]


def test_a_click_is_logged_with_who_clicked(boss: Client) -> None:
    queue = make_queue(name="Shop")

    clicked(boss, "review_reviewqueue", queue.pk, "pause")

    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.change_message) == ("boss", "Pause: “Shop” is paused now.")


def test_a_click_needs_a_post_a_permission_and_a_known_name(boss: Client, clerk: Client) -> None:
    queue = make_queue()
    address = reverse("admin:review_reviewqueue_click", args=[queue.pk, "pause"])
    clerk_user = User.objects.get(username="clerk")
    clerk_user.user_permissions.add(Permission.objects.get(codename="view_reviewqueue"))
    CatalogAccess.objects.create(user=clerk_user, catalog=queue.catalog)

    assert boss.get(address).status_code == 405
    assert boss.post(address.replace("pause", "explode")).status_code == 404
    assert boss.post(address.replace(f"/{queue.pk}/", "/999/")).status_code == 404
    assert clerk.post(address).status_code == 403
    page = clerk.get(reverse("admin:review_reviewqueue_change", args=[queue.pk]))
    assert page.status_code == 200
    assert "Pause" not in text_of(page)


def test_clicks_work_on_several_rows_of_a_list(boss: Client) -> None:
    queues = [make_queue(), make_queue()]

    boss.post(
        reverse("admin:review_reviewqueue_changelist"),
        {"action": "pause", "_selected_action": [queue.pk for queue in queues]},
    )

    assert set(ReviewQueue.objects.values_list("state", flat=True)) == {"paused"}


def test_a_saved_tag_is_published_and_brought_to_the_queues(boss: Client, commits: Any, rung: Rung) -> None:
    library = make_library(tags=[])
    queue = make_queue(catalog=make_catalog(library=library))
    form = {
        "library": library.pk,
        "name": "vegan",
        "group": "Diet",
        "aliases": "plant based\nno animal",
        "state": "active",
    }

    with commits():
        boss.post(reverse("admin:tags_tag_add"), form)

    tag, library = Tag.objects.get(), TagLibrary.objects.get()
    assert tag.aliases == ["plant based", "no animal"]
    assert library.revision == 2
    assert rung == [(PROVISION, (queue.pk,)), (REFRESH, (queue.pk,))]


def test_retiring_a_tag_gives_its_library_a_new_revision_once(boss: Client, commits: Any, rung: Rung) -> None:
    tag = make_library(tags=["gift"]).tags.get()

    with commits():
        clicked(boss, "tags_tag", tag.pk, "retire")
        again = clicked(boss, "tags_tag", tag.pk, "retire")

    tag.refresh_from_db()
    assert (tag.state, tag.library.revision) == ("retired", 2)
    assert told(again)[-1] == "“gift” is retired already."


def test_deleted_tags_leave_the_published_library(boss: Client, commits: Any) -> None:
    library = make_library(tags=["gift", "warm"])

    with commits():
        boss.post(reverse("admin:tags_tag_delete", args=[library.tags.get(name="gift").pk]), {"post": "yes"})

    library.refresh_from_db()
    assert library.revision == 2
    assert list(library.tags.values_list("name", flat=True)) == ["warm"]


@pytest.mark.django_db(transaction=True)
def test_a_library_that_cannot_be_written_is_told_not_thrown(boss: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MODELS_FOLDER = tmp_path / "file"
    settings.MODELS_FOLDER.write_text("not a folder", encoding="utf-8")
    library = make_library(tags=["gift", "warm"])
    tag, other = library.tags.all()

    answers = [
        boss.post(reverse("admin:tags_taglibrary_change", args=[library.pk]), {"name": "Other", "language": "en"}),
        clicked(boss, "tags_tag", tag.pk, "retire"),
        boss.post(reverse("admin:tags_tag_delete", args=[tag.pk]), {"post": "yes"}),
        boss.post(
            reverse("admin:tags_tag_changelist"),
            {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"},
        ),
    ]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert all("the tag library can't be written to" in told(answer)[-1] for answer in answers)


def test_a_running_run_refreshes_its_page_and_shows_its_verdict_and_log(boss: Client) -> None:
    version = make_version(number=4)
    TrainingRun.objects.update(
        state="running",
        progress=0.25,
        log_tail="step 10",
        verdict={
            "passed": True, "reason": "Not worse.", "golden_is": "golden set", "n": 61, "margin": 0.02,
            "mean_candidate": 0.842, "mean_serving": 0.81, "difference": 0.032, "lower_bound": -0.004,
            "unedited_candidate": 0.44, "unedited_serving": 0.38, "worst_fall": {"name": "Mugs", "n": 12, "fall": 0.05},
            "violations_candidate": 1, "violations_serving": 2,
        },
    )  # fmt: skip

    page = boss.get(reverse("admin:training_trainingrun_change", args=[version.run_id]))

    text = text_of(page)
    assert page["Refresh"] == "4"
    for words in ("25%", "Passed. Not worse. Judged on 61 items: golden set.", "mean quality 0.842 0.810 +0.032",
                  "worst fall: Mugs 12 items -0.050", "step 10", "v4"):  # fmt: skip
        assert words in text


def test_a_broker_that_is_down_is_told_once(caplog: pytest.LogCaptureFixture, commits: Any) -> None:
    class DeadBell:
        name = "tasks.dead"

        def delay(self, *args: int) -> object:
            raise OperationalError("no broker")

    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment] # FallbackStorage asks for one, and keeps nothing in it here
    storage = FallbackStorage(request)
    request._messages = storage  # type: ignore[attr-defined] # as the middleware does

    with commits():
        ring(request, DeadBell(), 1)
        ring(request, DeadBell(), 2)

    assert [str(message) for message in storage] == [BROKER_IS_DOWN]


def test_accepted_titles_are_downloaded(boss: Client) -> None:
    product = make_product(sku="A1")
    make_decision(item=make_item(product=product), title="Norvik Bottle", draft=None)

    for ending, mime in (
        ("csv", "text/csv; charset=utf-8"),
        ("jsonl", "application/x-ndjson"),
        ("parquet", "application/vnd.apache.parquet"),
        ("xml", "application/xml"),
    ):
        response = boss.get(reverse("admin:catalog_catalog_export", args=[product.catalog_id, ending]))
        assert response["Content-Type"] == mime
        assert f'.{ending}"' in response["Content-Disposition"]
        assert b"Norvik Bottle" in b"".join(response.streaming_content)  # type: ignore[arg-type]


def test_an_export_needs_a_permission_and_a_known_format(boss: Client, clerk: Client) -> None:
    catalog = make_catalog()

    assert clerk.get(reverse("admin:catalog_catalog_export", args=[catalog.pk, "csv"])).status_code == 403
    assert boss.get(reverse("admin:catalog_catalog_export", args=[catalog.pk, "exe"])).status_code == 404


def test_exported_decisions_can_be_opened_in_a_spreadsheet(boss: Client) -> None:
    make_decision(title="=HYPERLINK(1)", outcome="edited", person="@SUM(1)")

    response = boss.post(reverse("admin:review_decision_export"), {"format": "0", "resource": ""})

    content = response.content.decode()
    assert response["Content-Type"] == "text/csv"
    assert ",'=HYPERLINK(1)," in content
    assert ",'@SUM(1)," in content


@pytest.mark.parametrize("send", [Client.get, Client.post])
def test_an_export_filtered_by_what_there_is_not_leads_back_to_the_list(
    send: Callable[..., HttpResponse], boss: Client
) -> None:
    response = send(boss, f"{reverse('admin:review_decision_export')}?queue=7")

    assert response.status_code == 302
    assert boss.get(response["Location"]).status_code == 200


def test_decisions_are_exported_by_those_alone_who_may_see_them(clerk: Client) -> None:
    make_decision()
    address, wanted = reverse("admin:review_decision_export"), {"format": "0", "resource": ""}

    assert (clerk.get(address).status_code, clerk.post(address, wanted).status_code) == (403, 403)

    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_decision"))

    assert clerk.post(address, wanted).status_code == 200


@pytest.mark.parametrize("key", ["Shop-EN", "-shop"])
def test_a_key_that_can_be_no_folder_is_refused_on_its_page(key: str, boss: Client, settings: Settings) -> None:
    channel = make_catalog().channel
    catalog = {"key": key, "name": "Shop", "language": "en", "channel": channel.pk}

    for model in ("catalog_catalog", "tags_taglibrary"):
        response = boss.post(reverse(f"admin:{model}_add"), catalog)

        assert "small letters, digits, - and _" in text_of(response)
    assert not TagLibrary.objects.filter(key=key).exists()


@pytest.mark.parametrize("words", [{"name": "gift|present"}, {"group": "a\x01"}, {"aliases": "a|b"}])
def test_a_tag_that_no_file_may_hold_is_refused_on_its_page_too(words: dict[str, str], boss: Client) -> None:
    library = make_library(tags=[])

    response = boss.post(
        reverse("admin:tags_tag_add"), {"library": library.pk, "name": "gift", "state": "active", **words}
    )

    assert "holds a control character or |" in text_of(response)
    assert not Tag.objects.exists()


def test_a_tag_that_differs_in_its_letter_case_alone_is_refused(boss: Client) -> None:
    library = make_library(tags=["Gift"])

    response = boss.post(reverse("admin:tags_tag_add"), {"library": library.pk, "name": "gift", "state": "active"})

    assert "“Gift” is in this library already" in text_of(response)


def test_a_failed_event_is_read_again_or_ignored_and_no_other_is(boss: Client, commits: Any, rung: Rung) -> None:
    failed, other = (InboxEvent.objects.create(action="X", body={}, state="failed", attempts=5) for _ in range(2))

    with commits():
        clicked(boss, "labelstudio_inboxevent", failed.pk, "try_again")
        clicked(boss, "labelstudio_inboxevent", other.pk, "ignore")
        refused = clicked(boss, "labelstudio_inboxevent", other.pk, "try_again")

    assert list(InboxEvent.objects.values_list("state", "attempts")) == [("new", 0), ("ignored", 0)]
    assert rung == [("tasks.label_studio.process_inbox", ())]
    assert told(refused)[-1].endswith("has not failed.")


def test_a_project_is_read_by_a_click(boss: Client, commits: Any, rung: Rung) -> None:
    project = Project.objects.create(queue=make_queue(), project_id=7)

    with commits():
        clicked(boss, "labelstudio_project", project.pk, "read_now")

    assert rung == [("tasks.label_studio.reconcile", (project.pk,))]


def test_a_tags_history_says_what_it_was(boss: Client) -> None:
    tag = make_library(tags=["gift"]).tags.get()
    clicked(boss, "tags_tag", tag.pk, "retire")

    page = boss.get(reverse("admin:tags_tag_history", args=[tag.pk]))

    assert "boss" in text_of(page)
    assert tag.history.latest().state == "retired"


@pytest.mark.parametrize(("state", "becomes"), [("queued", "cancelled"), ("running", "cancelling")])
def test_a_click_cancels_a_run(state: str, becomes: str, boss: Client) -> None:
    run = make_run(state=state, scope=make_catalog(key="shop").key)

    response = clicked(boss, "training_trainingrun", run.pk, "cancel")

    run.refresh_from_db()
    assert run.state == becomes
    assert "cancelled" in told(response)[0]


def test_a_run_that_has_ended_can_not_be_cancelled(boss: Client) -> None:
    run = make_run(state="failed", scope=make_catalog(key="shop").key)

    assert "not under way" in told(clicked(boss, "training_trainingrun", run.pk, "cancel"))[0]


def test_a_click_retires_a_candidate(boss: Client) -> None:
    version = make_version(state="candidate", scope=make_catalog(key="shop").key)

    clicked(boss, "training_modelversion", version.pk, "retire")

    version.refresh_from_db()
    assert version.state == "retired"


def test_a_click_rebuilds_a_project_that_was_deleted_in_label_studio(boss: Client, commits: Any, rung: Rung) -> None:
    queue = make_queue()
    LostProject.objects.create(queue=queue, project_id=7)
    page = text_of(boss.get(reverse("admin:review_reviewqueue_change", args=[queue.pk])))

    with commits():
        clicked(boss, "review_reviewqueue", queue.pk, "rebuild")

    assert "Rebuild in Label Studio" in page
    assert "Set up in Label Studio" not in page
    assert rung == [("tasks.label_studio.rebuild_queue", (queue.pk,))]
