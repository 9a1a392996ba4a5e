"""Two invented catalogs to try TitleLab on: one English, one Chinese, with their tag libraries.

`data/` is what a shop would hand over; `hidden/` holds the answers and is read by the demo's simulated
people and by measurements alone, never by an importer or a trainer.
"""
