"""A form field for a list of words, one a line; the database keeps a JSON list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _lazy
from unfold.widgets import UnfoldAdminTextareaWidget


class Lines(forms.CharField):
    """Each line is one entry; empty lines and repeats are dropped."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "strip": False, "help_text": _lazy("One a line."), **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.clean(data))
