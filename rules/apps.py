from django.apps import AppConfig
from django.urls import register_converter

from rules.converters import MonthConverter


class RulesConfig(AppConfig):
    name = "rules"
    verbose_name = "规章制度"

    def ready(self) -> None:
        register_converter(MonthConverter, "month")
