"""Every setting, read from the environment. `docs/settings.md` explains each in a sentence.

A variable `X` may be given as `X_FILE`, the path of a file that holds the value.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from environs import FileAwareEnv, validate

from tenancy.postgresql.waiting import ImpatientConnection

env = FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False

# The address that Twilio uses. Signatures and callbacks follow from it, never from the Host header.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL").rstrip("/")
# The address that browsers of staff use, when it is another one. Links, cookies and origins follow from it.
STAFF_BASE_URL = env.str("STAFF_BASE_URL", PUBLIC_BASE_URL).rstrip("/")
_public, _staff = urlsplit(PUBLIC_BASE_URL), urlsplit(STAFF_BASE_URL)
STAFF_IS_HTTPS = _staff.scheme == "https"
STAFF_ORIGINS = [f"{_staff.scheme}://{_staff.netloc}", *env.list("EXTRA_STAFF_ORIGINS", [])]
# A trial on this machine may speak plain http on loopback; `config/checks.py` refuses it anywhere else.
TRIAL = env.bool("QUIETLINE_TRIAL", False)

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = sorted({urlsplit(origin).hostname or "" for origin in [PUBLIC_BASE_URL, *STAFF_ORIGINS]})

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "django_otp",
    "channels",
    "tenancy",
    "encryption",
    "jobs",
    "audit",
    "auditlog",  # after "audit", which takes the place of its commands
    "accounts",
    "messaging",
    "backup",
    "config",
    *(["trial"] if TRIAL else []),
]

MIDDLEWARE = [
    "config.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.QuietHeadersMiddleware",
    "config.middleware.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.SameSiteOnlyMiddleware",
    "config.posted.PostedFieldsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "config.middleware.BadInputMiddleware",
]

# What Twilio posts brings no session, language, form or cookie: see config/hooks.py.
HOOK_MIDDLEWARE = [
    "config.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.QuietHeadersMiddleware",
    "config.middleware.NothingToLoadMiddleware",
    "django.middleware.common.CommonMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False  # a redirected webhook would lose its body

_loaders = ["config.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", _loaders)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context_processors.page",
            ],
        },
    },
]

# Data. The product connects as a role that owns nothing; only migrations use "owner".
_statement_timeout = env.int("STATEMENT_TIMEOUT_SECONDS", 4)
# A server that hangs cannot end a statement: a little later the connection ends itself. 0 waits for ever.
DATABASE_PATIENCE = _statement_timeout + 0.5 if _statement_timeout else None
_database = env.dj_db_url("DATABASE_URL")
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "tenancy.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL", 12),
                "timeout": 2,
                "reconnect_timeout": 5,
                "connection_class": ImpatientConnection,
            },
            "prepare_threshold": 5,  # without a number, what asks to be prepared (tenancy/trips.py) is not either
            "connect_timeout": 3,
            "application_name": "quietline",
            "options": f"-c statement_timeout={_statement_timeout * 1000} -c lock_timeout=2000"
            " -c idle_in_transaction_session_timeout=10000",
        },
    },
}
if env.str("DATABASE_OWNER_URL", ""):
    _owner = env.dj_db_url("DATABASE_OWNER_URL")
    DATABASES["owner"] = {**_owner, "OPTIONS": {**_owner.get("OPTIONS", {}), "assume_role": "quietline_owner"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_NON_SERIALIZED_APPS: list[str] = []

VALKEY_URL = env.str("VALKEY_URL")

# Keys: see encryption/roots.py. One of the two must be given.
QUIETLINE_ROOT_KEYS = env.str("QUIETLINE_ROOT_KEYS", "")
QUIETLINE_ROOT_KEYS_PATH = env.str("QUIETLINE_ROOT_KEYS_PATH", "")

# Signing in
AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher"]
LOGIN_URL = "sign-in"
# Passkeys are bound to this host: under another one no key works any more. An address of digits can have none.
PASSKEY_HOST = "localhost" if _staff.hostname == "127.0.0.1" else _staff.hostname or ""
PASSKEY_ORIGIN = next((one for one in STAFF_ORIGINS if urlsplit(one).hostname == PASSKEY_HOST), STAFF_ORIGINS[0])
LOGIN_REDIRECT_URL = "inbox"
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = "__Host-session" if STAFF_IS_HTTPS else "session"
SESSION_COOKIE_SECURE = STAFF_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_ABSOLUTE_HOURS", 12) * 3600
# After so long without a click a session locks; what is shorter or longer helps nobody.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", 10, validate=validate.Range(2, 30)) * 60
# Notices for the next page travel with the browser: nothing of them is kept here.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CHALLENGE_COOKIE_NAME = "__Host-challenge" if STAFF_IS_HTTPS else "challenge"
DEVICE_COOKIE_NAME = "__Host-device" if STAFF_IS_HTTPS else "device"
CSRF_COOKIE_NAME = "__Host-csrf" if STAFF_IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = STAFF_IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = STAFF_ORIGINS

# Headers
SECURE_HSTS_SECONDS = 63_072_000 if STAFF_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = STAFF_IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send `Origin: null` with our own forms, and the CSRF check rely on less.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_socket_origin = STAFF_ORIGINS[0].replace("http", "ws", 1)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF, _socket_origin],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["htmx"],
        "report-uri": ["/csp-report/"],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Never to disk: what people add is sealed before it rests anywhere.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# Words
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "config.static_storage.StaticStorage"},
}
SERVESTATIC_USE_MANIFEST = True

# The log
AUDITLOG_LOGENTRY_MODEL = "audit.LogEntry"
MIGRATION_MODULES = {"auditlog": None}  # its own table would be a second, unprotected log
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_MASK_CALLABLE = "audit.masking.nothing_of"
AUDITLOG_DISABLE_REMOTE_ADDR = True
AUDITLOG_CID_GETTER = "audit.context.current_request_id"
AUDIT_ANCHOR_FILE = env.str("AUDIT_ANCHOR_FILE", "")
AUDIT_ANCHOR_MAIL_TO: list[str] = env.list("AUDIT_ANCHOR_MAIL_TO", [])

# Mail: to people about their accounts, and checkpoints of the log. Without a host nothing is mailed.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10  # seconds for each step of a conversation with the server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"quietline@{_staff.hostname}")

# Twilio. An empty address means Twilio itself; `config/checks.py` refuses another one outside a trial.
TWILIO_API_BASE_URL = env.str("TWILIO_API_BASE_URL", "")
# Where Twilio may send us on to for a picture. Nothing there is told the account's secret.
TWILIO_MEDIA_HOSTS = ["mms.twiliocdn.com", "media.twiliocdn.com", "s3-external-1.amazonaws.com"]
UNDO_SECONDS = env.int("UNDO_SECONDS", 10)
# About what a part of a text costs, with what carriers add: said beside the count of parts; 0 says nothing of it.
TEXT_PART_CENTS = env.float("TEXT_PART_CENTS", 1.2, validate=validate.Range(0))
# Where webhooks wait, sealed, while the database is away. Web and clock share this folder.
SPOOL_PATH = env.str("SPOOL_PATH", "")
# Where PostgreSQL keeps its data, or another folder of the same disk; what is kept free there for texts.
DATABASE_DISK_PATH = env.str("DATABASE_DISK_PATH", SPOOL_PATH)
FILES_LEAVE_FREE_MB = env.int("FILES_LEAVE_FREE_MB", 1000)
FILES_PER_CENTER_MB = env.int("FILES_PER_CENTER_MB", 10_000, validate=validate.Range(1))
# A virus scanner for files that can only be saved: the path of clamd's socket, or host:port on this machine.
CLAMD = env.str("CLAMD", "")
# For how long Twilio keeps a text that is stored here and settled: longer than the pause between two backups.
TWILIO_KEEP_HOURS = env.int("TWILIO_KEEP_HOURS", 48)

# Backups: sealed to a public key whose other half is kept offline. See docs/backup.md.
DATABASE_BACKUP_URL = env.str("DATABASE_BACKUP_URL", "")
BACKUP_PUBLIC_KEY = env.str("BACKUP_PUBLIC_KEY", "")
BACKUP_PUBLIC_KEY_PATH = env.str("BACKUP_PUBLIC_KEY_PATH", "")
POSTGRESQL_PROGRAMS = env.str("POSTGRESQL_PROGRAMS", "")

# Work in the background: jobs/ keeps it, Celery is only the nudge.
CELERY_BROKER_URL = VALKEY_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "global_keyprefix": "q:",
    "socket_keepalive": True,
    "socket_connect_timeout": 0.5,
    "health_check_interval": 30,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 120, 90
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"

LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"version": 1}  # not empty, or Django would not call the function above
SILENCED_SYSTEM_CHECKS: list[str] = []
