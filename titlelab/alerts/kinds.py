"""What can be wrong, from when on it is told, and whom it concerns. Computes only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from titlelab.people.roles import CATALOG_ADMIN, ML_ADMIN


class Kind(StrEnum):
    """What an alert is about."""

    PRODUCT_DRIFT = "product_drift"
    DRAFT_DRIFT = "draft_drift"
    FALLING_ACCEPTANCE = "falling_acceptance"
    STALLED_QUEUE = "stalled_queue"
    FAILING_WEBHOOK = "failing_webhook"
    RUN_FAILED = "run_failed"
    FOLDER_MISSING = "folder_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How a kind is watched unless a rule says otherwise; limit is in the kind's own unit."""

    limit: float
    roles: tuple[str, ...]


USUAL: Mapping[Kind, Usual] = {
    # A population stability index; above 0.25 a population is no longer the same (Siddiqi 2006).
    Kind.PRODUCT_DRIFT: Usual(limit=0.25, roles=(CATALOG_ADMIN, ML_ADMIN)),
    Kind.DRAFT_DRIFT: Usual(limit=0.25, roles=(ML_ADMIN,)),
    # A share of the drafts: a fall that a shop would notice, besides being more than chance.
    Kind.FALLING_ACCEPTANCE: Usual(limit=0.05, roles=(CATALOG_ADMIN, ML_ADMIN)),
    Kind.STALLED_QUEUE: Usual(limit=4, roles=(CATALOG_ADMIN,)),  # days: longer than a weekend
    Kind.FAILING_WEBHOOK: Usual(limit=15, roles=(CATALOG_ADMIN,)),  # minutes: longer than a restart of Label Studio
    Kind.RUN_FAILED: Usual(limit=1, roles=(ML_ADMIN,)),  # runs of a method, one after the other
    Kind.FOLDER_MISSING: Usual(limit=1, roles=(ML_ADMIN,)),  # folders
}
