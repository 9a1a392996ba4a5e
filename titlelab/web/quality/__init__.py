"""Pages on how good the drafts are, mounted by titlelab/web/admin/quality.py."""
