"""Django's settings. Every value that a host may choose is read through `config.env`."""

import logging.config
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fontpkg_inter
from django.utils.csp import CSP

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
HANDRAIL_HOME = env.folder("HANDRAIL_HOME", BASE_DIR / ".handrail")
PORT = env.number("PORT", 8000, low=1, high=65535)
HTTPS = env.flag("HANDRAIL_HTTPS")

SECRET_KEY = env.text("HANDRAIL_SECRET_KEY", "only-for-commands-that-sign-nothing-" + "x" * 32)
SECRET_KEY_FALLBACKS = env.words("HANDRAIL_SECRET_KEY_FALLBACKS")  # earlier ones, that still open what they closed
DEBUG = False
ALLOWED_HOSTS = env.words("HANDRAIL_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("HANDRAIL_ORIGINS")

INSTALLED_APPS = [
    "deploy",
    "reviews",
    "orchestration",
    "audit",
    "django.contrib.admin.apps.SimpleAdminConfig",  # RQ's dashboard asks for it; no page of it is mounted
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "channels",
    "django_htmx",
    "django_rq",
    "guardian",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "audit.accounts.last_seen.LastSeenMiddleware",
    "audit.accounts.required.SecondFactorMiddleware",
    "audit.zones.ZoneMiddleware",
    "audit.preferring.LanguageMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "audit.preferring.preferred",
                "reviews.navigation.navigation",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# The application's own role owns nothing and may only insert into the ledger; the owner migrates.
POOL = {"min_size": 1, "max_size": env.number("HANDRAIL_DB_POOL", 12, low=1, high=200), "timeout": 10}
DATABASES: dict[str, Any] = {
    "default": dict(env.database("DATABASE_URL")),
    "owner": dict(env.database("MIGRATE_DATABASE_URL", fallback="DATABASE_URL")),
}
# Who stands still in the middle of a transaction holds rows that others wait for: the server soon gives it up.
# The statements of audit.hot have one plan for all values: planning costs more than most of them.
LEASE_SECONDS = env.number("HANDRAIL_LEASE_SECONDS", 15, low=2, high=3600)
GIVEN_UP = f"-c idle_in_transaction_session_timeout={LEASE_SECONDS}s"
DEFAULTS = {"options": f"{GIVEN_UP} -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1"}
DATABASES["default"]["OPTIONS"] = {
    **DEFAULTS,
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": POOL,
    "prepare_threshold": 5,  # for the statements of audit.hot
}
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
# Its migrations ask the default database, whose role cannot migrate; its one model has no table anyway.
MIGRATION_MODULES = {"django_rq": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
RQ_QUEUES = {"steps": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": -1, "SERIALIZER": "rq.serializers.JSONSerializer"}}
RQ = {"JOB_CLASS": "orchestration.doorbell.Bell"}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "handrail"},
    }
}

AUTH_USER_MODEL = "audit.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "audit.accounts.backend.Backend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 60 * 60
HANDRAIL_SECOND_FACTOR = env.words("HANDRAIL_SECOND_FACTOR")  # `everybody`, or the groups that need one

ACCOUNT_ADAPTER = "audit.accounts.adapters.Account"
ACCOUNT_FORMS = {"login": "audit.accounts.forms.SignIn"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]  # nobody signs up; allauth checks that these agree
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are given by whoever invites
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or factor is told by mail
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,10/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("HANDRAIL_PROXY") else 0
MFA_ADAPTER = "audit.accounts.factors.Factors"
MFA_FORMS = {"add_webauthn": "audit.accounts.forms.NewPasskey"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 0  # a code is remembered as used for one period: with more, it would open twice
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or somebody else could lock a person out for good
AXES_DISABLE_ACCESS_LOG = True  # the ledger has who signed in
AXES_CLIENT_IP_CALLABLE = "audit.accounts.places.address"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "credential", "oldpassword", "password1", "password2"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Rate limits and codes that were used are told to all web processes, and outlast Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "audit_cached",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Cookies do not know ports: two installations on one host must not sign each other out.
SESSION_COOKIE_NAME = f"handrail_session_{PORT}"
CSRF_COOKIE_NAME = f"handrail_csrf_{PORT}"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_FAILURE_VIEW = "audit.refusals.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("HANDRAIL_PROXY") else None
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["orchestration.uploads.Bounded"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.text("HANDRAIL_TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", str(fontpkg_inter.ROOT / "files"))]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60

OUTBOX = HANDRAIL_HOME / "outbox"  # where e-mail goes while no mail server is named
SMTP_HOST = env.text("HANDRAIL_SMTP_HOST")
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": env.number("HANDRAIL_SMTP_PORT", 25, low=1, high=65535),
            "username": env.text("HANDRAIL_SMTP_USER"),
            "password": env.text("HANDRAIL_SMTP_PASSWORD"),
            "use_tls": env.flag("HANDRAIL_SMTP_TLS"),
            "timeout": 20,
        },
    }
}
DEFAULT_FROM_EMAIL = env.text("HANDRAIL_MAIL_FROM", "Northwind Bank support <support@northwind-bank.example>")

