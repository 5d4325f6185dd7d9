"""Migrations applied with fewer renderings: what Django does for each operation is done once for several.

After each operation Django renders the model anew, and every model related to it. With some hundred models
that all lead to staff and accounts, this is nearly all the time of a migration from nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

# They name a model and leave its fields as they are.
APPENDED = (AddConstraint, AddIndex, AddTrigger)


class Together(Operation):
    """Operations of one kind that follow one another, none of which needs the state between them."""

    def __init__(self, operations: Sequence[Any]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # without it, nothing is rendered anew
        for each in self.operations:
            each.state_forwards(app_label, state)
        if rendered is not None:
            state.apps = rendered
            models = [(app_label, _model_of(each)) for each in self.operations]
            state.reload_models(models, delay=isinstance(self.operations[0], APPENDED))

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for each in self.operations:
            each.database_forwards(app_label, schema_editor, from_state, to_state)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """The operations with those put together that may be; order and results stay as they are."""
    runs = (list(run) for _, run in groupby(operations, _kind))
    return [run[0] if len(run) == 1 else Together(run) for run in runs]


def _kind(operation: Operation) -> object:
    """Equal for operations that may be put together."""
    if isinstance(operation, APPENDED):
        return APPENDED
    if isinstance(operation, CreateModel):
        return CreateModel
    if isinstance(operation, AddField) and not operation.field.generated:
        return AddField
    return operation


def _model_of(operation: Any) -> str:
    name: str = operation.name_lower if isinstance(operation, CreateModel) else operation.model_name_lower
    return name


class Executor(MigrationExecutor):
    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake_initial:  # it looks at the operations themselves
            return super().apply_migration(state, migration, fake, fake_initial)
        operations = migration.operations  # a list of its own, which Django copies from its class
        migration.operations = together(operations)  # type: ignore[misc]
        try:
            return super().apply_migration(state, migration, fake)
        finally:
            migration.operations = operations  # type: ignore[misc]
