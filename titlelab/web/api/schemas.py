"""The shapes of what comes in and goes out, with examples; what a product may hold is judged by catalog/reading.py.

Plain models: ninja's own would read a body as an object with attributes, and take methods for values.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, Strict, StrictBool, StrictInt, WithJsonSchema

from titlelab.catalog.rows import LONGEST_CELL

Number = Annotated[Decimal, Strict(), WithJsonSchema({"type": "number"})]  # the parser makes no floats
AcceptedOutcome = Literal["accepted", "edited", "written"]
Outcome = Literal[AcceptedOutcome, "rejected"]
DecisionState = Literal["current", "superseded", "withdrawn", "sent_back"]
TagState = Literal["active", "retired", "moved"]
Cell = str | StrictBool | StrictInt | Number | None
Hash = Annotated[str, Field(max_length=32, examples=["4f2c9f0d7b1e4a56b1c2d3e4f5a6b7c8"])]
Cursor = Annotated[
    str,
    Field(description="Send it as `cursor` for what comes next. The last page's stays good: ask again later with it."),
]
PRODUCT: dict[str, Any] = {
    "title": "Bottle blue",
    "description": "A light steel bottle that keeps tea hot for a day.",
    "brand": "Norvik",
    "category": ["Outdoor", "Bottles"],
    "attributes": {"Colour": "blue", "Volume": "750 ml"},
    "image_url": "https://shop.example/bottle.jpg",
    "price": "19.90",
    "currency": "EUR",
}


class ProductIn(BaseModel):
    """A product as the shop tells it, as a whole: what is left out is empty.

    Text is cleaned as it is in files: HTML and invisible characters go, white space collapses.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [PRODUCT]})

    title: str = Field("", max_length=LONGEST_CELL["title"])
    description: str = Field("")  # catalog/reading.py refuses one that is too long, and tells
    brand: str = Field("", max_length=LONGEST_CELL["brand"])
    category: list[str] = Field(default_factory=list, description="From the root to the leaf.")
    attributes: dict[str, Cell | list[Cell]] = Field(default_factory=dict, description="In the shop's order.")
    image_url: str = Field("", max_length=LONGEST_CELL["image_url"])
    price: str | StrictInt | Number | None = None
    currency: str = Field("", max_length=LONGEST_CELL["currency"])
    if_content_hash: Hash | None = Field(
        None,
        description='Write only if the product is as you last read it: its content_hash, or "" if it was none yet.',
    )


class BatchProductIn(ProductIn):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sku": "A-1001", **PRODUCT}]})

    sku: str = Field(max_length=LONGEST_CELL["sku"])


class BatchIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    products: list[BatchProductIn] = Field(min_length=1, max_length=settings.API_MOST_PRODUCTS)


class UpsertedOut(BaseModel):
    """What became of one product; nothing is written of one that is refused."""

    sku: str = Field(examples=["A-1001"])
    became: Literal["new", "changed", "same"]
    content_hash: Hash


class BatchEntryOut(BaseModel):
    """What became of the product at an index, from 0; column and reason tell of a refusal."""

    index: int
    sku: str
    became: Literal["new", "changed", "same", "refused", "conflict"]
    content_hash: str = ""
    column: str = ""
    reason: str = Field("", examples=["'cheap' is not a number such as 12.50"])


class BatchOut(BaseModel):
    """The counts, and each product in the order in which it was sent."""

    n_new: int
    n_changed: int
    n_same: int
    n_refused: int = Field(description="Those in conflict among them.")
    products: list[BatchEntryOut]


class CatalogOut(BaseModel):
    key: str = Field(examples=["outdoor-en"])
    name: str
    language: str = Field(examples=["en"])
    channel: str = Field(examples=["google"])
    library: str | None = Field(None, examples=["outdoor-tags"])


class CatalogsOut(BaseModel):
    catalogs: list[CatalogOut]


