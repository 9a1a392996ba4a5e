"""How long a run will still take. Computes only."""

# The first moments load libraries and read examples, and tell little of the pace that follows.
LEAST_TELLING = 0.05


def seconds_left(*, elapsed_s: float, progress: float, usual_s: float | None) -> float | None:
    """Return the seconds that are left: by its own pace, or before that by how long such a run took last.

    progress lies in [0, 1]; usual_s is None when no such run has ended yet. Returns None when nothing tells.
    """
    if progress >= LEAST_TELLING:
        return elapsed_s / progress * (1 - progress)
    return max(usual_s - elapsed_s, 0.0) if usual_s is not None else None


def in_words(left_s: float | None) -> str:
    """Say it roughly, as is honest: "" when nothing tells."""
    if left_s is None:
        return ""
    if left_s < 60:
        return "less than a minute left"
    minutes = round(left_s / 60)
    return f"about {minutes} minute{'s' if minutes > 1 else ''} left"
