from collections import defaultdict
from datetime import timedelta

from django.db import migrations


def link(apps, schema_editor):
    """Transfers made before rows led back to each other: the dates join, and account or number and name agree.

    A row that could follow two others, or be followed by two, stays as it is.
    """
    staff = apps.get_model("people", "Staff").objects.using(schema_editor.connection.alias)
    ended = defaultdict(list)
    for row in staff.filter(left_on__isnull=False).order_by("pk"):
        ended[row.left_on + timedelta(days=1)].append(row)
    followers = defaultdict(list)
    for row in staff.order_by("pk"):
        former = [each for each in ended[row.joined_on] if _same(each, row)]
        if len(former) == 1:
            followers[former[0].pk].append(row)
    for former, rows in followers.items():
        if len(rows) == 1:
            staff.filter(pk=rows[0].pk).update(moved_from=former)


def _same(former, row):
    if former.department_id == row.department_id:
        return False
    if former.account_id is not None and former.account_id == row.account_id:
        return True
    return (former.number, former.name, former.hired_on) == (row.number, row.name, row.hired_on)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_complaints_and_fund")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
