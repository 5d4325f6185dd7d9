"""Production. It refuses to start where a setting would be unsafe or is missing."""

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def _refuse(name: str, reason: str) -> None:
    raise ImproperlyConfigured(f"拒绝启动：环境变量 {name} {reason}")


SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    _refuse("DJANGO_SECRET_KEY", "缺失或过短：请设为至少 50 个字符的随机字符串。")
if any(word in SECRET_KEY.lower() for word in ("insecure", "change")):
    _refuse("DJANGO_SECRET_KEY", "是示例值：请换成自己生成的随机字符串。")
if env.bool("DJANGO_DEBUG", default=False):
    _refuse("DJANGO_DEBUG", "不得在生产环境打开：请删除或设为 false。")
_data_keys = [each.strip() for each in env.list("KEFU_DATA_KEYS", default=[]) if each.strip()]
if not _data_keys or any(len(each) < 32 or len(set(each)) < 5 for each in _data_keys):
    _refuse(
        "KEFU_DATA_KEYS",
        "缺失或过短：证件号码和银行账号以它加密，"
        "请设为至少 32 个字符的随机字符串；几把以逗号分隔，新的在前。",
    )
if any(word in each.lower() for each in _data_keys for word in ("insecure", "change")):
    _refuse("KEFU_DATA_KEYS", "是示例值：请换成自己生成的随机字符串。")
_hosts = env.list("DJANGO_ALLOWED_HOSTS", default=[])
if not _hosts or "*" in _hosts:
    _refuse("DJANGO_ALLOWED_HOSTS", "缺失或含“*”：请写明站点域名，多个以逗号分隔。")
for _name in ("DATABASE_URL", "REDIS_URL"):
    if not env.str(_name, default=""):
        _refuse(_name, "缺失：生产环境须写明服务地址，不会自动启动内置服务。")
if not env.str("DATABASE_URL").startswith(("postgres://", "postgresql://")):
    _refuse("DATABASE_URL", "不是 PostgreSQL 地址：本系统只支持 PostgreSQL。")
for _name in ("WECOM_WEBHOOK", "DINGTALK_WEBHOOK"):
    if not (env.str(_name, default="") or "https://").startswith("https://"):
        _refuse(_name, "须以 https:// 开头。")

from kefu.settings.base import *  # noqa: E402 - base would start services for missing addresses

DEBUG = False
ALLOWED_HOSTS = _hosts
SITE_URL = env.str("SITE_URL", default="") or f"https://{_hosts[0].lstrip('.')}"

# Static files are served by the application itself, right behind the security middleware.
MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

# TLS ends at the reverse proxy, which sets X-Forwarded-Proto itself and drops the visitor's.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("DJANGO_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.int("DJANGO_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("DJANGO_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("DJANGO_HSTS_PRELOAD", default=False)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[]) or [
    f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS
]
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DJANGO_CONN_MAX_AGE", default=60)
