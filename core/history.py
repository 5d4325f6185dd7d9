"""What became of a row: who changed which field when, from what to what.

The database keeps it: a trigger of each tracked table stores the row as it was before a change, once a
statement, so that imports, services and pages are all told and pages only read. What is only ever inserted
(ledgers, payslips of a frozen month, signatures) is not tracked: the row itself is its history.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import pghistory
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

PER_PAGE = 50
NOTHING = "—"
_META = {"default_permissions": ()}  # whoever may open a row may read what it was
# Who made a row and when, where it says so itself.
_MADE = (
    ("recorded_at", "recorded_by"),
    ("created_at", "created_by"),
    ("loaded_at", None),
    ("opened_at", None),
    ("started_at", "by"),
    ("at", "by"),
)

M = TypeVar("M", bound=type[Model])


@dataclass(frozen=True)
class FieldChange:
    """One field, in words that people read."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """What one act did to a row; `by` is empty where nobody's name is known (a command, the system)."""

    at: datetime
    by: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_creation(self) -> bool:
        return not self.fields


def tracked(*, exclude: Sequence[str] = (), inserts: bool = False, model_name: str = "") -> Callable[[M], M]:
    """Keep the history of a model's rows; `inserts` where the row does not say who made it and when.

    Fields that change without anybody's doing (progress, dates of exports) are left out by name.
    """
    trackers: list[Any] = [pghistory.UpdateEvent(row=pghistory.Old)]
    if inserts:
        trackers.append(pghistory.InsertEvent())

    def decorate(model: M) -> M:
        pghistory.track(
            *trackers,
            exclude=list(exclude),
            level=pghistory.Statement,
            append_only=True,
            model_name=model_name or f"{model.__name__}Past",
            meta=dict(_META),  # which the library fills
        )(model)
        return model

    return decorate


