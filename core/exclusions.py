"""Keys for exclusion constraints: the bundled PostgreSQL has no btree_gist, hence ranges on all sides."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Value


def point(key: F | Func) -> Func:
    """A whole number as a range that holds it alone."""
    return Func(key, key, Value("[]"), function="int8range")


def text_within(text: str, number: str) -> Func:
    """A text of one owner as a whole number: the fields' names, the owner's last."""
    return Func(F(text), F(number), function="hashtextextended", output_field=models.BigIntegerField())


def days_from(first: str | F, until: str) -> Func:
    """The days from one field to another, both included; without an end where the latter is empty."""
    open_end = Func(
        F(until),
        template="coalesce(%(expressions)s, 'infinity'::date)",
        output_field=models.DateField(),
    )
    return Func(first, open_end, Value("[]"), function="daterange", output_field=DateRangeField())
