"""Settings, read top to bottom. Every value comes from the environment; nonsense stops the boot with a sentence."""

from __future__ import annotations

import os
from pathlib import Path

from cliniqai import environment
from cliniqai.databases import database

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = environment.read(os.environ)

# --- What and where ---------------------------------------------------------------------------------------------
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
FIELD_KEYS = ENV.field_keys
BASE_DOMAIN = ENV.base_domain
PUBLIC_SCHEME = ENV.public_scheme
PUBLIC_PORT = ENV.public_port  # "" behind a proxy on the scheme's own port
ALLOWED_HOSTS = ["*"]  # the clinic middleware is the only door: it knows every host and refuses the rest with 404
ROOT_URLCONF = "cliniqai.urls"
PUBLIC_SCHEMA_URLCONF = "cliniqai.public_urls"
WSGI_APPLICATION = "cliniqai.wsgi.application"
APPEND_SLASH = False  # a redirect turns Twilio's POST into a GET and loses its parameters
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Apps: the placement of an app is for life, docs/adr/0001 ---------------------------------------------------
SHARED_APPS = [
    "django.contrib.admin",  # before django_tenants, whose admin templates carry inline styles
    "django_tenants",
    "clinics",
    "notifications",
    "clinics.people",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth.account",
    "allauth.mfa",
]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.admin",
    "guardian",
    "auditlog",
    "allauth.account",
    "allauth.mfa",
    "clinics.people",
    "clinics.practice",
    "calls",
    "tasks",
    "escalations",
    "analytics",
]
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "clinics.Clinic"
TENANT_DOMAIN_MODEL = "clinics.Domain"
TENANT_LIMIT_SET_CALLS = True  # needs django-tenants >= 4.0.1, see tests/tenancy
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The road of a request --------------------------------------------------------------------------------------
MIDDLEWARE = [
    "cliniqai.references.ReferenceMiddleware",
    "cliniqai.health.HealthMiddleware",
    "clinics.tenancy.ClinicMiddleware",
    "clinics.audit.AuditMiddleware",
    "clinics.telephone.TwilioRoad",  # webhooks leave here for their view; all below is for people in a browser
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinics.people.sessions.ClinicSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinics.people.language.LanguageMiddleware",
    "clinics.people.pages.PageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinics.people.pages.page",
            ],
            "builtins": ["django.templatetags.i18n", "clinics.templatetags.recorded"],
        },
    }
]

# --- PostgreSQL --------------------------------------------------------------------------------------------------
DATABASES = {"default": database(ENV.database_url, web=ENV.is_web)}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
ATOMIC_REQUESTS = False

# --- Redis: broker, stream, live state --------------------------------------------------------------------------
REDIS_URL = ENV.redis_url
BROKER_URL = ENV.broker_url
CACHE_URL = ENV.cache_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
ASYNC_DELIVERY = ENV.async_delivery

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "guardian.backends.ObjectPermissionBackend"]
ANONYMOUS_USER_NAME = None
REQUIRE_MFA = ENV.require_mfa
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
MFA_ADAPTER = "clinics.people.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 0  # a code of one step before would outlive the mark of the last one used
MFA_WEBAUTHN_USER_VERIFICATION = "required"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "clinics.people.sessions"
SESSION_COOKIE_NAME = "sid"
SESSION_COOKIE_AGE = 12 * 3600  # the absolute limit, however busy
SESSION_IDLE_SECONDS = 15 * 60
PROOF_SECONDS = 10 * 60  # how long a proof of who one is counts for sensitive deeds
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_SCHEME == "https"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "clinics.people.views.csrf_failed"

