"""Operations that are put together make the same tables and lead to the same state, with less rendering."""

from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from pgtrigger import compiler
from pgtrigger.migrations import AddTrigger

from core.migrating import Together, together

pytestmark = pytest.mark.django_db


def new(model: str, **fields: Any) -> ops.CreateModel:
    return ops.CreateModel(model, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


def key(to: str, **more: Any) -> Any:
    return models.ForeignKey(to, on_delete=models.CASCADE, **more)


def trigger(name: str) -> compiler.Trigger:
    sql = compiler.UpsertTriggerSql(
        func="RETURN NEW;",
        hash="1",
        operation="UPDATE",
        pgid=f"pgtrigger_{name}",
        table="core_shelf",
        when="BEFORE",
    )
    return compiler.Trigger(name=name, sql=sql)


def the_operations() -> list[Any]:
    return [
        new("Shelf", name=models.CharField(max_length=10)),
        new("Book", shelf=key("core.Shelf"), next=key("self", null=True)),
        ops.AddField("Shelf", "best", key("core.Book", null=True, related_name="+")),
        ops.AddField("Shelf", "books", models.ManyToManyField("core.Book", related_name="+")),
        ops.AddField("Book", "pages", models.IntegerField(default=1)),
        ops.AddConstraint("Book", models.CheckConstraint(condition=models.Q(pages__gt=0), name="has_pages")),
        ops.AddConstraint("Book", models.UniqueConstraint(fields=["shelf", "pages"], name="once")),
        ops.AddIndex("Shelf", models.Index(fields=["name"], name="by_name")),
        AddTrigger("shelf", trigger("stays")),
        ops.AlterField("Shelf", "name", models.CharField(max_length=20, db_index=True)),
        ops.RenameField("Book", "pages", "leaves"),
    ]


def described() -> dict[str, Any]:
    """What the database knows of the two tables and the one between them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
            " FROM information_schema.columns WHERE table_name LIKE 'core_shelf%' OR table_name = 'core_book'"
            " ORDER BY 1, ordinal_position"
        )
        columns = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid::regclass::text ~ '^core_(shelf|book)' ORDER BY 1, 2"
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename ~ '^core_(shelf|book)' ORDER BY 1"
        )
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = 'core_shelf'"
        )
        return {"columns": columns, "more": constraints, "indexes": indexes, "triggers": cursor.fetchall()}


def applied(operations: list[Any], monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], Any, int]:
    """The tables that operations make, the state that they lead to, how many models were rendered anew."""
    rendered: list[int] = []
    reload = ProjectState._reload
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(
            ProjectState, "_reload", lambda state, of: (rendered.append(len(of)), reload(state, of))[1]
        )
        migration = Migration("0001_initial", "core")
        migration.operations = operations
        state = ProjectState()
        assert state.apps is not None  # rendered, as it is when migrations are applied
        with connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
        found = described()
        transaction.set_rollback(True)
    shown = {
        name: (
            sorted(field.name for field in state.apps.get_model("core", name)._meta.get_fields()),
            [each.name for each in state.apps.get_model("core", name)._meta.constraints],
            list(state.models["core", name].fields),
        )
        for name in ("shelf", "book")
    }
    return found, shown, sum(rendered)


def test_operations_that_are_put_together_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, state, rendered = applied(the_operations(), monkeypatch)
    assert len(tables["columns"]) == 10
    assert tables["triggers"]
    assert {"has_pages", "once"} <= {name for _, name, _ in tables["more"]}
    run = together(the_operations())
    assert [type(each) for each in run] == [Together, Together, Together, ops.AlterField, ops.RenameField]
    same_tables, same_state, fewer = applied(run, monkeypatch)
    assert (same_tables, same_state) == (tables, state)
    assert fewer < rendered


def test_every_migration_keeps_its_operations_and_their_order() -> None:
    for migration in MigrationLoader(None).disk_migrations.values():
        flat = [
            each
            for one in together(migration.operations)
            for each in (one.operations if isinstance(one, Together) else [one])
        ]
        assert flat == list(migration.operations)
