"""The names of the controls in the labeling config and of the fields in a task's data."""

TITLE = "title"
CANDIDATE = "candidate"
TAGS = "tags"
SUGGESTED_TAGS = "suggested_tags"  # words for tags that the library lacks
CATEGORY = "category"  # only where the catalog asks for it
PICKED_CATEGORY = "picked_category"  # one of the next likely ones, taken by a key
REJECT_REASON = "reject_reason"
SOURCE = "description"  # the object that every control points at

ITEM = "item"  # the ReviewItem's primary key, by which a twin is found
BRIEF = "brief"  # the Brief as JSON, so that /predict knows the product
IS_BLIND = "is_blind"  # true: the title is typed from the sources, and /predict keeps its own back
TAGS_AS = "tags_as"  # "choices" or "taxonomy": how the config of the task's project asks for tags
