"""Tag libraries and tags; every change is published and brought to the queues' labeling configs."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import gettext_noop as _noop
from simple_history.admin import SimpleHistoryAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from tasks.label_studio import provision_queue, refresh_open_tasks
from tasks.proposing import search_for_tags
from titlelab.errors import BadFile, NotPossibleNow
from titlelab.languages.sentences import said
from titlelab.people.rights import may
from titlelab.review.models import ReviewQueue
from titlelab.tags.loading import check_words, load_library
from titlelab.tags.models import Tag, TagLibrary, TagProposal
from titlelab.tags.proposing import accept, refuse
from titlelab.tags.publishing import active_tags, changed, publish
from titlelab.tags.renaming import merge, rename
from titlelab.web.admin.asking import Asks, Question
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.lines import Lines
from titlelab.web.admin.one_click import Link, click
from titlelab.web.admin.tables import table
from titlelab.web.admin.uploading import TakesFile
from titlelab.web.ringing import ring

State = Tag.State
MAY = "tags.change_tag"
STATE_LABELS = {"active": "success", "proposed": "info", "retired": "warning", "refused": "warning", "moved": "primary"}


def spread(request: HttpRequest, libraries: Iterable[TagLibrary]) -> None:
    """Give changed libraries their next revision, and their queues in Label Studio the new labeling config."""
    for library in libraries:
        changed(library)
        _reconfigure(request, library)


def _reconfigure(request: HttpRequest, library: TagLibrary) -> None:
    for queue_id in ReviewQueue.objects.filter(catalog__library=library).values_list("pk", flat=True):
        ring(request, provision_queue, queue_id)
        ring(request, refresh_open_tasks, queue_id)


def _another_tag(row: Tag | TagProposal) -> forms.ModelChoiceField:  # type: ignore[type-arg] # generic in the stubs alone
    tag = row if isinstance(row, Tag) else row.tag
    others = active_tags(tag.library).exclude(pk=tag.pk)
    return forms.ModelChoiceField(others, widget=UnfoldAdminSelectWidget())


def _merged(request: HttpRequest, tag: Tag, into: Tag) -> str:
    merge(tag, into)
    _reconfigure(request, tag.library)
    return f"“{tag}” is “{into}” from now on, in past Decisions too."


def _rename(request: HttpRequest, tag: Tag, name: str) -> str:
    old = tag.name
    rename(tag, name)
    _reconfigure(request, tag.library)
    return f"“{old}” is called “{tag}” now; past Decisions count for it, and the old name is an alias."


@admin.register(TagLibrary)
class TagLibraryAdmin(TakesFile):
    clicks: ClassVar = ["search"]
    list_display = ["name", "key", "language", "promotes_by_hand", "revision", "n_active"]
    list_filter = ["language"]
    search_fields = ["name", "key"]
    prepopulated_fields = {"key": ["name"]}
    file_permission = "tags.add_tag"
    file_title = "Upload tags"
    file_endings = ".csv,.json"
    file_help_template = "titlelab/help/tags.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TagLibrary]:
        rows: QuerySet[TagLibrary] = super().get_queryset(request)
        return rows.annotate(n_active=Count("tags", filter=Q(tags__state=State.ACTIVE)))

    @display(description="active tags", ordering="n_active")
    def n_active(self, library: Any) -> int:
        return int(library.n_active)

    def get_readonly_fields(self, request: HttpRequest, obj: TagLibrary | None = None) -> list[str]:
        return ["key", "revision", "n_active"] if obj else []  # the published file and the tagger carry the key

    def get_prepopulated_fields(self, request: HttpRequest, obj: TagLibrary | None = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def links(self, request: HttpRequest, row: TagLibrary) -> list[Link]:
        tags = f"{reverse('admin:tags_tag_changelist')}?library__id__exact={row.pk}"
        found = [Link(label="Tags", url=tags, icon="sell")]
        if n := row.tags.filter(state=State.PROPOSED).count():
            proposed = f"{reverse('admin:tags_tagproposal_changelist')}?tag__library__id__exact={row.pk}"
            found.append(Link(label=f"Proposed tags: {n}", url=proposed, icon="new_label"))
        if may(request.user, self.file_permission, row):
            add = f"{reverse('admin:tags_tag_add')}?library={row.pk}"
            found = [
                Link(label="Upload tags", url=self.url("upload", row.pk), icon="upload_file"),
                *found,
                Link(label="Add a tag", url=add, icon="add"),
            ]
        return found

    @click("Search for new tags", permission=MAY, icon="search", hint="in descriptions and in what annotators missed")
    def search(self, request: HttpRequest, library: TagLibrary) -> str:
        ring(request, search_for_tags, library.pk)
        return f"What is said of the products of {library} is being searched; proposals stand here in a while."

    def save_model(self, request: HttpRequest, obj: TagLibrary, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: publish(obj))

    def take(self, request: HttpRequest, row: TagLibrary, file: Path) -> tuple[str, str]:
        before = row.revision
        library = load_library(file, key=row.key)
        _reconfigure(request, library)
        n = library.tags.filter(state=State.ACTIVE).count()
        what = f"revision {library.revision}" if library.revision != before else "nothing has changed"
        return f"{file.name} is read: {library} has {n} active tags, {what}.", self.url("change", row.pk)


class TagForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    aliases = Lines(help_text=_lazy("Other words for it, one a line: a new tag is found by them before it is learnt."))

    class Meta:
        model = Tag
        fields = ["library", "name", "group", "aliases", "state"]

    def clean(self) -> dict[str, Any]:
        """Hold a tag that is typed to what a file's tags are held to."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            check_words([told.get("name", ""), told.get("group", ""), *told.get("aliases", ())])
        except BadFile as e:
            raise forms.ValidationError(said(str(e))) from e
        twin = Tag.objects.filter(library=told.get("library"), name__iexact=told.get("name", "")).first()
        if twin and twin.state == State.MOVED and self.instance.pk is None:
            raise forms.ValidationError(said(f"“{twin}” is a former name of “{twin.moved_to}”."))
        if twin and self.instance.pk is None:
            raise forms.ValidationError(said(f"“{twin}” is in this library already."))
        return told


