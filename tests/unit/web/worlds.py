"""Everything of one catalog, with a mark in each name, for tests of who sees what."""

from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client

from tests.factories import (
    NOW,
    make_catalog,
    make_decision,
    make_draft,
    make_item,
    make_library,
    make_product,
    make_queue,
    make_run,
    make_token,
    make_version,
)
from titlelab.alerts.models import Alert, AlertRule
from titlelab.catalog.models import Catalog, ImportRun, RefusedRow
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.people.models import CatalogAccess, LabelStudioAccount
from titlelab.quality.models import QualitySnapshot, Suggestion
from titlelab.quality.recording import record_measures
from titlelab.review.models import SecondLook
from titlelab.tags.models import Tag, TagProposal

World = dict[str, Model]


def make_world(mark: str) -> World:
    """Make a catalog with a row of everything that belongs to one; returns the rows by their model's label."""
    library = make_library(name=f"{mark} tags", key=f"{mark}-tags", tags=[f"{mark}-tag"])
    catalog = make_catalog(name=f"{mark} shop", key=f"{mark}-shop", library=library)
    product = make_product(catalog=catalog, sku=f"{mark}-1", title=f"{mark} bottle", brand=mark)
    queue = make_queue(catalog=catalog, name=f"{mark} queue")
    draft = make_draft(product=product, title=f"{mark} draft", tags=[f"{mark}-tag"])
    item = make_item(draft=draft, queue=queue)
    run = ImportRun.objects.create(catalog=catalog, file_name=f"{mark}.csv", state=ImportRun.State.DONE)
    RefusedRow.objects.create(run=run, line=2, sku=f"{mark}-2", reason="is not a number")
    project = Project.objects.create(queue=queue, project_id=1000 + catalog.pk)
    decision = make_decision(item=item, draft=draft, person=f"{mark}@shop.example")
    rows = [
        *(library, library.tags.get(), catalog, product, queue, draft, item, run, project),
        decision,
        SecondLook.objects.create(decision=decision, verdict="accepted", person=f"{mark}-reviewer", looked_at=NOW),
        item.showings.get(),
        _proposal(catalog, mark),
        make_run(scope=catalog.key, message=mark),
        make_version(scope=catalog.key, number=1, run=make_run(scope=catalog.key, number=1)),
        Task.objects.create(item=item, project=project, task_id=10_000 + catalog.pk),
        InboxEvent.objects.create(
            action="ANNOTATION_CREATED",
            body={"project": project.project_id, "tasks": [], "annotations": []},
            state="failed",
            problem=mark,
        ),
        QualitySnapshot.objects.create(catalog=catalog, version=f"{mark}-g1", n=1, n_accepted=1, n_rejected=0),
        _suggestion(catalog, mark),
        _alert(catalog, mark),
        AlertRule.objects.create(kind="run_failed", catalog=catalog, mail_also=[f"{mark}@shop.example"]),
    ]
    person = make_person("Annotator", [catalog], name=f"{mark}@shop.example")
    account = LabelStudioAccount.objects.create(user=person, email=person.username)
    token, _ = make_token(f"{mark} system", [catalog], made_by=person, rights=["read"])
    record_measures()
    return {row._meta.label_lower: row for row in (*rows, person, account, token)}


def make_person(role: str, catalogs: list[Catalog], *, name: str = "me@shop.example") -> User:
    """Make somebody of a role in some catalogs."""
    person = User.objects.create(username=name, email=name, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    CatalogAccess.objects.bulk_create(CatalogAccess(user=person, catalog=catalog) for catalog in catalogs)
    return person


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _alert(catalog: Catalog, mark: str) -> Alert:
    data = {"method": "template", "scope": catalog.key, "run_id": 1, "n": 1, "reason": mark}
    return Alert.objects.create(
        kind="run_failed", catalog=catalog, subject=f"template {mark}", data=data, opened_at=NOW, last_seen_at=NOW
    )


def _suggestion(catalog: Catalog, mark: str) -> Suggestion:
    counts = {"n_decisions": 3, "n_products": 3, "n_people": 1, "n_titles": 9}
    return Suggestion.objects.create(catalog=catalog, sort="banned", word=f"{mark} word", found_at=NOW, **counts)


def _proposal(catalog: Catalog, mark: str) -> TagProposal:
    library = catalog.library
    assert library is not None
    phrase = Tag.objects.create(library=library, name=f"{mark}-phrase", state=Tag.State.PROPOSED)
    return TagProposal.objects.create(
        tag=phrase, n_products=7, n_suggestions=1, score=3.5, examples=[[f"{mark}-1", mark]],
        nearest=[[f"{mark}-tag", 0.5]], found_at=NOW,
    )  # fmt: skip
