"""Benchmarks, each runnable alone as `python -m benchmarks.NAME`.

The protocol files are taken in unchanged, and one imports the other by its plain name; so this folder is looked in too,
after all others.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
