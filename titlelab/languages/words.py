"""What is told without a mark that sources.py could find, and is translated all the same.

By data (roles, rights), by what fills other sentences (kinds of facts, outcomes), and by sentences that are put
together from such parts.
"""

ROLES = ("Annotator", "Reviewer", "Catalog admin", "ML admin")
RIGHTS = ("Read", "Write", "Draft")  # of an API token
OUTCOMES = ("Passed", "Refused", "golden set", "held-out families", "not judged")
STATES = ("accepted", "edited", "rejected", "written", "promoted", "done", "nothing", "cancelling")  # as stored
REJECTIONS = ("skipped", "no title", "unreadable: %(e)s")  # beside the reasons that annotators choose, as stored
VERSIONS = tuple(f"{kind} %(scope)s v%(number)s" for kind in ("titler", "tagger", "categorizer"))
FIGURES = ("unedited",)  # of a verdict's table
# ml_backend/rules/faithfulness.py names a fact by its kind and tells what the source says of it.
KINDS = ("colour", "material", "size", "claim", "gender")
FACTS = tuple(
    f"{kind} %(text)s{told}" for kind in KINDS for told in (" is not in the source", ", but the source says %(told)s")
)
# ml_backend/learning/pointer_reasons.py tells where each run of a title's words came from; title_parts.py, what it is.
ORIGINS = (
    "“%(text)s” from %(field)s",
    "“%(text)s” from a near product's title",
    "“%(text)s” learnt from other titles",
    *(f"{role}: %(text)s" for role in ("brand", "category", "type")),
)
FIELDS = ("brand", "category", "description", "title", "attributes")
UNITS = ("characters", "GBK bytes")

WORDS = frozenset(
    [*ROLES, *RIGHTS, *OUTCOMES, *STATES, *REJECTIONS, *VERSIONS, *FIGURES, *FACTS, *ORIGINS, *FIELDS, *UNITS],
)
