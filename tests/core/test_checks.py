"""A database that this version did not make is refused before anything is migrated in it."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from core.checks import schema_is_known

pytestmark = pytest.mark.django_db


def test_the_own_database_and_an_empty_list_are_fine() -> None:
    assert schema_is_known(databases=["default"]) == [] == schema_is_known(databases=None)


@pytest.mark.parametrize("name", ["0009_two_step", "9999_of_a_later_version"])
def test_migrations_that_this_version_does_not_have_are_named_with_the_remedy(name: str) -> None:
    MigrationRecorder(connection).record_applied("people", name)
    with pytest.raises(SystemCheckError, match=rf"people\.{name}") as refused:
        call_command("migrate", verbosity=0, skip_checks=False)
    assert "make clean" in str(refused.value) and "恢复升级前的备份" in str(refused.value)


def test_another_packages_migrations_are_its_own_affair() -> None:
    MigrationRecorder(connection).record_applied("axes", "9999_of_a_later_version")
    assert schema_is_known(databases=["default"]) == []
