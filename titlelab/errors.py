"""The tree of errors; each leaf tells its catcher what to do."""


class TitleLabError(Exception):
    """Base of everything that titlelab raises on purpose; its text is meant for a person."""


class BadFile(TitleLabError):
    """A file can't be read as what it was given for: mend the file."""


class BadSetting(TitleLabError):
    """A setting can't work: mend the environment."""


class NotPossibleNow(TitleLabError):
    """The row's state does not allow the step: show the sentence to the user."""


class LabelStudioUnreachable(TitleLabError):
    """Label Studio gave no answer in time: retry later."""


class LabelStudioRefused(TitleLabError):
    """Label Studio answered, and refused: read its sentence; retrying will not help."""


class VersionLoading(TitleLabError):
    """The ML backend still answers with the version before: retry in a moment."""


class RunLost(TitleLabError):
    """Another worker holds the run's lease: let go without a trace."""


class RunCancelled(TitleLabError):
    """Somebody cancelled the run: end the training and say so."""


class BadSlice(TitleLabError):
    """An address names Decisions in a way that can't be read: mend the address."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value[:40]
        super().__init__(f"“{self.value}” is no {name}.")
