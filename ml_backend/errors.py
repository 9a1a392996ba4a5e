"""The ML backend's refusals; each says who can mend it."""


class MLBackendError(Exception):
    """Base of everything that ml_backend raises on purpose; `http_status` is how `http/` answers it."""

    http_status = 500


class BadRequest(MLBackendError):
    """The caller sent something that is not what the contract says: mend the caller."""

    http_status = 422


class BadAnnotation(BadRequest):
    """Label Studio's JSON does not fit the labeling config: mend the config or the annotation."""


class NotAuthorized(MLBackendError):
    """The caller's secret is missing or wrong: mend the secret."""

    http_status = 401


class BadArtifact(MLBackendError):
    """A version folder is missing, incomplete or was tampered with: retrain or roll back."""

    http_status = 503


class MissingBaseModel(MLBackendError):
    """The base model can't be found: install its package or mend the setting."""

    http_status = 503


class TrainingFailed(MLBackendError):
    """A training run ended without a version: read its sentence, mend, train again."""


class BackendUnreachable(MLBackendError):
    """The ML backend gave no answer in time: retry later."""

    http_status = 503


class BackendRefused(MLBackendError):
    """The ML backend answered, and refused: read its sentence; retrying will not help."""

    http_status = 502


class TitleLabUnreachable(MLBackendError):
    """TitleLab could not be told of Start Training: start it, or mend its address, and click again."""

    http_status = 503
