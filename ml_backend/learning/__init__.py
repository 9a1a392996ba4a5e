"""What learns: text and arrays in, models, drafts and figures out. Only `artifacts` and `trainers` touch a disk."""
