"""What is told by data or by libraries without a mark for translation, and is translated all the same."""

ROLES = ("Annotator", "Reviewer", "Catalog admin", "ML admin")
PERMISSIONS = (
    "Can add %(model)s",
    "Can change %(model)s",
    "Can delete %(model)s",
    "Can view %(model)s",
)
WORDS = frozenset([*ROLES, *PERMISSIONS])
