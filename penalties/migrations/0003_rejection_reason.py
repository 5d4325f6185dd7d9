from django.db import migrations, models

EARLIER = "（当时没有要求写理由）"


class Migration(migrations.Migration):
    dependencies = [("penalties", "0002_recorded_rows")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="rejection",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="驳回理由"),
            preserve_default=False,
        ),
        migrations.RunSQL(
            [("UPDATE penalties_incident SET rejection = %s WHERE state = 'rejected'", [EARLIER])],
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "rejected"), ("rejection", ""), _connector="XOR"),
                name="penalties_incident_rejected_with_reason",
                violation_error_message="驳回须写理由。",
            ),
        ),
    ]
