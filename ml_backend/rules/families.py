"""Families of near twins, such as one bottle in six colours: what is measured must not be seen in training."""

import hashlib
import re

from ml_backend.rules.text import HAN, normal_form, words

_LEADING_WORDS = 3
_LEADING_HAN = 6


def family(title: str, brand: str) -> str:
    """Name a product's family: brand and first three words without a leading digit.

    With four Han characters or more in the title: its first six.
    """
    title, brand = normal_form(title).lower(), normal_form(brand).lower()
    han = "".join(re.findall(f"[{HAN}]", title))
    if len(han) >= _LEADING_WORDS + 1:
        return han[:_LEADING_HAN]
    leading = [word for word in words(title.removeprefix(brand)) if not word[0].isdigit()][:_LEADING_WORDS]
    return f"{brand}|{' '.join(leading)}"


def held_out(name: str, share: float) -> bool:
    """Say whether a family belongs to the `share` of families that nobody trains on; always the same ones."""
    bucket = int.from_bytes(hashlib.sha256(f"{name}/held out".encode()).digest()[:8])
    return bucket / 2**64 < share
