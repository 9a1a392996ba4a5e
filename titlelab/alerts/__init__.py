"""Watches the loop: what is wrong opens an alert, which closes by itself and is mailed once."""