class ProductOut(BaseModel):
    """A product as it is stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sku": "A-1001",
                    **PRODUCT,
                    "content_hash": "4f2c9f0d7b1e4a56b1c2d3e4f5a6b7c8",
                    "changed_at": "2026-07-30T12:00:00Z",
                }
            ]
        }
    )

    sku: str
    title: str
    description: str
    brand: str
    category: list[str]
    attributes: dict[str, str]
    image_url: str
    price: str | None
    currency: str
    content_hash: Hash
    changed_at: dt.datetime


class Page(BaseModel):
    """has_more tells whether there is more to read now."""

    next_cursor: Cursor
    has_more: bool


class ProductPage(Page):
    products: list[ProductOut]


class AcceptedOut(BaseModel):
    """What people accepted, and where it comes from.

    outcome: a draft was accepted as it stood or edited, or the title was written without seeing one. version names the
    models whose draft it was, "" for none. title_is_machines: a person let a drafted title stand or most of it, which
    Google Merchant Center wants told as structured_title.
    """

    title: str = Field(examples=["Norvik Steel Bottle 750 ml Blue"])
    tags: list[str] = Field(examples=[["waterproof", "gift"]])
    category: list[str] = Field(examples=[["Outdoor", "Bottles"]])
    outcome: AcceptedOutcome
    version: str = Field(examples=["t3-g5.2"])
    person: str = Field(examples=["anna@shop.example"])
    decided_at: dt.datetime
    product_changed: bool
    title_is_machines: bool


class AcceptedOfProductOut(BaseModel):
    """accepted is null where nothing holds (any more): rejected, or withdrawn."""

    sku: str
    accepted: AcceptedOut | None


class AcceptedPage(Page):
    products: list[AcceptedOfProductOut]


class TagOut(BaseModel):
    """A tag of the catalog's library; one that moved is a former name, by which moved_to was known."""

    id: int
    name: str = Field(examples=["waterproof"])
    group: str
    aliases: list[str] = Field(examples=[["water resistant"]])
    state: TagState
    moved_to: str | None


class TagPage(Page):
    """revision grows whenever a tag changes: read the list from its beginning then."""

    library: str | None
    revision: int
    tags: list[TagOut]


class DecisionOut(BaseModel):
    """One answer of one person, as the ledger keeps it.

    state: sent_back is what a reviewer took out, and the product is asked about anew. mends is the id of the answer
    that a reviewer mended by this one. title and tags are the final values, empty when rejected; title_edit is the
    normalised Levenshtein distance from the draft's title, 0 to 1.
    """

    id: int
    sku: str
    state: DecisionState
    mends: int | None
    outcome: Outcome
    title: str
    tags: list[str]
    title_edit: float
    tags_added: list[str]
    tags_removed: list[str]
    suggested_tags: list[str]
    category: list[str]
    category_changed: bool
    picked_candidate: bool
    reject_reason: str
    version: str
    queue: str
    person: str
    seconds: float | None
    decided_at: dt.datetime
    changed_at: dt.datetime


class DecisionPage(Page):
    decisions: list[DecisionOut]


class DraftsIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"skus": ["A-1001", "A-1002"]}]})

    skus: list[Annotated[str, Field(min_length=1, max_length=LONGEST_CELL["sku"])]] = Field(
        min_length=1, max_length=settings.API_MOST_DRAFTS
    )


class CandidateOut(BaseModel):
    """A proposed title; one with an unsupported fact or a broken rule is not chosen while there is a clean one."""

    title: str
    score: float
    unsupported: list[str] = Field(default_factory=list)
    violations: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)


class TagScoreOut(BaseModel):
    """A tag's probability; it is proposed from its threshold on."""

    name: str
    proba: float
    threshold: float


class DraftOut(BaseModel):
    """What the serving models propose for the product as it is now; tags are the proposed ones."""

    sku: str
    version: str = Field(examples=["t3-g5.2"])
    title: str = Field(examples=["Norvik Steel Bottle 750 ml Blue"])
    tags: list[str] = Field(examples=[["waterproof"]])
    candidates: list[CandidateOut]
    tag_scores: list[TagScoreOut]
    title_uncertainty: float
    tag_uncertainty: float
    created_at: dt.datetime


class DraftsOut(BaseModel):
    drafts: list[DraftOut]


class FieldProblem(BaseModel):
    where: str = Field(examples=["body.products.3.price"])
    reason: str


class ProblemOut(BaseModel):
    """RFC 9457; detail is a sentence that says who can mend it."""

    title: str = Field(examples=["Forbidden"])
    status: int = Field(examples=[403])
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


def cells_of(product: ProductIn) -> dict[str, Any]:
    """Return the cells as a row of a JSON Lines file has them."""
    return product.model_dump(exclude={"if_content_hash"})
