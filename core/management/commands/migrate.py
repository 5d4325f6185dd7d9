"""`migrate`: Django's, as the owner of the tables; then the application gets what it may do with them."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections

from core.grants import grants_apply
from core.migrating import Executor

OWNER = "owner"
migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]  # Django's command names it there


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER if OWNER in settings.DATABASES else "default")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["database"] == OWNER and not (options["plan"] or options["check_unapplied"]):
            application = settings.DATABASES["default"]
            grants_apply(connections[OWNER], role=application["USER"], password=application["PASSWORD"])