@admin.register(Tag)
class TagAdmin(SimpleHistoryAdmin, Asks):
    form = TagForm
    list_display = ["name", "group", "library", "state_label", "alias_list", "moved_to"]
    list_filter = [("library", RelatedDropdownFilter), "state", "group"]
    list_filter_submit = True
    list_select_related = ["library", "moved_to"]
    search_fields = ["name", "group", "aliases"]
    clicks: ClassVar = ["activate", "retire"]

    def get_form(self, request: HttpRequest, obj: Tag | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        form = super().get_form(request, obj, change=change, **kwargs)
        if "state" in form.base_fields:  # a page that may only be read has none
            form.base_fields["state"].choices = [(s.value, s.label) for s in State if s != State.MOVED]
        return form

    def has_change_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and (obj is None or obj.state != State.MOVED)

    def fitting(self, row: Tag) -> list[str]:
        if row.state == State.MOVED:
            return []
        return ["retire" if row.state == State.ACTIVE else "activate"]

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_label(self, tag: Tag) -> tuple[str, str]:
        return tag.state, tag.get_state_display()

    @display(description="aliases")
    def alias_list(self, tag: Tag) -> str:
        return ", ".join(tag.aliases)

    def get_readonly_fields(self, request: HttpRequest, obj: Tag | None = None) -> list[str]:
        return ["library", "name"] if obj else []  # a tag is renamed by its own page, which keeps the old name

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        spread(request, [obj.library])

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        super().delete_model(request, obj)
        spread(request, [obj.library])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        libraries = list(TagLibrary.objects.filter(tags__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        spread(request, libraries)

    @click("Activate", permission=MAY, icon="check_circle", hint="annotators may choose it")
    def activate(self, request: HttpRequest, tag: Tag) -> str:
        return self._move(request, tag, State.ACTIVE)

    @click("Retire", permission=MAY, icon="do_not_disturb_on", hint="past Decisions keep it")
    def retire(self, request: HttpRequest, tag: Tag) -> str:
        return self._move(request, tag, State.RETIRED)

    questions: ClassVar = {
        "rename": Question(
            label=_noop("Rename"),
            permission=MAY,
            icon="edit",
            help_text="Decisions and trained versions that know the old name count for the new one; the old name stays "
            "an alias. Open tasks follow.",
            field=lambda row: forms.CharField(max_length=100, initial=row.name, widget=UnfoldAdminTextInputWidget()),
            does=_rename,
            fits=lambda row: row.state != State.MOVED,
        ),
        "merge": Question(
            label="Merge into another tag",
            permission=MAY,
            icon="merge",
            help_text="The other tag takes over the name and the aliases, as aliases, and past Decisions count for it.",
            field=_another_tag,
            does=_merged,
            fits=lambda row: row.state != State.MOVED,
        ),
    }

    def _move(self, request: HttpRequest, tag: Tag, state: Tag.State) -> str:
        if tag.state == state:
            return f"“{tag}” is {state.label.lower()} already."
        if tag.state == State.MOVED:
            raise NotPossibleNow(f"“{tag}” is a former name of “{tag.moved_to}”.")
        tag.state = state
        tag.save(update_fields=["state"])
        spread(request, [tag.library])
        return f"“{tag}” is {state.label.lower()}; {tag.library} has revision {tag.library.revision} now."


def _short(label: str) -> str:
    """Return a state's name without what it means."""
    return re.split("[:：]", label)[0]


def _proposal_merged(request: HttpRequest, proposal: TagProposal, into: Tag) -> str:
    return _merged(request, proposal.tag, into)


@admin.register(TagProposal)
class TagProposalAdmin(Asks, Ledger):
    """Phrases that no tag covers: each is accepted, merged into a tag's aliases or refused."""

    list_display = ["name", "state_label", "n_products", "n_suggestions", "nearest_tags", "first_example", "library"]
    list_filter = ["tag__state", ("tag__library", RelatedDropdownFilter)]
    list_select_related = ["tag__library", "tag__moved_to"]
    search_fields = ["tag__name"]
    clicks: ClassVar = ["accept", "merge_into_nearest", "refuse"]
    fields = [
        "name", "library", "state", "n_products", "n_suggestions", "nearest_table", "example_table", "found_at",
    ]  # fmt: skip
    readonly_fields = ["name", "library", "state", "nearest_table", "example_table"]
    questions: ClassVar = {
        "merge": Question(
            label="Make it an alias of another tag",
            permission=MAY,
            icon="merge",
            help_text="The tag is found by this phrase from now on.",
            field=_another_tag,
            does=_proposal_merged,
            fits=lambda row: row.tag.state == State.PROPOSED,
        )
    }

    def fitting(self, row: TagProposal) -> list[str]:
        if row.tag.state != State.PROPOSED:
            return []
        return [name for name in self.clicks if row.nearest or name != "merge_into_nearest"]

    @display(description="phrase", ordering="tag__name")
    def name(self, proposal: TagProposal) -> str:
        return proposal.tag.name

    @display(description="library", ordering="tag__library")
    def library(self, proposal: TagProposal) -> TagLibrary:
        return proposal.tag.library

    @display(description="state", ordering="tag__state", label=STATE_LABELS)
    def state_label(self, proposal: TagProposal) -> tuple[str, str]:
        return proposal.tag.state, _short(proposal.tag.get_state_display())

    @display(description="state")
    def state(self, proposal: TagProposal) -> str:
        return _short(proposal.tag.get_state_display())

    @display(description="nearest tags")
    def nearest_tags(self, proposal: TagProposal) -> str:
        return ", ".join(name for name, _ in proposal.nearest) or _("none is near")

    @display(description="said of")
    def first_example(self, proposal: TagProposal) -> str:
        return proposal.examples[0][1] if proposal.examples else ""

    @display(description="nearest tags")
    def nearest_table(self, proposal: TagProposal) -> str:
        return table(["tag", "likeness"], [(name, f"{likeness:.0%}") for name, likeness in proposal.nearest])

    @display(description="said of")
    def example_table(self, proposal: TagProposal) -> str:
        return table(["product", "words"], proposal.examples)

    @click("Accept", permission=MAY, icon="check_circle", hint="annotators may choose it")
    def accept(self, request: HttpRequest, proposal: TagProposal) -> str:
        accept(proposal.tag)
        _reconfigure(request, proposal.tag.library)
        return f"“{proposal}” is a tag of {proposal.tag.library} now."

    @click("Alias of the nearest", permission=MAY, icon="merge", hint="the nearest tag is found by it from now on")
    def merge_into_nearest(self, request: HttpRequest, proposal: TagProposal) -> str:
        nearest = proposal.nearest[0][0] if proposal.nearest else ""
        into = active_tags(proposal.tag.library).filter(name=nearest).first()
        if into is None:
            raise NotPossibleNow(f"No active tag is near “{proposal}”: choose one on its page.")
        merge(proposal.tag, into)
        _reconfigure(request, proposal.tag.library)
        return f"“{proposal}” is an alias of “{into}” now."

    @click("Refuse", permission=MAY, icon="do_not_disturb_on", hint="it is not proposed again")
    def refuse(self, request: HttpRequest, proposal: TagProposal) -> str:
        refuse(proposal.tag)
        return f"“{proposal}” is refused and will not be proposed again."
