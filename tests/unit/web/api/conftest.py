"""A shop's system that calls the API with a token."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import make_catalog, make_token
from titlelab.catalog.models import Catalog
from titlelab.people.models import ApiToken

EVERY_RIGHT = tuple(ApiToken.Right)


@dataclass(kw_only=True)
class Shop:
    """Calls below /api/v1; answers of 400 and more must be problem JSON with a sentence."""

    secret: str = ""
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        return self._checked(self.client.get(f"/api/v1{path}", query, headers=self._headers()))

    def put(self, path: str, body: Any) -> Any:
        return self._sent(self.client.put, path, body)

    def post(self, path: str, body: Any) -> Any:
        return self._sent(self.client.post, path, body)

    def _sent(self, send: Callable[..., Any], path: str, body: Any) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._checked(send(f"/api/v1{path}", content, content_type="application/json", headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}

    def _checked(self, response: Any) -> Any:
        assert not response.cookies
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"
            assert response.json()["status"] == response.status_code
            assert ": " in response.json()["detail"]
        return response


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create(username="boss", is_staff=True, is_superuser=True)


@pytest.fixture
def catalog(db: None) -> Catalog:
    return make_catalog(key="shop", name="Shop")


@pytest.fixture
def shop(catalog: Catalog, admin: User) -> Shop:
    """A system with every right in the catalog."""
    _, secret = make_token("PIM", [catalog], made_by=admin, rights=EVERY_RIGHT)
    return Shop(secret=secret)
