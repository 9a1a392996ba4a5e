"""Channels and their dated policies."""

from django import forms
from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter

from titlelab.channels.models import Channel, ChannelPolicy
from titlelab.web.admin.lines import Lines


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    banned_words = Lines()

    class Meta:
        model = ChannelPolicy
        fields = [
            "channel", "valid_from", "max_length", "length_unit", "banned_words", "banned_characters", "max_repeats",
            "source",
        ]  # fmt: skip


class PolicyInline(TabularInline):
    model = ChannelPolicy
    fields = ["valid_from", "max_length", "length_unit", "max_repeats", "source"]
    extra = 0
    show_change_link = True


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ["name", "key"]
    search_fields = ["name", "key"]
    inlines = [PolicyInline]


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(SimpleHistoryAdmin, ModelAdmin):
    form = PolicyForm
    list_display = ["channel", "valid_from", "max_length", "length_unit", "max_repeats", "source"]
    list_filter = [("channel", RelatedDropdownFilter), "length_unit"]
    list_filter_submit = True
    list_select_related = ["channel"]
    search_fields = ["channel__name", "source"]
