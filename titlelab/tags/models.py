"""TagLibrary and Tag: the allowed tags, with aliases and groups."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from ml_backend.contract import library_file
from ml_backend.errors import BadRequest


def require_folder_name(key: str) -> None:
    """Refuse a key that can be no folder's name, as a slug still may; raises ValidationError."""
    try:
        library_file(Path(), key)
    except BadRequest as e:
        raise ValidationError(str(e)) from e


class TagLibrary(models.Model):
    """The tags that catalogs choose from.

    revision grows with every change of an active tag; it stands in the version that Label Studio is told, so that
    open tasks get new drafts.
    """

    key = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=10, default="en")
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = "tag libraries"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a key that can be no folder's name."""
        require_folder_name(self.key)


class Tag(models.Model):
    """One allowed tag."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        RETIRED = "retired"

    library = models.ForeignKey(TagLibrary, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)
    group = models.CharField(max_length=100, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    history = HistoricalRecords()

    class Meta:
        ordering = ["library", "group", "name"]
        constraints = [
            models.UniqueConstraint(fields=["library", "name"], name="a_tag_stands_once_in_its_library"),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
