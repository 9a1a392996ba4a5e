"""Giving open tasks the drafts of the version that serves now."""

import pytest

from tests.unit.labelstudio.scenes import NEW, OLD, Scene, State, broken_at_every_call, regions
from titlelab.errors import LabelStudioUnreachable, VersionLoading
from titlelab.labelstudio import refreshing
from titlelab.labelstudio.holding import HeldElsewhere
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.pulling import reconcile
from titlelab.review.models import Decision
from titlelab.tags.renaming import rename

pytestmark = pytest.mark.django_db


def shown_versions(scene: Scene) -> set[str]:
    shown = [scene.studio.shown(task_id) for task_id in scene.studio.tasks]
    return {s.model_version if s else "" for s in shown}


def hints(scene: Scene) -> set[bool]:
    return {NEW in task.data["review_hint"] for task in scene.studio.tasks.values()}


def test_open_tasks_get_the_drafts_of_a_new_version(pushed: Scene) -> None:
    pushed.source.serving = NEW

    assert pushed.refresh() == 3

    pushed.check()
    assert shown_versions(pushed) == {NEW}
    assert hints(pushed) == {True}
    assert {len(task.predictions) for task in pushed.studio.tasks.values()} == {2}


def test_a_version_that_serves_already_costs_no_call(pushed: Scene) -> None:
    before = pushed.studio.n_calls

    assert pushed.refresh() == 0
    assert pushed.studio.n_calls == before


def test_a_refresh_that_breaks_at_any_call_ends_with_one_draft_a_version(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "BATCH", 2)

    def promoted() -> Scene:
        scene = Scene()
        scene.push()
        scene.source.serving = NEW
        return scene

    for scene in broken_at_every_call(promoted, Scene.refresh):
        scene.check()
        assert shown_versions(scene) == {NEW}
        assert hints(scene) == {True}
        assert Project.objects.get(queue=scene.queue).model_version == NEW


def test_a_rollback_shows_the_older_drafts_again(pushed: Scene) -> None:
    pushed.source.serving = NEW
    pushed.refresh()
    pushed.source.serving = OLD

    pushed.refresh()

    pushed.check()
    assert shown_versions(pushed) == {OLD}
    assert hints(pushed) == {False}


def test_a_rollback_in_the_midst_of_an_outage_leaves_nothing_of_the_newer_drafts_on_the_page(pushed: Scene) -> None:
    pushed.source.serving = NEW
    pushed.studio.fails_at, pushed.studio.fails_after = pushed.studio.n_calls + 6, True
    with pytest.raises(LabelStudioUnreachable):
        pushed.refresh()
    assert True in hints(pushed)
    pushed.source.serving = OLD

    pushed.refresh()

    pushed.check()
    assert shown_versions(pushed) == {OLD}
    assert hints(pushed) == {False}


def test_a_version_that_is_yet_loading_is_asked_for_later_and_touches_nothing(pushed: Scene) -> None:
    pushed.source.serving, pushed.source.answers_with = NEW, OLD
    moments = [task.updated_at for task in pushed.studio.tasks.values()]
    with pytest.raises(VersionLoading):
        pushed.refresh()

    assert [task.updated_at for task in pushed.studio.tasks.values()] == moments
    pushed.check()


def test_a_task_that_is_gone_does_not_keep_the_others_waiting(pushed: Scene) -> None:
    del pushed.studio.tasks[pushed.task()]
    pushed.source.serving = NEW

    assert pushed.refresh() == 2
    assert shown_versions(pushed) == {NEW}


def test_a_task_that_is_annotated_while_it_is_refreshed_keeps_what_was_shown(pushed: Scene) -> None:
    pushed.source.serving = NEW
    pushed.studio.meanwhile = lambda: pushed.studio.annotate(pushed.task(), regions("Typed"))
    pushed.refresh()

    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)

    decision = Decision.objects.get()
    assert decision.draft is not None
    assert decision.draft.version == OLD
    pushed.check()


def test_tasks_that_a_second_worker_wants_to_refresh_at_once_are_refreshed_once(pushed: Scene, impatient: None) -> None:
    def refresh_too() -> None:
        with pytest.raises(HeldElsewhere):
            pushed.refresh()

    pushed.source.serving = NEW
    pushed.studio.meanwhile = refresh_too

    assert pushed.refresh() == 3
    pushed.check()


def test_decided_items_keep_the_drafts_they_were_decided_on(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)
    pushed.source.serving = NEW

    assert pushed.refresh() == 2
    assert pushed.item().state == State.DECIDED
    assert len(pushed.studio.tasks[pushed.task()].predictions) == 1


def test_a_version_that_moves_on_while_it_drafts_is_shown_next_time(pushed: Scene) -> None:
    pushed.source.serving, pushed.source.answers_with = "t1-g0.1", "t2-g0.1"
    with pytest.raises(VersionLoading):
        pushed.refresh()
    pushed.source.serving = "t2-g0.1"

    pushed.refresh()

    pushed.check()
    assert shown_versions(pushed) == {"t2-g0.1"}


def test_an_open_task_shows_a_renamed_tag_whatever_name_the_draft_holds(pushed: Scene) -> None:
    library = pushed.queue.catalog.library
    assert library is not None
    rename(library.tags.get(name="gift"), "Gift idea")
    pushed.source.serving = NEW  # it drafts "gift" still

    pushed.refresh()

    shown = pushed.studio.tasks[pushed.task()].predictions[-1]
    assert shown.result[1]["value"] == {"choices": ["Gift idea"]}
    (project,) = pushed.studio.projects.values()
    assert 'value="Gift idea"' in project.label_config
