"""Development and demonstration on one machine."""

from kefu.settings.base import *

DEBUG = True
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="insecure-development-key")
DATA_KEYS = DATA_KEYS or ["insecure-development-data-key"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
