"""Catalogs with their products and imports; from here a catalog is imported, asked about, trained on, exported."""

from pathlib import Path
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from tasks.label_studio import provision_queue
from tasks.scoring import fill_queue
from tasks.training import execute_training_run
from titlelab.catalog.models import Catalog, Product
from titlelab.catalog.storing import store_upload
from titlelab.errors import NotPossibleNow
from titlelab.people.models import CatalogAccess
from titlelab.people.rights import may
from titlelab.review.categories import follow_categories
from titlelab.review.exporting import accepted
from titlelab.review.formats import FORMATS
from titlelab.review.models import ReviewQueue
from titlelab.training.models import TrainingRun
from titlelab.training.starting import start_run
from titlelab.web.admin.ledger import LongLedger
from titlelab.web.admin.one_click import Link, click
from titlelab.web.admin.tables import table
from titlelab.web.admin.uploading import TakesFile
from titlelab.web.ringing import ring

Method = TrainingRun.Method
MAY_TRAIN = "training.add_trainingrun"
MINUTES = f"up to {settings.TITLER_TRAINING_MINUTES:g} minutes, and some more to measure"
MAY_EXPORT = "review.view_decision"
EXPORTS = (("csv", "CSV"), ("jsonl", "JSON Lines"), ("parquet", "Parquet"), ("xml", "Google feed"))
MIME = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xml": "application/xml",
}


