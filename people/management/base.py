"""What the import commands share; each names its kind and brings its loader."""

from datetime import date

from django.core.management.base import CommandError

from people.models import Department


def department_of(code: str) -> Department:
    """The department of that code; CommandError names the known ones otherwise."""
    try:
        return Department.objects.get(code=code)
    except Department.DoesNotExist:
        known = (
            "、".join(Department.objects.values_list("code", flat=True))
            or "还没有部门，请先 create_department"
        )
        raise CommandError(f"没有代码为“{code}”的部门。现有：{known}。") from None


def date_argument(text: str) -> date:
    """An argument like 2026-10-01; CommandError otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"不是日期：{text}。请写成 2026-10-01 的形式。") from None
