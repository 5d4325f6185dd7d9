from django.apps import AppConfig
from django.urls import register_converter

from core import checks as checks
from core.converters import MonthConverter


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基础"

    def ready(self) -> None:
        register_converter(MonthConverter, "month")
