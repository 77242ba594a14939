"""Every setting of the product, by environment (docs/settings.md). Production, demo and tests share this file."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.utils.csp import CSP

from ecrm.secret_key import read_secret_key
from lib.connections.outgoing import own_ports, parse_allowed

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("ECRM_VAR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("ECRM_DEBUG", default=False)
DEMO = env.bool("ECRM_DEMO", default=False)
INSTANCE = env.str("ECRM_INSTANCE", default="")  # what /readyz calls this process; its launcher asks for it
ECRM_URL = env.str("ECRM_URL", default="http://127.0.0.1:8000").rstrip("/")
SECRET_KEY = env.str("SECRET_KEY", default="") or read_secret_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# What hides an address in the suppression list. It never rotates, or opt-outs would be forgotten.
ERASURE_KEY = env.str("ERASURE_KEY", default="") or SECRET_KEY
# Exactly the host of ECRM_URL; an installation that lives on loopback answers to each of loopback's names.
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
_own_host = urlsplit(ECRM_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK_HOSTS if _own_host in LOOPBACK_HOSTS else [_own_host])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[ECRM_URL])

INSTALLED_APPS = [
    "lib",
    "workspaces",
    "contacts",
    "consent",
    "privacy",
    "segments",
    "touchpoints",
    "imports",
    "engagement",
    "emails",
    "delivery",
    "messengers",
    "deliverability",
    "conversations",
    "campaigns",
    "social",
    "portal",
    "backstage",
    "ecrm",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
]

# Proxies of ours, as addresses or networks: what they say of the client and of https is believed, nobody else's word.
NEAR_BY = ["127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[]) or (
    NEAR_BY if env.bool("ECRM_BEHIND_PROXY", default=False) else []
)

MIDDLEWARE = [
    "ecrm.early.answer_early",
    "lib.web.client_address.tell_client_address",
    "lib.web.packing.PackPages",
    "lib.web.headers.careful_headers",
    "workspaces.api.middleware.ApiProblems",
    "django.middleware.security.SecurityMiddleware",
    "backstage.health.database_down_page",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "lib.web.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "workspaces.languages.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "workspaces.middleware.SeenSessions",
    "django_structlog.middlewares.RequestMiddleware",
    "lib.asked.RefuseNul",
    "workspaces.middleware.WorkspaceMiddleware",
    "workspaces.too_slow.TooSlowMiddleware",
]

ROOT_URLCONF, PUBLIC_URLCONF = "ecrm.urls", "ecrm.urls_public"  # the second is a part of the first
WORKSPACE_URLCONF = "ecrm.urls_workspace"
WSGI_APPLICATION = "ecrm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "lib.templatetags.look",
                "engagement.templatetags.relationship",
            ],
        },
    }
]
FORM_RENDERER = "lib.web.forms_look.Renderer"

# PostgreSQL. The pool belongs to the web only: one opened before a prefork is unsafe.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://ecrm_app@127.0.0.1:5432/ecrm")}
_prepared = 0 if env.bool("DB_PREPARE", default=True) else None  # what lib.sql.run_prepared asks, from its first time
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0 if env.bool("DB_POOL", default=False) else 60,
    "CONN_HEALTH_CHECKS": True,  # in the pool too: after a restart of PostgreSQL every connection in it is dead
    "OPTIONS": DATABASES["default"].get("OPTIONS", {}) | {"prepare_threshold": _prepared},
}
DATABASE_POOL = {"min_size": 2, "max_size": 10, "timeout": 2}
DATABASES["default"]["OPTIONS"] |= {"pool": DATABASE_POOL} if env.bool("DB_POOL", default=False) else {}
if env.str("ECRM_ASSUME_ROLE", default=""):
    DATABASES["default"]["OPTIONS"]["assume_role"] = env.str("ECRM_ASSUME_ROLE")
# Seconds for one statement: short in the web, longer in workers, as it likes in commands (0).
_web, _worker = env.float("WEB_STATEMENT_SECONDS", default=15), env.float("WORKER_STATEMENT_SECONDS", default=300)
STATEMENT_SECONDS, STATEMENT_SECONDS_BY_PROCESS = 0.0, {"web": _web, "worker": _worker}
SENDER_IDLE_SECONDS = env.float("SENDER_IDLE_SECONDS", default=120)  # of silence in a transaction
ADMIN_DATABASE_URL = env.str("ADMIN_DATABASE_URL", default="")  # full backups and restores
APP_ROLE = env.str("ECRM_APP_ROLE", default="ecrm_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Valkey: cache, Celery's broker, the stream of opens and clicks.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "lib.web.caching.ForgivingCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ecrm",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_CREATE_MISSING_QUEUES = True
ECRM_SENDING_THREADS = env.int("ECRM_SENDING_THREADS", default=8)  # slots of a sending process
ECRM_SENDER_SLOTS = env.int("ECRM_SENDER_SLOTS", default=2)  # of one sender at once, for campaigns
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # it waits
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "retry_on_timeout": True}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ALWAYS_EAGER = env.bool("ECRM_EAGER_TASKS", default=False)

# Who may come in
AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ONLY_SUPERUSERS_FOUND = env.bool("ONLY_SUPERUSERS_FOUND", default=False)  # workspaces, in the browser
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "workspaces.accounts.AccountAdapter"
# `key` is account and address together (AccountAdapter), so that wrong posts of one cannot lock out the other
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/5m/key", "login_from_strangers": "50/h/key"}
MFA_ADAPTER = "workspaces.accounts.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "workspaces.signing_up.InvitedForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ECRM_URL.startswith("http://")
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": env.json("OIDC_APPS", default=[])}}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ECRM_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
if SESSION_COOKIE_SECURE:  # a browser takes a cookie of this name only from this host itself, over TLS, for all paths
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_SECURE = True
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if ECRM_URL.startswith("https://") else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-src": [CSP.SELF],
}

# Our own mails (invitations, password resets). Campaigns use the workspace's sender.
MAILER_URL = env.str("MAILER_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="eCRM <no-reply@localhost>")
_mailer = urlsplit(MAILER_URL)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mailer.hostname,
            "port": _mailer.port or 25,
            "username": _mailer.username or "",
            "password": _mailer.password or "",
            "use_tls": _mailer.scheme == "smtp+tls",
            "use_ssl": _mailer.scheme == "smtps",
            "timeout": 10,
        },
    }
    if MAILER_URL
    else {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": str(VAR_DIR / "mail")},
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
# These begin with "/": a relative one would be cached with the first workspace's prefix.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("ECRM_STATIC", default=str(VAR_DIR / "staticfiles")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing one
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lib.web.static_files.HashedStaticFiles"},  # collectstatic names and packs them once
}
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("ECRM_MEDIA", default=str(VAR_DIR / "media")))
WHITENOISE_USE_FINDERS = True  # plain names, where nothing is collected yet
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_HANDLERS = [
    "lib.web.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
ECRM_UPLOAD_LARGEST = env.int("ECRM_UPLOAD_LARGEST", default=1_000_000_000)
# Where connections that members write down may lead, beyond public addresses (lib/connections/outgoing.py): to this machine (for
# tests and the demo only), to private relays; never to our own database and Valkey.
ECRM_FETCH_LOOPBACK = env.bool("ECRM_FETCH_LOOPBACK", default=False)
ECRM_OUTGOING_ALLOWED = parse_allowed(env.list("ECRM_OUTGOING_ALLOWED", default=[]))
ECRM_NAMESERVERS = env.list("ECRM_NAMESERVERS", default=[])  # who is asked of domains; the machine's own, if none
ECRM_PUSH_SERVICES = env.list("ECRM_PUSH_SERVICES", default=[])  # beside the usual ones (lib/push/endpoints.py)
DATABASES_TOLD = (env.str(f"{role}DATABASE_URL", default="") for role in ("", "OWNER_", "ADMIN_"))
ECRM_OWN_PORTS = own_ports(*DATABASES_TOLD, REDIS_URL)
ECRM_API_REQUESTS_A_MINUTE = env.int("ECRM_API_REQUESTS_A_MINUTE", default=1_200)  # of one key
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOGGING_CONFIG = "lib.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", default="INFO"), "json": env.bool("LOG_JSON", default=False)}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, at its end; failures stay loud
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG
SILENCED_SYSTEM_CHECKS = ["models.W042"]
