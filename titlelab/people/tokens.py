"""Gives, checks, counts and revokes the tokens by which other systems come; the secret itself is stored nowhere."""

import datetime as dt
import hashlib
import secrets

from django.db.models import F

from titlelab.people.models import ApiToken

SECRET_BYTES = 32
WINDOW = dt.timedelta(minutes=1)


def give_secret(token: ApiToken) -> str:
    """Give a token that is yet to be saved its digest, and return what the caller sends."""
    token.prefix = f"tl_{secrets.token_hex(4)}"
    sent = f"{token.prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token.digest = digest(sent)
    return sent


def digest(sent: str) -> str:
    """Return 64 hex digits; a secret of 256 random bits needs neither salt nor a slow hash."""
    return hashlib.sha256(sent.encode(errors="replace")).hexdigest()


def live_token(sent: str, now: dt.datetime) -> ApiToken | None:
    """Return the token that is sent; None if it is unknown, expired or revoked, or its maker's account is closed."""
    token = ApiToken.objects.select_related("made_by").filter(digest=digest(sent)).first()
    return token if token is not None and token.is_live(now) else None


def seconds_to_wait(token: ApiToken, now: dt.datetime, *, most_per_minute: int) -> float:
    """Count a request of the token's and return 0; past the limit, count nothing and return when to come again.

    Each count is one guarded UPDATE, so that it holds over any number of web processes.
    """
    row = ApiToken.objects.filter(pk=token.pk)
    begun = now - WINDOW
    if row.filter(window_began_at__gt=begun, n_in_window__lt=most_per_minute).update(
        n_in_window=F("n_in_window") + 1, last_used_at=now
    ):
        return 0.0
    if row.exclude(window_began_at__gt=begun).update(window_began_at=now, n_in_window=1, last_used_at=now):
        return 0.0
    token.refresh_from_db(fields=["window_began_at"])
    return max(0.0, ((token.window_began_at or now) + WINDOW - now).total_seconds())


def revoke(token: ApiToken, now: dt.datetime) -> bool:
    """End the token for good; False if it was revoked before."""
    return ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now) == 1
