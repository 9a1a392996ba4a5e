"""Every setting of titlelab, read from the environment (or `var/secrets.env`) through env.py and nowhere else."""

from pathlib import Path

from django.utils.translation import gettext_lazy

from ml_backend.tracing import LINES
from titlelab.env import (
    WrongVariable,
    env_bool,
    env_float,
    env_int,
    env_list,
    env_mail_server,
    env_optional,
    env_path,
    env_str,
    load_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything that is written lives below one folder: database, broker, models, uploads, logs, secrets.
HOME = env_path("TITLELAB_HOME", BASE_DIR / "var")
load_file(HOME / "secrets.env")

DEBUG = env_bool("TITLELAB_DEBUG", default=False)
SECRET_KEY = env_str("TITLELAB_SECRET_KEY", "")  # `make up` writes one; checks.py refuses an empty one
ALLOWED_HOSTS = env_list("TITLELAB_ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env_list("TITLELAB_CSRF_TRUSTED_ORIGINS", [])

# --- addresses -------------------------------------------------------------------------------------------------
HOST = env_str("TITLELAB_HOST", "127.0.0.1")
PORT = env_int("TITLELAB_PORT", 8000)
TITLELAB_URL = env_str("TITLELAB_URL", f"http://{HOST}:{PORT}")  # where Label Studio's webhook finds us
LABEL_STUDIO_PORT = env_int("TITLELAB_LABEL_STUDIO_PORT", 8080)
LABEL_STUDIO_URL = env_str("TITLELAB_LABEL_STUDIO_URL", f"http://127.0.0.1:{LABEL_STUDIO_PORT}")
LABEL_STUDIO_TIMEOUT_S = env_float("TITLELAB_LABEL_STUDIO_TIMEOUT_S", 60)
ML_BACKEND_PORT = env_int("TITLELAB_ML_BACKEND_PORT", 9090)
ML_BACKEND_URL = env_str("TITLELAB_ML_BACKEND_URL", f"http://127.0.0.1:{ML_BACKEND_PORT}")
# A language model drafts about 5 products a second on two cores; a batch of 64 stays far below this.
ML_BACKEND_TIMEOUT_S = env_float("TITLELAB_ML_BACKEND_TIMEOUT_S", 300)

# --- accounts; their secrets are written once by `make up` and have no default ----------------------------------
LABEL_STUDIO_USERNAME = env_str("TITLELAB_LABEL_STUDIO_USERNAME", "admin@titlelab.local")
LABEL_STUDIO_TOKEN = env_str("TITLELAB_LABEL_STUDIO_TOKEN", "")
ANNOTATOR_USERNAME = env_str("TITLELAB_ANNOTATOR_USERNAME", "annotator@titlelab.local")  # whom `simulate` plays
ANNOTATOR_PASSWORD = env_str("TITLELAB_ANNOTATOR_PASSWORD", "")
WEBHOOK_SECRET = env_str("TITLELAB_WEBHOOK_SECRET", "")
ML_BACKEND_USERNAME = env_str("TITLELAB_ML_BACKEND_USERNAME", "titlelab")
ML_BACKEND_PASSWORD = env_str("TITLELAB_ML_BACKEND_PASSWORD", "")

# --- the loop --------------------------------------------------------------------------------------------------
MODELS_FOLDER = env_path("TITLELAB_MODELS_FOLDER", HOME / "models")
RUNS_FOLDER = env_path("TITLELAB_RUNS_FOLDER", HOME / "runs")
LOGS_FOLDER = env_path("TITLELAB_LOGS_FOLDER", HOME / "logs")
# A packaged name, a folder, or a hub name; "none": such titles go without a language model.
BASE_MODEL = env_optional("TITLELAB_BASE_MODEL", "smollm2-135m")
BASE_MODEL_ZH = env_optional("TITLELAB_BASE_MODEL_ZH", "none")
TITLER_TRAINING_MINUTES = env_float("TITLELAB_TITLER_TRAINING_MINUTES", 6.0)
# How many changed Decisions ring for a retraining: tagger and quick ensemble take seconds, the full ensemble minutes.
RETRAIN_AFTER_DECISIONS = env_int("TITLELAB_RETRAIN_AFTER_DECISIONS", 10)
RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS = env_int("TITLELAB_RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS", 30)
GATE_MARGIN = env_float("TITLELAB_GATE_MARGIN", 0.02)  # how much worse in mean quality is still "not worse"
GATE_LEAST_GOLDEN = env_int("TITLELAB_GATE_LEAST_GOLDEN", 50)
# A dead worker's run is taken over within a minute: this, the look for such runs, and the bell.
LEASE_S = env_int("TITLELAB_LEASE_S", 40)
RESUME_EVERY_S = env_float("TITLELAB_RESUME_EVERY_S", 10)
# How many versions stay that a rollback may go back to, and as many that wait for promotion; older folders are deleted.
KEPT_VERSIONS = env_int("TITLELAB_KEPT_VERSIONS", 3)
KEPT_RUN_FOLDERS = env_int("TITLELAB_KEPT_RUN_FOLDERS", 10)  # of each scope: examples and logs of the last runs
RECONCILE_EVERY_S = env_float("TITLELAB_RECONCILE_EVERY_S", 30)
RETRAIN_EVERY_S = env_float("TITLELAB_RETRAIN_EVERY_S", 60)
# A changed product has fresh titles and tags within a minute: this, and what drafting and pushing take.
REFILL_EVERY_S = env_float("TITLELAB_REFILL_EVERY_S", 30)
SWEEP_EVERY_S = env_float("TITLELAB_SWEEP_EVERY_S", 60)
TAG_SEARCH_EVERY_S = env_float("TITLELAB_TAG_SEARCH_EVERY_S", 1800)
SNAPSHOT_EVERY_S = env_float("TITLELAB_SNAPSHOT_EVERY_S", 120)
SECOND_LOOKS_EVERY_S = env_float("TITLELAB_SECOND_LOOKS_EVERY_S", 120)
ALERTS_EVERY_S = env_float("TITLELAB_ALERTS_EVERY_S", 300)
PORTRAITS_EVERY_S = env_float("TITLELAB_PORTRAITS_EVERY_S", 3600)  # a day has one, brought up to date until its end
# Scoring every product with a language model would take minutes; a random pool is enough to choose from.
SCORING_POOL = env_int("TITLELAB_SCORING_POOL", 200)

# --- mail: alerts alone are mailed -----------------------------------------------------------------------------
EMAIL_URL = env_str("TITLELAB_EMAIL_URL", "")  # "": none is sent, and the admin says so
_mail = env_mail_server("TITLELAB_EMAIL_URL")
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.encryption == "starttls", _mail.encryption == "tls"
EMAIL_TIMEOUT = 15  # seconds; a worker waits for a mail server that is down, and so for each letter
DEFAULT_FROM_EMAIL = env_str("TITLELAB_EMAIL_FROM", _mail.user if "@" in _mail.user else "titlelab@localhost")

# --- the API ---------------------------------------------------------------------------------------------------
API_REQUESTS_PER_MINUTE = env_int("TITLELAB_API_REQUESTS_PER_MINUTE", 300)  # of each token
API_MOST_PRODUCTS = env_int("TITLELAB_API_MOST_PRODUCTS", 500)  # in one request; judging them takes some 0.3 s
# Drafting holds one of the web process's threads; the language model drafts about 5 products a second.
API_MOST_DRAFTS = env_int("TITLELAB_API_MOST_DRAFTS", 20)
API_DRAFT_TIMEOUT_S = env_float("TITLELAB_API_DRAFT_TIMEOUT_S", 60)

# --- Django ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "titlelab.web",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "import_export",
    "django_celery_beat",
    "django_celery_results",
    "ninja",  # for its static files alone: the API's page asks no other site
    "titlelab.channels",
    "titlelab.tags",
    "titlelab.catalog",
    "titlelab.review",
    "titlelab.training",
    "titlelab.quality",
    "titlelab.labelstudio",
    "titlelab.alerts",
    "titlelab.people",  # behind all that its roles name permissions of
    "titlelab.languages",  # the last: it translates the names of all the others
]
MIDDLEWARE = [
    "titlelab.web.tracing.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "titlelab.web.reading_language.ReadingLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "titlelab.urls"
WSGI_APPLICATION = "titlelab.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["titlelab.languages.templatetags.languages"],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL = env_str("TITLELAB_DATABASE_URL", f"sqlite:///{HOME / 'titlelab.sqlite3'}")
if DATABASE_URL.startswith("sqlite:///"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE_URL.removeprefix("sqlite:///"),
            # Several processes write: WAL lets readers go on, IMMEDIATE takes the write lock at BEGIN instead of
            # failing half way, and the time-out waits for it.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
else:
    from urllib.parse import unquote, urlsplit

    _url = urlsplit(DATABASE_URL)
    if _url.scheme not in ("postgres", "postgresql"):
        raise WrongVariable("TITLELAB_DATABASE_URL must begin with sqlite:/// or postgresql://")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(_url.path.lstrip("/")),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": _url.hostname or "",
            "PORT": str(_url.port or ""),
        }
    }
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "titlelab" / "locale"]
LANGUAGE_COOKIE_NAME = "titlelab_language"  # Label Studio on the same host uses Django's own name
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env_str("TITLELAB_TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic step and no STATIC_ROOT; the files are few
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = HOME / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a webhook body holds one annotated task; 5 kB is usual
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
LOGIN_REDIRECT_URL = "admin:index"  # unfold's login form forgets where one came from unless the address tells it
SESSION_COOKIE_NAME = "titlelab_session"  # Label Studio on the same host uses "sessionid"
CSRF_COOKIE_NAME = "titlelab_csrf"
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"  # unset, any member of staff may export what he may not see

# --- Celery: the database is the record, the broker only a bell -----------------------------------------------
BROKER_FOLDER = env_path("TITLELAB_BROKER_FOLDER", HOME / "broker")
MESSAGE_STORAGE = "titlelab.web.messages.SaidMessages"
CELERY_BROKER_URL = env_str("TITLELAB_BROKER_URL", "filesystem://localhost/")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "processed_folder": str(BROKER_FOLDER / "processed"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
    }
CELERY_RESULT_BACKEND = "django-db"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "tasks.training.execute_training_run": {"queue": "training"},
    "tasks.training.draft_version_samples": {"queue": "training"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # a schedule changed in the admin is seen within seconds
CELERY_BEAT_SYNC_EVERY = 1  # last_run_at is written at once, so that the doctor sees a beat that stopped
CELERY_BEAT_SCHEDULE = {
    "reconcile with Label Studio": {
        "task": "tasks.label_studio.reconcile_all",
        "schedule": RECONCILE_EVERY_S,
        "options": {"expires": RECONCILE_EVERY_S},  # a bell that was not heard until the next one is one too many
    },
    "refill the queues": {
        "task": "tasks.scoring.refill_all",
        "schedule": REFILL_EVERY_S,
        "options": {"expires": REFILL_EVERY_S},
    },
    "retrain what has enough new Decisions": {
        "task": "tasks.training.start_due_runs",
        "schedule": RETRAIN_EVERY_S,
    },
    "take over the runs of dead workers": {
        "task": "tasks.training.resume_abandoned_runs",
        "schedule": RESUME_EVERY_S,
    },
    "re-ring lost messages": {"task": "tasks.sweeping.sweep", "schedule": SWEEP_EVERY_S},
    "search for tags that libraries lack": {"task": "tasks.proposing.search_all", "schedule": TAG_SEARCH_EVERY_S},
    "take quality snapshots": {
        "task": "tasks.quality.take_snapshots",
        "schedule": SNAPSHOT_EVERY_S,
    },
    "draw second looks": {"task": "tasks.quality.draw_second_looks", "schedule": SECOND_LOOKS_EVERY_S},
    "open, close and mail alerts": {"task": "tasks.alerts.check_alerts", "schedule": ALERTS_EVERY_S},
    "measure drift": {"task": "tasks.alerts.portray", "schedule": PORTRAITS_EVERY_S},
}

LOG_FORMAT = env_str("TITLELAB_LOG_FORMAT", "text")  # or "json": one object a line
if LOG_FORMAT not in LINES:
    raise WrongVariable(f"TITLELAB_LOG_FORMAT must be {' or '.join(LINES)}, not {LOG_FORMAT!r}")
METRICS_TOKEN = env_str("TITLELAB_METRICS_TOKEN", "")  # "": /metrics answers callers on this machine alone
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": LINES[LOG_FORMAT]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "titlelab": {"level": "INFO"},
        "tasks": {"level": "INFO"},
        "django.request": {"level": "ERROR"},  # whoever asks for a page that is not there may be told so himself
    },
}

UNFOLD = {
    "SITE_TITLE": "TitleLab",
    "SITE_HEADER": "TitleLab",
    "SITE_SUBHEADER": gettext_lazy("titles and tags that people trust"),
    "SITE_SYMBOL": "sell",
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "titlelab.web.pages.front_page",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "titlelab.web.navigation.icon"}],
    "STYLES": ["titlelab.web.navigation.stylesheet"],
    "SIDEBAR": {"show_search": True, "navigation": "titlelab.web.navigation.sidebar"},
}
