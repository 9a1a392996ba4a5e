"""What learns: text and arrays in, models, drafts and figures out.

Only `artifacts`, `base_models`, `trainers` and the models' own `save` and `load` touch a disk.
"""
