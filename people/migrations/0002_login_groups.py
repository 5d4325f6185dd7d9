"""The login groups; what each may do is kept up to date by `manage.py sync_groups`."""

from django.db import migrations

GROUPS = ["agent", "lead", "supervisor", "manager", "hr", "gm", "auditor"]


def create_groups(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    group.objects.bulk_create([group(name=name) for name in GROUPS], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
