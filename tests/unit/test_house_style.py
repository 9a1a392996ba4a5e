"""What every module keeps to."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path.relative_to(ROOT)
    for package in ("titlelab", "tasks", "ml_backend")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
HEAVY = ("torch", "transformers", "sklearn", "label_studio_sdk")


def test_every_module_says_what_is_in_it() -> None:
    silent = [str(path) for path in MODULES if not ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8")))]

    assert silent == []


@pytest.mark.parametrize("imports", ["titlelab.urls, titlelab.web.admin", "tasks.label_studio, tasks.sweeping"])
def test_neither_the_web_process_nor_a_worker_loads_what_is_heavy(imports: str) -> None:
    program = (
        "import sys, django; from titlelab.celery import app; django.setup(); app.loader.import_default_modules(); "
        f"import {imports}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
