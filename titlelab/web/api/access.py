"""Who calls, and what they may do in which catalog: by token alone, never by a cookie.

A token can do no more than whoever made it may do today, see titlelab/people/rights.py.
"""

from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from titlelab.catalog.models import Catalog
from titlelab.people.models import ApiToken
from titlelab.people.rights import may
from titlelab.people.tokens import live_token, seconds_to_wait
from titlelab.web.api.problems import Problem, try_again

Right = ApiToken.Right
# What the token's maker must hold, by the names of Django's permissions.
PERMISSIONS = {
    Right.READ: ("catalog.view_product", "review.view_decision"),
    Right.WRITE: ("catalog.add_product", "catalog.change_product"),
    Right.DRAFT: ("review.add_draft",),
}


class BearerToken(HttpBearer):
    """A token made in the admin, sent as `Authorization: Bearer tl_…`."""

    def __call__(self, request: HttpRequest) -> ApiToken:
        return super().__call__(request) or _unknown()

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """Return the live token, counted against its rate limit; raises Problem."""
        now = timezone.now()
        found = live_token(token, now) or _unknown()
        if wait_s := seconds_to_wait(found, now, most_per_minute=settings.API_REQUESTS_PER_MINUTE):
            detail = (
                f"This token has made its {settings.API_REQUESTS_PER_MINUTE} requests of the minute: wait as long as "
                "Retry-After says, and send more products in a request."
            )
            raise try_again(detail, after_s=wait_s, status=HTTPStatus.TOO_MANY_REQUESTS)
        return found


def caller(request: HttpRequest) -> ApiToken:
    return cast("ApiToken", request.auth)  # type: ignore[attr-defined] # set by ninja from BearerToken


def reachable(token: ApiToken, right: Right) -> list[Catalog]:
    """Return the token's catalogs in which it has the right."""
    of_token = token.catalogs.select_related("channel", "library").order_by("key")
    return [catalog for catalog in of_token if right in token.rights and _maker_may(token, right, catalog)]


def catalog_for(request: HttpRequest, key: str, right: Right) -> Catalog:
    """Return the catalog of the key, in which the calling token has the right; raises Problem.

    A token is not told whether there is a catalog that it is not for.
    """
    token = caller(request)
    catalog = token.catalogs.select_related("channel", "library").filter(key=key).first()
    if catalog is None:
        raise _forbidden(f"This token is not for a catalog {key[:60]!r}: an admin can make one that is")
    if right not in token.rights:
        raise _forbidden(f"This token has no right to {right}: an admin can make one that has")
    if not _maker_may(token, right, catalog):
        detail = (
            f"{token.made_by}, who made this token, may no longer {right} in {key!r}: an admin who may can make one"
        )
        raise _forbidden(detail)
    return catalog


def _maker_may(token: ApiToken, right: Right, catalog: Catalog) -> bool:
    return all(may(token.made_by, permission, catalog) for permission in PERMISSIONS[right])


def _forbidden(sentence: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, f"{sentence} (TitleLab's admin, System, API tokens).")


def _unknown() -> ApiToken:
    detail = (
        "The token is missing, unknown, expired or revoked: send one as 'Authorization: Bearer tl_…'. "
        "An admin makes one in TitleLab's admin, System, API tokens."
    )
    raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