def tracked_links(*, app_label: str, model_name: str) -> Callable[[M], M]:
    """Keep who was put into and taken out of a many-to-many field; of a proxy of its rows."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.DeleteEvent(),
        exclude=["id"],
        obj_field=None,
        level=pghistory.Statement,
        append_only=True,
        app_label=app_label,
        model_name=model_name,
        meta=dict(_META),  # which the library fills
    )


def past_of(model: type[Model]) -> Any:
    """The model that keeps what rows of a model were; None where none does."""
    return _pasts().get(_concrete(model))


def changes_count(row: Model) -> int:
    """How many changes are known of a row, links included."""
    return sum(rows.count() for rows in _kept(row))


def changes_of(row: Model, *, page: int = 1, name_of: Callable[[Any], str] = str) -> list[Change]:
    """The changes of a row, newest first, PER_PAGE a page; `name_of` names a row referred to."""
    start, end = (page - 1) * PER_PAGE, page * PER_PAGE
    # Links and fields are kept apart: the newest `end` of each hold the newest `end` of all.
    found = [*_field_changes(row, end, name_of), *_link_changes(row, end, name_of)]
    found.sort(key=lambda each: each.at, reverse=True)
    return found[start:end]


def creation_of(row: Model) -> Change | None:
    """Who made a row and when, where that is known."""
    past = past_of(type(row))
    if past is not None:
        made = past.objects.filter(pgh_obj_id=row.pk, pgh_label="insert").select_related("pgh_context")
        for event in made[:1]:
            return Change(event.pgh_created_at, _names_of([event])(event))
    for at, by in _MADE:
        if isinstance(moment := getattr(row, at, None), datetime):
            return Change(moment, str(getattr(row, by, None) or "") if by else "")
    return None


def _field_changes(row: Model, limit: int, name_of: Callable[[Any], str]) -> Iterator[Change]:
    past = past_of(type(row))
    if past is None:
        return
    events = list(_updates(past, row).select_related("pgh_context").order_by("-pgh_id")[:limit])
    fields = [
        field for field in past._meta.concrete_fields
        if not field.name.startswith("pgh_") and field.name != "id"
    ]  # fmt: skip
    who, words = _names_of(events), _words_for(fields, [row, *events], name_of)
    for after, before in pairwise([row, *events]):
        changed = [
            field for field in fields if getattr(before, field.attname) != getattr(after, field.attname)
        ]
        told = (
            FieldChange(str(_label(row, field)), words(before, field), words(after, field))
            for field in changed
        )
        if changed:
            yield Change(before.pgh_created_at, who(before), tuple(told))


def _link_changes(row: Model, limit: int, name_of: Callable[[Any], str]) -> Iterator[Change]:
    for name, past, own in _links_of(type(row)):
        rows = past.objects.filter(**{own: row.pk}).select_related("pgh_context").order_by("-pgh_id")
        events = list(rows[:limit])
        other = next(
            field for field in past._meta.concrete_fields
            if field.is_relation and field.name != own and not field.name.startswith("pgh_")
        )  # fmt: skip
        who, words = _names_of(events), _words_for([other], events, name_of, [other.name])
        for event in events:
            value = words(event, other)
            pair = (NOTHING, value) if event.pgh_label == "insert" else (value, NOTHING)
            yield Change(event.pgh_created_at, who(event), (FieldChange(name, *pair),))


def _kept(row: Model) -> Iterator[QuerySet[Any]]:
    past = past_of(type(row))
    if past is not None:
        yield _updates(past, row)
    for _, links, own in _links_of(type(row)):
        yield links.objects.filter(**{own: row.pk})


def _updates(past: Any, row: Model) -> QuerySet[Any]:
    return past.objects.filter(pgh_obj_id=row.pk, pgh_label="update")


def _concrete(model: type[Model]) -> type[Model]:
    return model._meta.concrete_model or model


def _pasts() -> dict[type[Model], type[Model]]:
    kept = (each for each in apps.get_models() if hasattr(each, "pgh_tracked_model"))
    return {_concrete(each.pgh_tracked_model): each for each in kept}


def _links_of(model: type[Model]) -> Iterator[tuple[str, Any, str]]:
    """(label, model that keeps the links, its field for the row) of each tracked many-to-many field."""
    pasts = _pasts()
    for field in model._meta.many_to_many:
        through = field.remote_field.through
        if through in pasts:
            yield str(field.verbose_name), pasts[through], field.m2m_field_name()


def _label(row: Any, field: Field) -> Any:
    return row._meta.get_field(field.name).verbose_name


def _names_of(events: Iterable[Any]) -> Callable[[Any], str]:
    """Who stands behind each event, with one query for all."""
    accounts = get_user_model()._base_manager
    ids = {key for event in events if (key := _account_id(event)) is not None}
    names = {each.pk: str(each) for each in accounts.filter(pk__in=ids)} if ids else {}
    return lambda event: names.get(_account_id(event) or 0, "")


def _account_id(event: Any) -> int | None:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def _words_for(
    fields: Sequence[Field], rows: Sequence[Any], name_of: Callable[[Any], str], always: Sequence[str] = ()
) -> Callable[[Any, Field], str]:
    """How a field of a row reads; what it refers to is looked up once for each field."""
    names: dict[str, dict[Any, str]] = {}
    for field in fields:
        values = {getattr(row, field.attname) for row in rows} if field.is_relation else set()
        # What never changed is not told, so its name is not needed.
        if len(values) > 1 or field.name in always:
            related: Any = field.related_model
            found = related._base_manager.select_related().filter(pk__in=values - {None})
            names[field.name] = {each.pk: name_of(each) for each in found}

    def words(row: Any, field: Field) -> str:
        value = getattr(row, field.attname)
        if field.is_relation:
            return NOTHING if value is None else names[field.name].get(value, "已删除")
        return words_of(value, field)

    return words


def words_of(value: Any, field: Any) -> str:
    """A stored value as people read it."""
    if value in (None, "", [], {}):
        return NOTHING
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case bool():
            return "是" if value else "否"
        case datetime():
            return date_format(timezone.localtime(value), "Y-m-d H:i")
        case date():
            return f"{value:%Y-%m-%d}"
        case Decimal():
            return f"{value:f}"
        case list() if all(isinstance(each, str | int) for each in value):
            return "、".join(map(str, value))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
    if hasattr(value, "upper_inc"):
        end = f"{value.upper - timedelta(days=1):%Y-%m-%d}" if value.upper else "今"
        return f"{value.lower:%Y-%m-%d} 至 {end}"
    return str(value)