# --- Security headers --------------------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_SCHEME == "https" else None
SECURE_SSL_REDIRECT = PUBLIC_SCHEME == "https"
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]  # monitoring asks from this machine, behind the proxy; health is above all this
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_SCHEME == "https" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Telephone ---------------------------------------------------------------------------------------------------
TWILIO_ACCOUNT_SID = ENV.twilio_account_sid
TWILIO_AUTH_TOKEN = ENV.twilio_auth_token
TWILIO_API_BASE_URL = ENV.twilio_api_base_url
DRILL_SERVER = ENV.drill_server
HEARTBEAT_URL = ENV.heartbeat_url  # "": nobody outside is told that all is well
METRICS_TOKEN = ENV.metrics_token  # "": /metrics answers this machine only
SMS_MODE = ENV.sms_mode  # off: nothing is texted or rung, and each delivery says so
NUMBER_KEY = ENV.number_key

# --- Webhooks ----------------------------------------------------------------------------------------------------
WEBHOOK_NETWORKS = ENV.webhook_networks  # besides the public internet
WEBHOOK_CA_FILE = ENV.webhook_ca_file  # "": the machine's own certificate authorities

# --- Providers: who may be asked stands in the table of clinics.providers, what opens their doors stands here ------
PROVIDER_KEYS = ENV.provider_keys
PROVIDER_URLS = ENV.provider_urls  # instead of the table's address: a stub, or a regional endpoint
LLM_PROVIDERS = ENV.llm_providers  # asked before the others of the table, in this order

# --- E-mail ------------------------------------------------------------------------------------------------------
EMAIL_MODE = "on" if ENV.email else "off"
EMAIL_TIMEOUT = 10  # seconds that one word of the mail server may take
if ENV.email:
    EMAIL_HOST, EMAIL_PORT = ENV.email.host, ENV.email.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENV.email.user, ENV.email.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = ENV.email.use_ssl, ENV.email.use_tls
    DEFAULT_FROM_EMAIL = ENV.email.sender

# --- API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinics.people.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinics.people.access.HasPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["clinics.practice.api_use.Throttle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "clinics.people.api.Pages",
    "EXCEPTION_HANDLER": "clinics.people.api.error_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 50,
}
API_MOST_OF_PERSON = 300  # requests in a minute, over all of a person's tokens and sessions
API_MOST_OF_CLINIC = 1500
SPECTACULAR_SETTINGS = {
    "TITLE": "CliniqAI",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CallOutcomeEnum": "calls.models.Outcome.choices",
        "EscalationOutcomeEnum": "escalations.models.Outcome.choices",
    },
}

# --- Words, time, files ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"  # of everything that is not for a person at a page: docs/adr/0055
LANGUAGES = [("en", "English"), ("es", "Español")]  # of the portal; the words are in clinics/locale
FORMAT_MODULE_PATH = ["cliniqai.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
BUCKET = ENV.bucket  # files that several web hosts share; None: this machine's disk
STORAGES = {
    "default": {
        "BACKEND": "cliniqai.stores.SharedFiles" if ENV.bucket else "django.core.files.storage.FileSystemStorage"
    },
    "recordings": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": ENV.data_dir / "recordings",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "cliniqai.statics.SmallFiles"
    },
}
# What a page of a signed-in person runs, in this order; a real host serves it as one small file.
FRAME_SOURCES = (
    "django_htmx/htmx-2.min.js", "portal.js", "lists.js", "queue.js", "sound.js", "alarm.js", "stream.js",
    "session.js",
)  # fmt: skip
FRAME = "frame.js"
FRAME_SCRIPTS = FRAME_SOURCES if DEBUG else (FRAME,)
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False
DATA_DIR = ENV.data_dir
MEDIA_ROOT = ENV.data_dir / "media"
BACKUPS = ENV.backups  # where clinics are kept each night; None: nowhere

# --- Traces and errors: off unless somebody gives an address ------------------------------------------------------
TRACES_URL = ENV.traces_url
ERRORS_DSN = ENV.errors_dsn
PROCESS = ENV.process

# --- Logs: ids and codes, never words ----------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "cliniqai.logs.TypesAndPlaces",
            "format": "%(asctime)s %(levelname)s %(reference)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        "twilio": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "anthropic": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},  # a wake-up a second says nothing
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
