"""The README's pictures of a running instance's admin, with whatever its catalogs hold.

`python -m benchmarks.pictures FOLDER [--catalog sample-en] [--language zh-hans]`, beside `make up` and after a
`simulate`, signs in as the admin and writes one picture a page, those of quality narrowed to a catalog.
"""

import argparse
import os
from pathlib import Path

import django

PAGES = {"admin": "index", "models": "quality_models", "edits": "quality_edits", "decisions": "quality_decisions"}
WIDTH, HEIGHT = 1280, 1000


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--catalog", default="sample-en")
    parser.add_argument("--language", choices=("en", "zh-hans"), default="en")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")  # noqa: TID251
    django.setup()
    take(options.folder, options.catalog, options.language)


def take(folder: Path, catalog: str, language: str) -> None:
    """Write NAME.png for each of PAGES."""
    from django.conf import settings
    from django.urls import reverse

    from tests.browser.chromium import chromium, running_chromium
    from tests.browser.signing_in import sign_in
    from titlelab.catalog.models import Catalog

    narrowed = f"?catalog={Catalog.objects.get(key=catalog).pk}"  # before the browser's loop runs in this thread

    executable = chromium()
    if executable is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium, or make test-needs")
    with running_chromium(executable, width=WIDTH, height=HEIGHT) as browser:
        page = browser.new_page()
        name, password = (os.environ[f"TITLELAB_ADMIN_{part}"] for part in ("USERNAME", "PASSWORD"))  # noqa: TID251
        sign_in(page, name, password)
        browser.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": settings.TITLELAB_URL}])
        for picture, address in PAGES.items():
            query = "" if address == "index" else narrowed
            page.goto(f"{settings.TITLELAB_URL}{reverse(f'admin:{address}')}{query}")
            page.screenshot(path=folder / f"{picture}.png")


if __name__ == "__main__":
    main()
