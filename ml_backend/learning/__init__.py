"""Arrays and text in, arrays and text out; only artifacts.py and trainers.py touch the disk."""
