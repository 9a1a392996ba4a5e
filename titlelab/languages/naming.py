"""Translates what models, fields, choices and admin columns are called, in one place, by their own English words.

A field is declared in English and nothing else; migrations know the English alone, for they are made without any
translation.
"""

from collections.abc import Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Choices, Model
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

NAMES: set[str] = set()  # every English word that was given away for translation; the catalog holds them all
OURS = "titlelab."
HALF_NAMED = ("django_celery_beat", "django.contrib.auth")  # libraries that leave some names unmarked
HISTORICAL = "historical "


def named(text: "str | StrPromise") -> "str | StrPromise":
    """Return the text in the language of whoever reads it, and have the catalog hold it."""
    if not text or isinstance(text, Promise):
        return text
    NAMES.add(text)
    return gettext_lazy(text)


def name_everything() -> None:
    """Let our models and our pages of the admin be read in two languages; called once, when Django is ready."""
    for config in apps.get_app_configs():
        for model in config.get_models(include_auto_created=True):
            if config.name.startswith(OURS):
                _name_model(model)
            elif config.name in HALF_NAMED:
                _name_unmarked(model)
        if config.name.startswith(OURS):
            config.verbose_name = named(str(config.verbose_name))
    for page in admin.site._registry.values():
        for kind in (type(page), *page.inlines):
            _name_columns(kind)


def _name_model(model: type[Model]) -> None:
    options: Any = model._meta
    options.verbose_name_plural = _model_name(str(options.verbose_name_plural))  # Django puts an s to the name
    _name_unmarked(model)
    for kind in vars(model).values():
        if isinstance(kind, type) and issubclass(kind, Choices):
            _name_choices(kind)
    for field in _fields(model):
        if field.choices:
            field.choices = [(value, named(label)) for value, label in field.flatchoices]
    for constraint in options.constraints:
        constraint.violation_error_message = named(constraint.violation_error_message)


def _name_unmarked(model: type[Model]) -> None:
    """Name what was not marked for translation where it was declared."""
    options: Any = model._meta
    options.verbose_name = _model_name(options.verbose_name)
    options.verbose_name_plural = named(options.verbose_name_plural)
    for field in _fields(model):
        field.verbose_name = named(field.verbose_name)
        field.help_text = named(field.help_text)


def _fields(model: type[Model]) -> list[Any]:
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


def _model_name(text: "str | StrPromise") -> "str | StrPromise":
    """Return the name; that of a history's model is made of the model's own."""
    if str(text).startswith(HISTORICAL):
        return format_lazy(named("historical {name}"), name=named(str(text).removeprefix(HISTORICAL)))
    return named(text)


def _name_choices(kind: Iterable[Any]) -> None:
    for member in kind:
        member._label_ = named(member._label_)


def _name_columns(page: type) -> None:
    """Translate the headings of a page's computed columns, where they are ours."""
    for attribute in dir(page):
        column = getattr(page, attribute, None)
        if isinstance(column, FunctionType) and column.__module__.startswith("titlelab."):
            heading = getattr(column, "short_description", None)
            if isinstance(heading, str):
                column.short_description = named(heading)  # type: ignore[attr-defined] # as Django's @display does