# How pages are reached from outside: links in messages begin so.
HANDRAIL_ADDRESS = env.text("HANDRAIL_ADDRESS", next(iter(CSRF_TRUSTED_ORIGINS), f"http://127.0.0.1:{PORT}"))
HANDRAIL_CHATS = env.hosts(  # by the schema of apprise, and the hosts that it may reach
    "HANDRAIL_CHATS",
    "slack: hooks.slack.com slack.com; workflows: *.logic.azure.com *.powerplatform.com; discord: discord.com; "
    "tgram: api.telegram.org; gchat: chat.googleapis.com; webex: api.ciscospark.com webexapis.com",
)
HANDRAIL_CHAT_BOTS = env.commands("HANDRAIL_CHAT_BOTS")  # references to secrets, by name: Slack: kept:slack-bot

HANDRAIL_LEDGER_FOLDER = env.folder("HANDRAIL_LEDGER_FOLDER", HANDRAIL_HOME / "ledger")  # what the signer keeps
HANDRAIL_LEDGER_NAME = env.text("HANDRAIL_LEDGER_NAME", f"{urlsplit(HANDRAIL_ADDRESS).netloc}/record")
HANDRAIL_ANCHOR_MAIL = env.words("HANDRAIL_ANCHOR_MAIL")  # who keeps checkpoints of the record, by mail once a day
HANDRAIL_WORKSPACE = env.text("HANDRAIL_WORKSPACE", "Northwind Bank")
HANDRAIL_MONTH_BUDGET = env.amount("HANDRAIL_MONTH_BUDGET")  # US dollars for all models in a month
HANDRAIL_RATES = env.rates("HANDRAIL_RATES")
HANDRAIL_MODEL = env.text("HANDRAIL_MODEL")
HANDRAIL_PRESIDIO = env.flag("HANDRAIL_PRESIDIO")
HANDRAIL_PRESIDIO_MODEL = env.text("HANDRAIL_PRESIDIO_MODEL")
HANDRAIL_PRESIDIO_LANGUAGE = env.text("HANDRAIL_PRESIDIO_LANGUAGE", "en")
HANDRAIL_WORKERS = env.number("HANDRAIL_WORKERS", 2, low=1, high=64)
HANDRAIL_SCRIPT = BASE_DIR / "deploy" / "sample" / "data" / "answers.yaml"
HANDRAIL_TOOLS = env.words("HANDRAIL_TOOLS")  # Python modules with a list TOOLS
HANDRAIL_MCP_COMMANDS = env.commands("HANDRAIL_MCP_COMMANDS")  # MCP servers that may be begun here, by name
HANDRAIL_SECRETS = env.Names()  # whether a secret is there; its value is for whoever calls
HANDRAIL_FOLDERS = env.folders("HANDRAIL_FOLDERS")  # that tools of kind files and sql may be given, by name
HANDRAIL_SECRETS_FOLDER = env.folder("HANDRAIL_SECRETS_FOLDER", HANDRAIL_HOME / "secrets")  # the only one for files
HANDRAIL_CALLS = env.number("HANDRAIL_CALLS", 200, low=1, high=2000)  # steps in flight in one worker process
HANDRAIL_LEASE = timedelta(seconds=LEASE_SECONDS)
HANDRAIL_GRACE = timedelta(seconds=10)  # how long a step has to stop once it was told to

LOGGING_CONFIG = None
logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": env.text("HANDRAIL_LOG_LEVEL", "INFO")},
        "loggers": {
            "axes": {"level": "ERROR"},  # what was typed as a user name may be a password
            "fido2": {"level": "WARNING"},
            "rq": {"level": "WARNING"},
            "LiteLLM": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "mcp": {"level": "ERROR"},
            "apprise": {"level": "CRITICAL"},  # it tells addresses, which hold secrets
        },
    }
)
