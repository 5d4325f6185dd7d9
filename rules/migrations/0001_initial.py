import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                ("loaded_at", models.DateTimeField(verbose_name="载入时间")),
            ],
            options={
                "verbose_name": "制度版次",
                "verbose_name_plural": "制度版次",
                "ordering": ["rulebook", "number"],
            },
        ),
        migrations.CreateModel(
            name="Rulebook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True, verbose_name="编号")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("trade", models.CharField(blank=True, max_length=64, verbose_name="行业")),
            ],
            options={
                "verbose_name": "制度库",
                "verbose_name_plural": "制度库",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="LibraryProvision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, verbose_name="编号")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("clause", models.TextField(blank=True, verbose_name="条文")),
                ("kind", models.CharField(max_length=32, verbose_name="类型")),
                ("params", models.JSONField(default=dict, verbose_name="参数")),
                (
                    "roles",
                    models.JSONField(
                        blank=True, default=list, help_text="空为全体。", verbose_name="约束岗位"
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("month", "自然月"),
                            ("quarter", "季度"),
                            ("year", "年度"),
                            ("employment", "在职期间"),
                        ],
                        default="month",
                        max_length=16,
                        verbose_name="计次周期",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discipline", "纪律"),
                            ("performance", "绩效"),
                            ("loss", "赔偿"),
                            ("benefit", "待遇"),
                        ],
                        max_length=16,
                        verbose_name="性质",
                    ),
                ),
                (
                    "confirm",
                    models.CharField(
                        choices=[("manager", "经理确认"), ("auto", "自动生效")],
                        default="manager",
                        max_length=16,
                        verbose_name="确认",
                    ),
                ),
                ("collection", models.JSONField(blank=True, default=dict, verbose_name="收取方式")),
                ("covers", models.JSONField(blank=True, default=list, verbose_name="涵盖条款")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="次序")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provisions",
                        to="rules.edition",
                        verbose_name="版次",
                    ),
                ),
            ],
            options={
                "verbose_name": "制度库条款",
                "verbose_name_plural": "制度库条款",
                "ordering": ["edition", "position"],
            },
        ),
        migrations.AddField(
            model_name="edition",
            name="rulebook",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="editions",
                to="rules.rulebook",
                verbose_name="制度",
            ),
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版本号")),
                ("effective_on", models.DateField(verbose_name="生效日期")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="发布时间")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "editions",
                    models.ManyToManyField(
                        blank=True, related_name="versions", to="rules.edition", verbose_name="采用的制度"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
            ],
            options={
                "verbose_name": "制度版本",
                "verbose_name_plural": "制度版本",
                "ordering": ["department", "-effective_on", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Provision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, verbose_name="编号")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("clause", models.TextField(blank=True, verbose_name="条文")),
                ("kind", models.CharField(max_length=32, verbose_name="类型")),
                ("params", models.JSONField(default=dict, verbose_name="参数")),
                (
                    "roles",
                    models.JSONField(
                        blank=True, default=list, help_text="空为全体。", verbose_name="约束岗位"
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("month", "自然月"),
                            ("quarter", "季度"),
                            ("year", "年度"),
                            ("employment", "在职期间"),
                        ],
                        default="month",
                        max_length=16,
                        verbose_name="计次周期",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discipline", "纪律"),
                            ("performance", "绩效"),
                            ("loss", "赔偿"),
                            ("benefit", "待遇"),
                        ],
                        max_length=16,
                        verbose_name="性质",
                    ),
                ),
                (
                    "confirm",
                    models.CharField(
                        choices=[("manager", "经理确认"), ("auto", "自动生效")],
                        default="manager",
                        max_length=16,
                        verbose_name="确认",
                    ),
                ),
                ("collection", models.JSONField(blank=True, default=dict, verbose_name="收取方式")),
                ("covers", models.JSONField(blank=True, default=list, verbose_name="涵盖条款")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="次序")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rules.libraryprovision",
                        verbose_name="出处",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provisions",
                        to="rules.version",
                        verbose_name="制度版本",
                    ),
                ),
            ],
            options={
                "verbose_name": "条款",
                "verbose_name_plural": "条款",
                "ordering": ["version", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="libraryprovision",
            constraint=models.UniqueConstraint(
                fields=("edition", "code"), name="rules_libraryprovision_unique_code"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="libraryprovision",
            trigger=pgtrigger.compiler.Trigger(
                name="immutable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e94155c17c1f0f4cc9ab34d32dd63f763e83a044",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_immutable_b4038",
                    table="rules_libraryprovision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                fields=("rulebook", "number"), name="rules_edition_unique_number"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edition",
            trigger=pgtrigger.compiler.Trigger(
                name="immutable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="14ef57995a1879154aa563ba2a900fbd76946aee",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_immutable_84671",
                    table="rules_edition",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                fields=("department", "number"), name="rules_version_unique_number"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="version",
            trigger=pgtrigger.compiler.Trigger(
                name="published_is_frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."published_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="414e10dc3f83c59289e8517daf1ec8d6a981d203",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_published_is_frozen_1db5e",
                    table="rules_version",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="provision",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="rules_provision_unique_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="provision",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="rules_provision_code_not_empty"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provision",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_when_published",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (\n        SELECT 1 FROM rules_version v\n        WHERE v.published_at IS NOT NULL AND (\n            (TG_OP <> 'INSERT' AND v.id = OLD.version_id) OR (TG_OP <> 'DELETE' AND v.id = NEW.version_id)\n        )\n    ) THEN\n        RAISE EXCEPTION '已发布的制度版本不可更改' USING ERRCODE = 'restrict_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                    hash="9eb61b44a89098fc1add4fe724b005d49663e939",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_when_published_b23b2",
                    table="rules_provision",
                    when="BEFORE",
                ),
            ),
        ),
    ]
