"""Small tables inside a row's page, for what the row keeps as JSON. Computes only."""

from collections.abc import Iterable, Sequence

from django.template.loader import render_to_string

from titlelab.languages.sentences import said


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the rows as an HTML table, escaped; a dash when there are none."""
    return render_to_string("titlelab/table.html", {"headers": map(said, headers), "rows": list(rows)})
