"""Every ModelAdmin; imported here so that Django finds them."""

from titlelab.web.admin import (  # noqa: F401 (importing registers them)
    alerts,
    catalog,
    channels,
    imports,
    labelstudio,
    people,
    quality,
    review,
    schedule,
    second_looks,
    tags,
    tokens,
    training,
)
