"""Catalog, Taxonomy and Product: what is sold; ImportRun and RefusedRow: what became of a file."""

from django.db import models
from django.utils.translation import gettext as _

from titlelab.channels.models import Channel
from titlelab.languages.sentences import said
from titlelab.tags.models import TagLibrary, require_folder_name


class Catalog(models.Model):
    """A set of products in one language for one channel."""

    key = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=10, default="en", help_text="A tag such as en or zh.")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="catalogs")
    library = models.ForeignKey(TagLibrary, on_delete=models.PROTECT, related_name="catalogs", null=True, blank=True)
    promotes_by_hand = models.BooleanField(
        default=False, help_text="A version that passes the gate waits for an admin's click."
    )
    asks_for_category = models.BooleanField(
        default=False,
        help_text="Annotators also choose each product's category, pre-filled by a model, among those of its products.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a key that can be no folder's name."""
        require_folder_name(self.key)


class Taxonomy(models.Model):
    """The category paths that a catalog's products may stand under, as last gathered: lists of names from the root.

    revision grows with every change; it stands in the version that Label Studio is told, so that open tasks get new
    drafts.
    """

    catalog = models.OneToOneField(Catalog, on_delete=models.CASCADE, related_name="taxonomy")
    revision = models.PositiveIntegerField(default=1)
    paths = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "taxonomies"

    def __str__(self) -> str:
        return _("categories of %(catalog)s") % {"catalog": self.catalog}


class Product(models.Model):
    """One product as the shop last told it.

    attributes is a list of [name, value] pairs in the shop's order. content_hash changes with any told field.
    has_good_title says whether the shop's own title passes the rules in ml_backend/rules/good_titles.py, so that
    models may learn from it.
    """

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="products")
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=1000, blank=True)
    description = models.TextField(blank=True)
    brand = models.CharField(max_length=200, blank=True)
    category = models.JSONField(default=list, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    image_url = models.CharField(max_length=1000, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    content_hash = models.CharField(max_length=32, editable=False)
    has_good_title = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["catalog", "sku"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "sku"], name="a_sku_stands_once_in_its_catalog"),
            models.CheckConstraint(condition=~models.Q(sku=""), name="a_product_has_a_sku"),
        ]
        indexes = [
            models.Index(fields=["catalog", "has_good_title"]),
            models.Index(fields=["catalog", "changed_at", "id"], name="product_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.title}".strip()


class ImportRun(models.Model):
    """What becomes of one file, from its upload to its last row.

    layout and targets say how the file is read (titlelab/catalog/layouts.py, mapping.py). A run at work is held by a
    worker by its lease_token until lease_until; n_read rows are committed, so that another worker goes on behind them.
    examples holds what a dry run found: {"new": [...], "changed": [...]}.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "waits for its columns to be confirmed"
        CHECKING = "checking", "dry run"
        CHECKED = "checked", "dry run done: waits for the start"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped", "stopped by hand"

    catalog = models.ForeignKey(Catalog, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    layout = models.JSONField(default=dict, blank=True)
    targets = models.JSONField(default=dict, blank=True, help_text="Which column tells which field.")
    n_rows = models.PositiveIntegerField(null=True, blank=True, help_text="In the file, once it was read to its end.")
    n_read = models.PositiveIntegerField(default=0)
    n_new = models.PositiveIntegerField(default=0)
    n_changed = models.PositiveIntegerField(default=0)
    n_same = models.PositiveIntegerField(default=0)
    n_refused = models.PositiveIntegerField(default=0)
    examples = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, help_text="Why the whole file was refused, or the import ended early.")
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name} → {self.catalog}"


class RefusedRow(models.Model):
    """A row that was not imported, and why; line counts from 1 in the file, column is "" for the whole row."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refused_rows")
    line = models.PositiveIntegerField()
    sku = models.CharField(max_length=100, blank=True)
    column = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["run", "line"]

    def __str__(self) -> str:
        return _("line %(line)s: %(reason)s") % {"line": self.line, "reason": said(self.reason)}
