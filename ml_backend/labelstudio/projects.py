"""Which catalog and tag library a Label Studio project works on, as its ML backend's extra parameters say."""

import json
from dataclasses import dataclass
from typing import Any

from ml_backend.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """The keys of a titler's catalog and of a tagger's library ("" for none)."""

    catalog: str
    library: str = ""


def scopes_of(extra_params: Any) -> Scopes:
    """Read `{"catalog": …, "library": …}`, an object or its JSON text; raises BadRequest on anything else."""
    params = _parsed(extra_params) if isinstance(extra_params, str) else extra_params
    if not isinstance(params, dict):
        raise BadRequest('the ML backend\'s extra parameters must be {"catalog": …, "library": …}')
    catalog, library = params.get("catalog"), params.get("library") or ""
    if not isinstance(catalog, str) or not catalog or not isinstance(library, str):
        raise BadRequest("the ML backend's extra parameters must name a catalog by its key, and a library or none")
    return Scopes(catalog=catalog, library=library)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as e:
        raise BadRequest(f"the ML backend's extra parameters are no JSON: {e}") from e
