import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdoptedEdition",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("rules.version_editions",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adoptededition",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_when_published",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (\n        SELECT 1 FROM rules_version v\n        WHERE v.published_at IS NOT NULL AND (\n            (TG_OP <> 'INSERT' AND v.id = OLD.version_id) OR (TG_OP <> 'DELETE' AND v.id = NEW.version_id)\n        )\n    ) THEN\n        RAISE EXCEPTION '已发布的制度版本不可更改' USING ERRCODE = 'restrict_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                    hash="41ee5d5de9036d4a4f0a548b145c2690e1284f5c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_when_published_08387",
                    table="rules_version_editions",
                    when="BEFORE",
                ),
            ),
        ),
    ]
