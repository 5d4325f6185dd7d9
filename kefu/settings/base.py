"""Settings that every environment shares. Secrets and addresses come from environment variables."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import pghistory
from celery.schedules import crontab
from django.templatetags.static import static

from kefu import embedded
from kefu.redis_urls import broker_url, cache_url
from kefu.settings.grants import DATABASE_GRANTS as DATABASE_GRANTS

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)
env = environ.Env()

DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "core",
    "people",
    "notices",
    "files",
    "rules",
    "penalties",
    "shifts",
    "duties",
    "training",
    "complaints",
    "commissions",
    "appraisals",
    "promotions",
    "nominations",
    "statutory",
    "payroll",
    "imports",
    "workbench",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kefu.security.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kefu.security.SignedInMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "kefu.security.FirstPasswordMiddleware",
    "kefu.security.PrivateMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kefu.urls"
WSGI_APPLICATION = "kefu.wsgi.application"

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
                "kefu.navigation.shell",
            ],
        },
    },
]

# Services: given by address, or else real ones started under var/.
# DATABASE_URL is the application's role, which owns nothing; DATABASE_OWNER_URL the owner's, who migrates.
DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url(user=embedded.APPLICATION)
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="") or (
    DATABASE_URL if env.str("DATABASE_URL", default="") else embedded.database_url()
)
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()

DATABASES = {"default": env.db_url_config(DATABASE_URL), "owner": env.db_url_config(DATABASE_OWNER_URL)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and language
AUTH_USER_MODEL = "people.Account"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Sign-in: five wrong passwords lock the account's name for a quarter of an hour, wherever they come from
# (an office has one address, and behind a proxy everybody has the same). Tries meanwhile do not prolong it.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"  # it holds without Redis, and after a restart
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it asks for the address, see above; a name cannot be rotated
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "kefu.signin.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SIGN_IN_DAYS = env.int("SIGN_IN_DAYS", default=90)  # that it is kept who signed in, or failed to, from where
OTP_TOTP_ISSUER = "kefu"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# A session lasts twelve hours from its last change (mostly the sign-in) and ends with the browser: the
# computers are shared. An agent may stay signed in on a phone for SESSION_DAYS_REMEMBERED.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_DAYS_REMEMBERED = 7
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kefu.security.stale_form"

# History (core/history.py): what a request writes is known to be its account's.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="+")

# What a page may load: only what this site serves, and no script or style written into the page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# The administration's theme (unfold) evaluates Alpine expressions and writes styles and scripts in its pages.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": ["'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'unsafe-inline'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

# By what numbers of documents and bank accounts are sealed in the database, the newest first
# (people/sealing.py). None by default: a key that everybody knows seals nothing.
DATA_KEYS = [each.strip() for each in env.list("KEFU_DATA_KEYS", default=[]) if each.strip()]

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default="") or VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
# What people upload to be imported: nobody is served from here. Files may hold buyers' data, so they go.
UPLOAD_DIR = env.str("UPLOAD_DIR", default="") or VAR_DIR / "uploads"
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=200) << 20
UPLOAD_DAYS = env.int("UPLOAD_DAYS", default=30)

# How long the solver looks for a roster; its own measure, about a second of one core each.
ROSTER_SOLVER_SECONDS = env.float("ROSTER_SOLVER_SECONDS", default=10)
# What people attach to handovers, reports and leave: opened through a page that checks who asks.
ATTACHMENT_DIR = env.str("ATTACHMENT_DIR", default="") or VAR_DIR / "attachments"
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=10) << 20
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# What is remembered for a short while only: how many requests a token made. Nothing waits for it long.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(REDIS_URL),
        "KEY_PREFIX": "kefu",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# API: systems sign in with tokens (people/tokens.py); what they may see is decided in people's selectors.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "kefu.api_filters.KnownOnly",
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "kefu.api_limits.Cursor",
    "DEFAULT_THROTTLE_CLASSES": ["kefu.api_limits.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", default="600/min")},
    "DEFAULT_SCHEMA_CLASS": "kefu.api_schema.Schema",
    "EXCEPTION_HANDLER": "kefu.problems.answer_problem",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "kefu 接口",
    "DESCRIPTION": "客服部管理：员工、制度、奖惩、订单、导入与工资。用法见 docs/api.md。",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"docExpansion": "list", "filter": True, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ImportKind": "imports.filters.KINDS",
        "IncidentState": ["recorded", "confirmed", "rejected", "reversed"],
        "ProposalState": "penalties.models.Proposal.State",
        "ProposalKind": "rules.proposals.ProposalKind",
        "SettlementState": "payroll.models.SettlementPeriod.State",
        "RunState": "payroll.models.SettlementRun.State",
    },
}

# Where the visitor's address stands. Behind a reverse proxy name the header that it sets itself, and only
# where visitors cannot reach the application past it: HTTP_X_REAL_IP.
CLIENT_ADDRESS_META = env.str("DJANGO_CLIENT_ADDRESS_META", default="REMOTE_ADDR")

# Celery: a task is acknowledged when it has finished, so that a killed worker's task runs again: at once if
# one of the worker's processes dies, after the visibility timeout if the whole machine does. The timeout is
# longer than any settlement, or a second worker would be given a task that is still running.
# Progress and results are rows of the database, hence no result backend.
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 6 * 60 * 60}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "settle-all-departments": {
        "task": "payroll.tasks.settle_all_departments",
        "schedule": crontab(minute=0, hour=2, day_of_month=1),
    },
    "derive-last-days": {"task": "shifts.tasks.derive_last_days", "schedule": crontab(minute=30, hour=1)},
    "record-missed-duties": {"task": "duties.tasks.duties_check", "schedule": crontab(minute=7)},
    "remove-lost-attachments": {
        "task": "files.tasks.tidy_attachments",
        "schedule": crontab(minute=40, hour=3),
    },
    "ring-case-clocks": {"task": "complaints.tasks.clocks_sweep", "schedule": crontab(minute="*/10")},
    "check-case-calendars": {
        "task": "complaints.tasks.calendars_check",
        "schedule": crontab(minute=15, hour=4),
    },
    "forget-complainants": {
        "task": "complaints.tasks.complainants_forget",
        "schedule": crontab(minute=25, hour=4),
    },
    "exams": {"task": "training.tasks.exams_tick", "schedule": crontab()},
    "remind": {"task": "duties.tasks.remind", "schedule": crontab(minute="*/5")},
    "remind-of-fines": {"task": "penalties.tasks.fines_remind", "schedule": crontab(minute=10, hour=8)},
    "remind-of-leave": {
        "task": "shifts.tasks.leave_expiring_remind",
        "schedule": crontab(minute=20, hour=8),
    },
    "remind-of-training": {"task": "training.tasks.steps_check", "schedule": crontab(minute=5, hour=17)},
    "send-notices": {"task": "notices.tasks.send_notices", "schedule": crontab(minute="*/5")},
    "remove-old-uploads": {"task": "imports.tasks.tidy", "schedule": crontab(minute=30, hour=3)},
    "forget-sign-ins": {"task": "people.tasks.sign_ins_tidy", "schedule": crontab(minute=50, hour=3)},
}

# Notices (notices/): where this site is, for links in them; the mail server; how exactly the
# addresses of bots begin, so that an address that somebody types leads nowhere else.
SITE_URL = env.str("SITE_URL", default="") or "http://127.0.0.1:8000"
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(environ.Env.email_url_config(EMAIL_URL or "dummymail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "kefu@localhost"
NOTICE_WEBHOOKS = {
    "wecom": [env.str("WECOM_WEBHOOK", default="") or "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"],
    "dingtalk": [env.str("DINGTALK_WEBHOOK", default="") or "https://oapi.dingtalk.com/robot/send"],
}

UNFOLD = {
    "SITE_TITLE": "kefu 客服部管理",
    "SITE_HEADER": "kefu 客服部管理",
    "SITE_SUBHEADER": "制度、奖惩、排班、提成与工资",
    "SITE_SYMBOL": "support_agent",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("kefu/icon.svg")},
    ],
    "STYLES": [lambda request: static("kefu/admin.css")],
    "SCRIPTS": [lambda request: static("kefu/admin.js")],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # It would write down the addresses of bots, which are secrets.
        "urllib3": {"level": "WARNING"},
        # It would tell of every table of a font for every paper.
        "fontTools": {"level": "WARNING"},
    },
}
