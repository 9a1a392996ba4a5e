"""Which scopes an ML backend's extra parameters name."""

from typing import Any

import pytest

from ml_backend.errors import BadRequest
from ml_backend.labelstudio.projects import Scopes, scopes_of


@pytest.mark.parametrize("params", [{"catalog": "shop", "library": "home"}, '{"catalog": "shop", "library": "home"}'])
def test_scopes_are_read_from_an_object_or_its_text(params: Any) -> None:
    assert scopes_of(params) == Scopes(catalog="shop", library="home")


@pytest.mark.parametrize("params", [{"catalog": "shop"}, {"catalog": "shop", "library": None}])
def test_a_catalog_may_have_no_library(params: Any) -> None:
    assert scopes_of(params) == Scopes(catalog="shop", library="")


@pytest.mark.parametrize(
    "params",
    [
        None,
        "",
        "{",
        "[]",
        "3",
        "9" * 5000,
        "[" * 100_000,
        3,
        [],
        {},
        {"catalog": ""},
        {"catalog": 3},
        {"library": "home"},
        {"catalog": "a", "library": 3},
    ],
)
def test_parameters_without_a_catalog_are_refused(params: Any) -> None:
    with pytest.raises(BadRequest, match="extra parameters"):
        scopes_of(params)
