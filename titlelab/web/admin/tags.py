"""Tag libraries and tags; every change is published and brought to the queues' labeling configs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from tasks.label_studio import provision_queue
from titlelab.errors import BadFile
from titlelab.review.models import ReviewQueue
from titlelab.tags.loading import check_words, load_library
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed, publish
from titlelab.web.admin.lines import Lines
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.uploading import TakesFile
from titlelab.web.ringing import ring

State = Tag.State


def spread(request: HttpRequest, libraries: Iterable[TagLibrary]) -> None:
    """Give changed libraries their next revision, and their queues in Label Studio the new labeling config."""
    for library in libraries:
        changed(library)
        _reconfigure(request, library)


def _reconfigure(request: HttpRequest, library: TagLibrary) -> None:
    for queue_id in ReviewQueue.objects.filter(catalog__library=library).values_list("pk", flat=True):
        ring(request, provision_queue, queue_id)


@admin.register(TagLibrary)
class TagLibraryAdmin(TakesFile):
    list_display = ["name", "key", "language", "revision", "n_active"]
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
        if request.user.has_perm(self.file_permission):
            add = f"{reverse('admin:tags_tag_add')}?library={row.pk}"
            found = [
                Link(label="Upload tags", url=self.url("upload", row.pk), icon="upload_file"),
                *found,
                Link(label="Add a tag", url=add, icon="add"),
            ]
        return found

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
    aliases = Lines(help_text="Other words for it, one a line: a new tag is found by them before it is learnt.")

    class Meta:
        model = Tag
        fields = ["library", "name", "group", "aliases", "state"]

    def clean(self) -> dict[str, Any]:
        """Hold a tag that is typed to what a file's tags are held to."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            check_words([told.get("name", ""), told.get("group", ""), *told.get("aliases", ())])
        except BadFile as e:
            raise forms.ValidationError(str(e)) from e
        twin = Tag.objects.filter(library=told.get("library"), name__iexact=told.get("name", "")).first()
        if twin and self.instance.pk is None:
            raise forms.ValidationError(f"“{twin}” is in this library already.")
        return told


@admin.register(Tag)
class TagAdmin(SimpleHistoryAdmin, OneClick):
    form = TagForm
    list_display = ["name", "group", "library", "state_label", "alias_list"]
    list_filter = [("library", RelatedDropdownFilter), "state", "group"]
    list_filter_submit = True
    list_select_related = ["library"]
    search_fields = ["name", "group", "aliases"]
    clicks: ClassVar = ["activate", "retire"]

    @display(
        description="state", ordering="state", label={"active": "success", "proposed": "info", "retired": "warning"}
    )
    def state_label(self, tag: Tag) -> tuple[str, str]:
        return tag.state, tag.get_state_display()

    @display(description="aliases")
    def alias_list(self, tag: Tag) -> str:
        return ", ".join(tag.aliases)

    def get_readonly_fields(self, request: HttpRequest, obj: Tag | None = None) -> list[str]:
        return ["library", "name"] if obj else []  # Decisions and taggers know a tag by its name

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

    @click("Activate", permission="tags.change_tag", icon="check_circle", hint="annotators may choose it")
    def activate(self, request: HttpRequest, tag: Tag) -> str:
        return self._move(request, tag, State.ACTIVE)

    @click("Retire", permission="tags.change_tag", icon="do_not_disturb_on", hint="past Decisions keep it")
    def retire(self, request: HttpRequest, tag: Tag) -> str:
        return self._move(request, tag, State.RETIRED)

    def _move(self, request: HttpRequest, tag: Tag, state: Tag.State) -> str:
        if tag.state == state:
            return f"“{tag}” is {state.label.lower()} already."
        tag.state = state
        tag.save(update_fields=["state"])
        spread(request, [tag.library])
        return f"“{tag}” is {state.label.lower()}; {tag.library} has revision {tag.library.revision} now."
