"""The files that accepted titles are handed over in: CSV, JSON Lines, Parquet and a Google Merchant feed, as bytes."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from xml.sax.saxutils import escape

from titlelab.review.exporting import AcceptedRow, as_csv, as_json_lines

GROUP = 10_000  # rows of a Parquet row group; more would be held in memory
PIECE = 256 * 1024
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def as_parquet(rows: Iterable[AcceptedRow]) -> Iterator[bytes]:
    """Yield a Parquet file; it is made on disk first, since its directory stands at its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, texts = pa.string(), pa.list_(pa.string())
    schema = pa.schema(
        [
            ("sku", text), ("title", text), ("tags", texts), ("outcome", text), ("version", text), ("person", text),
            ("decided_at", text), ("product_changed", pa.bool_()), ("category_decided", texts),
            ("title_is_machines", pa.bool_()),
        ]
    )  # fmt: skip
    rows = iter(rows)
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema) as writer:
            while group := [asdict(row) for row in islice(rows, GROUP)]:
                writer.write_table(pa.Table.from_pylist(group, schema))
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def as_google_feed(rows: Iterable[AcceptedRow]) -> Iterator[str]:
    """Yield a supplemental feed for Google Merchant Center: titles by product id, the sku.

    A machine's title is told as structured_title, as Google asks of generated ones.
    Source: Google Merchant Center Help, "Structured title [structured_title]" and "Supplemental feeds".
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">\n'
    yield "<channel>\n<title>Accepted titles</title>\n"
    for row in rows:
        title = f"<g:title>{_xml(row.title)}</g:title>"
        if row.title_is_machines:
            source = "<g:digital_source_type>trained_algorithmic_media</g:digital_source_type>"
            content = f"<g:content>{_xml(row.title)}</g:content>"
            title = f"<g:structured_title>{source}{content}</g:structured_title>"
        yield f"<item><g:id>{_xml(row.sku)}</g:id>{title}</item>\n"
    yield "</channel>\n</rss>\n"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def _encoded(
    lines: Callable[[Iterable[AcceptedRow]], Iterator[str]],
) -> Callable[[Iterable[AcceptedRow]], Iterator[bytes]]:
    return lambda rows: (line.encode() for line in lines(rows))


FORMATS: dict[str, Callable[[Iterable[AcceptedRow]], Iterator[bytes]]] = {
    "csv": _encoded(as_csv),
    "jsonl": _encoded(as_json_lines),
    "parquet": as_parquet,
    "xml": _encoded(as_google_feed),
}
