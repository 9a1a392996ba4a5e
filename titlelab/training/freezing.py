"""Fixes a part of a scope's golden set for good, so that its versions can be compared over time."""

from django.conf import settings

from ml_backend.contract import Kind
from titlelab.training.dataset import Beat, golden_decisions, no_beat
from titlelab.training.models import FrozenGolden


def freeze_golden(kind: Kind, scope: str, *, beat: Beat = no_beat) -> int:
    """Freeze the scope's first golden Decisions once there are enough of them; return how many were frozen now.

    Safe to repeat and to run twice at once: what is frozen stays as it is. beat: see dataset.py.
    """
    if FrozenGolden.objects.filter(kind=kind, scope=scope).exists():
        return 0
    golden = golden_decisions(kind, scope, beat=beat)
    if len(golden) < settings.GATE_LEAST_GOLDEN:
        return 0
    first = golden[: settings.GATE_LEAST_GOLDEN]
    rows = [FrozenGolden(kind=kind, scope=scope, decision=decision) for decision in first]
    return len(FrozenGolden.objects.bulk_create(rows, ignore_conflicts=True))
