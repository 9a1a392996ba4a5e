"""How good it is: rates, edits and their snapshots."""
