"""CatalogAccess: which catalogs a person works on; LabelStudioAccount: who a person is there; ApiToken: other systems.

ChosenLanguage is what a person reads. What a person may do there is told by the groups of roles.py.
"""

import datetime as dt

from django.conf import settings
from django.db import models

from titlelab.catalog.models import Catalog


class CatalogAccess(models.Model):
    """That a person works on a catalog; who may see every catalog needs none."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="catalog_accesses")
    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="accesses")

    class Meta:
        verbose_name_plural = "catalog accesses"
        ordering = ["user", "catalog"]
        constraints = [
            models.UniqueConstraint(fields=["user", "catalog"], name="a_person_is_let_into_a_catalog_once"),
        ]
        permissions = [
            ("see_every_catalog", "Sees every catalog, those to come too"),
            ("invite_person", "Invites people to own catalogs and deactivates them"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.catalog}"


class LabelStudioAccount(models.Model):
    """A person's account in Label Studio: the record of what is still to be done there, see settling.py.

    secret_seed makes the initial password, which is stored nowhere, until it was shown; "" from then on, and where the
    account stood in Label Studio before the person was invited. label_studio_id is Label Studio's.
    """

    class State(models.TextChoices):
        WANTED = "wanted", "to be made"
        OPEN = "open", "can sign in"
        CLOSED = "closed", "deactivated"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="label_studio_account")
    email = models.EmailField(unique=True)
    label_studio_id = models.PositiveBigIntegerField(null=True, blank=True, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    secret_seed = models.CharField(max_length=64, blank=True, editable=False)
    problem = models.CharField(max_length=500, blank=True)
    invited_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "Label Studio account"
        ordering = ["email"]

    def __str__(self) -> str:
        return self.email


class ApiToken(models.Model):
    """A key for another system: to some catalogs, with some rights, never more than whoever made it has today.

    digest is the SHA-256 of what is sent, prefix its beginning, by which people know it; see tokens.py. expires_at of
    None: it holds until it is revoked. n_in_window counts the requests since window_began_at, for the rate limit.
    """

    class Right(models.TextChoices):
        READ = "read"
        WRITE = "write"
        DRAFT = "draft"

    name = models.CharField(max_length=100, help_text="Which system uses it.")
    prefix = models.CharField(max_length=20, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    catalogs = models.ManyToManyField(Catalog, related_name="api_tokens")
    may_read = models.BooleanField(default=False, help_text="Products, accepted titles, tags and Decisions.")
    may_write = models.BooleanField(default=False, help_text="Creates and changes products.")
    may_draft = models.BooleanField(default=False, help_text="Has titles and tags drafted at once.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it holds until it is revoked.")
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    window_began_at = models.DateTimeField(null=True, editable=False)
    n_in_window = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(may_read=True) | models.Q(may_write=True) | models.Q(may_draft=True),
                name="a_token_may_do_something",
                violation_error_message="Give the token at least one right.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def rights(self) -> list[str]:
        return [right for right in self.Right.values if getattr(self, f"may_{right}")]

    def is_live(self, now: dt.datetime) -> bool:
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not is_over and self.made_by.is_active


class ChosenLanguage(models.Model):
    """The language that a person chose to read the admin in, as Django calls it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chosen_language")
    language = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"{self.user}: {self.language}"
