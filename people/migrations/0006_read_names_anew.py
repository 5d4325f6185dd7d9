from django.db import migrations

from core.pinyin import further_readings, keys_of


def read_names_anew(apps, schema_editor):
    """The keys of names as they are read now."""
    staff = apps.get_model("people", "Staff").objects.using(schema_editor.connection.alias)
    changed = []
    for row in staff.only("name", "pinyin", "initials", "further_readings").iterator():
        keys = (*keys_of(row.name), further_readings(row.name))
        if keys != (row.pinyin, row.initials, row.further_readings):
            row.pinyin, row.initials, row.further_readings = keys
            changed.append(row)
    staff.bulk_update(changed, ["pinyin", "initials", "further_readings"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("people", "0005_files_as_exported")]

    operations = [migrations.RunPython(read_names_anew, migrations.RunPython.noop)]
