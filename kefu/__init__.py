"""The shell: settings, urls, Celery, embedded services. It holds no domain models and nobody imports it."""

from kefu.celery import app as celery_app

__all__ = ["celery_app"]