@admin.register(Catalog)
class CatalogAdmin(TakesFile):
    list_display = ["name", "key", "language", "channel", "library", "promotes_by_hand", "created_at"]
    list_filter = [("channel", RelatedDropdownFilter), ("library", RelatedDropdownFilter), "language"]
    list_filter_submit = True
    list_select_related = ["channel", "library"]
    search_fields = ["name", "key"]
    prepopulated_fields = {"key": ["name"]}
    file_permission = "catalog.add_product"
    file_title = "Import products"
    file_endings = ".csv,.tsv,.txt,.jsonl,.ndjson,.parquet,.xlsx,.gz"
    file_help_template = "titlelab/help/products.html"
    clicks: ClassVar = ["make_queue", "train_quick", "train_full", "train_tagger", "train_categorizer"]

    def get_readonly_fields(self, request: HttpRequest, obj: Catalog | None = None) -> list[str]:
        return ["key"] if obj else []  # model folders and tasks in Label Studio carry it

    def get_prepopulated_fields(self, request: HttpRequest, obj: Catalog | None = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("<int:row_id>/export/<slug:ending>/", view, name=self.url_name("export")), *super().get_urls()]

    def links(self, request: HttpRequest, row: Catalog) -> list[Link]:
        products = f"{reverse('admin:catalog_product_changelist')}?catalog__id__exact={row.pk}"
        found = [Link(label="Products", url=products, icon="inventory_2")]
        if request.user.has_perm(self.file_permission):
            found.insert(0, Link(label="Import a file", url=self.url("upload", row.pk), icon="upload_file"))
        if request.user.has_perm(MAY_EXPORT):
            found += [
                Link(label=f"Export {label}", url=self.url("export", row.pk, ending), icon="download")
                for ending, label in EXPORTS
            ]
        return found

    def save_model(self, request: HttpRequest, obj: Catalog, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            CatalogAccess.objects.get_or_create(user=cast("User", request.user), catalog=obj)
        follow_categories()
        for queue in obj.queues.all():  # another library, or a category, is another labeling config
            ring(request, provision_queue, queue.pk)

    def take(self, request: HttpRequest, row: Catalog, file: Path) -> tuple[str, str]:
        run = store_upload(row, file, file_name=file.name)
        sentence = f"{file.name} is uploaded; nothing of it is imported yet."
        return sentence, reverse("admin:catalog_importrun_columns", args=[run.pk])

    def export_view(self, request: HttpRequest, row_id: int, ending: str) -> StreamingHttpResponse:
        if not request.user.has_perm(MAY_EXPORT):
            raise PermissionDenied
        if ending not in FORMATS:
            raise Http404(f"There is no export as {ending}.")
        catalog = self.row(request, row_id)
        response = StreamingHttpResponse(FORMATS[ending](accepted(catalog)), content_type=MIME[ending])
        response["Content-Disposition"] = f'attachment; filename="{catalog.key}-accepted.{ending}"'
        return response

    @click("Make a review queue", permission="review.add_reviewqueue", icon="playlist_add")
    def make_queue(self, request: HttpRequest, catalog: Catalog) -> str:
        queue = ReviewQueue.objects.create(name=_free_name(catalog), catalog=catalog)
        ring(request, provision_queue, queue.pk)
        ring(request, fill_queue, queue.pk)
        url = reverse("admin:review_reviewqueue_change", args=[queue.pk])
        return format_html(
            _('The queue <a class="tl-link" href="{}">{}</a> is made; it is set up in Label Studio and filled now.'),
            url,
            queue,
        )

    @click(
        "Train titles (quick)",
        permission=MAY_TRAIN,
        icon="model_training",
        hint="takes seconds, minutes for thousands of good titles",
    )
    def train_quick(self, request: HttpRequest, catalog: Catalog) -> str:
        return _started(request, Method.ENSEMBLE, catalog.key)

    @click("Train titles (full)", permission=MAY_TRAIN, icon="psychology", hint="takes minutes")
    def train_full(self, request: HttpRequest, catalog: Catalog) -> str:
        return format_html(_("{} It takes {}."), _started(request, Method.FULL_ENSEMBLE, catalog.key), MINUTES)

    @click("Train tags", permission=MAY_TRAIN, icon="label", hint="seconds")
    def train_tagger(self, request: HttpRequest, catalog: Catalog) -> str:
        if catalog.library is None:
            raise NotPossibleNow(f"{catalog} has no tag library: choose one below, or make one under Tag libraries.")
        if not may(request.user, MAY_TRAIN, catalog.library):
            raise NotPossibleNow(f"{catalog.library} serves other catalogs too: ask who works on all of them.")
        return _started(request, Method.TAGGER, catalog.library.key)

    @click("Train categories", permission=MAY_TRAIN, icon="account_tree", hint="seconds")
    def train_categorizer(self, request: HttpRequest, catalog: Catalog) -> str:
        return _started(request, Method.CATEGORIZER, catalog.key)


def _started(request: HttpRequest, method: str, scope: str) -> SafeString:
    run = start_run(method, scope)
    ring(request, execute_training_run, run.pk)
    url = reverse("admin:training_trainingrun_change", args=[run.pk])
    return format_html(_('A training run is queued: <a class="tl-link" href="{}">{}</a>.'), url, run)


def _free_name(catalog: Catalog) -> str:
    """Name the queue after its catalog, numbered from the second on."""
    taken = set(ReviewQueue.objects.values_list("name", flat=True))
    numbered = (f"{catalog.name[:44]} {n}" for n in range(2, len(taken) + 3))
    return next(name for name in (catalog.name[:50], *numbered) if name not in taken)


@admin.register(Product)
class ProductAdmin(LongLedger):
    """Products come by import; what is wrong in one is mended at its source and imported again."""

    list_display = ["sku", "title", "brand", "catalog", "has_good_title", "changed_at"]
    list_filter = [("catalog", RelatedDropdownFilter), "has_good_title", ("changed_at", RangeDateTimeFilter)]
    list_select_related = ["catalog"]
    search_fields = ["sku", "title", "brand"]
    ordering = ["catalog_id", "sku"]  # as an index has them; by the catalogs' names all products would be sorted
    fields = [
        "catalog", "sku", "title", "has_good_title", "description", "brand", "category_path", "attribute_table",
        "image_url", "price", "currency", "created_at", "changed_at", "content_hash",
    ]  # fmt: skip
    readonly_fields = ["category_path", "attribute_table"]

    @display(description="category")
    def category_path(self, product: Product) -> str:
        return " › ".join(product.category)

    @display(description="attributes")
    def attribute_table(self, product: Product) -> str:
        return table(["attribute", "value"], product.attributes)
