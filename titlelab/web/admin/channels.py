"""Channels, their dated policies, and the phrases that no title of theirs may hold."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter

from titlelab.channels.models import Channel, ChannelPolicy, PhraseList
from titlelab.web.admin.lines import Lines
from titlelab.web.admin.scoping import Scoped


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    banned_words = Lines()

    class Meta:
        model = ChannelPolicy
        fields = [
            "channel", "valid_from", "max_length", "length_unit", "banned_words", "banned_characters", "max_repeats",
            "bans_shouting", "source",
        ]  # fmt: skip


class PhrasesForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    phrases = Lines(
        help_text=_lazy("One a line; {n} stands for any number, as in {n}% off. Latin words are found whole.")
    )
    exceptions = Lines(
        help_text=_lazy("One a line: longer phrases in which one of those above is honest, as 第一 is in 第一次.")
    )

    class Meta:
        model = PhraseList
        fields = ["key", "name", "channels", "phrases", "exceptions", "source"]


class PolicyInline(TabularInline):
    model = ChannelPolicy
    fields = ["valid_from", "max_length", "length_unit", "max_repeats", "source"]
    extra = 0
    show_change_link = True


@admin.register(Channel)
class ChannelAdmin(Scoped):
    list_display = ["name", "key"]
    search_fields = ["name", "key"]
    inlines = [PolicyInline]


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(SimpleHistoryAdmin, Scoped):
    form = PolicyForm
    list_display = ["channel", "valid_from", "max_length", "length_unit", "max_repeats", "source"]
    list_filter = [("channel", RelatedDropdownFilter), "length_unit"]
    list_filter_submit = True
    list_select_related = ["channel"]
    search_fields = ["channel__name", "source"]


@admin.register(PhraseList)
class PhraseListAdmin(SimpleHistoryAdmin, Scoped):
    form = PhrasesForm
    list_display = ["name", "key", "where", "n_phrases"]
    filter_horizontal = ["channels"]
    search_fields = ["name", "key", "phrases"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhraseList]:
        rows: QuerySet[PhraseList] = super().get_queryset(request)
        return rows.prefetch_related("channels")

    @admin.display(description="Channels")
    def where(self, phrases: PhraseList) -> str:
        return ", ".join(channel.name for channel in phrases.channels.all())

    @admin.display(description="Phrases")
    def n_phrases(self, phrases: PhraseList) -> int:
        return len(phrases.phrases)
