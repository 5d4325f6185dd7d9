import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0002_two_step'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版次')),
                ('digest', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('loaded_at', models.DateTimeField(verbose_name='载入时间')),
            ],
            options={
                'verbose_name': '制度版次',
                'verbose_name_plural': '制度版次',
                'ordering': ['rulebook', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Rulebook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, verbose_name='编号')),
                ('name', models.CharField(max_length=200, verbose_name='名称')),
                ('trade', models.CharField(blank=True, max_length=64, verbose_name='行业')),
            ],
            options={
                'verbose_name': '制度库',
                'verbose_name_plural': '制度库',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='RulebookPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=32, verbose_name='编号')),
                ('name', models.CharField(max_length=200, verbose_name='名称')),
                ('trade', models.CharField(blank=True, max_length=64, verbose_name='行业')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='签署时间')),
            ],
            options={
                'verbose_name': '制度签署',
                'verbose_name_plural': '制度签署',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='0为草案。', verbose_name='版本号')),
                ('effective_on', models.DateField(verbose_name='生效日期')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
                ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='草案修改时间')),
            ],
            options={
                'verbose_name': '制度版本',
                'verbose_name_plural': '制度版本',
                'ordering': ['department', '-effective_on', '-number'],
            },
        ),
        migrations.CreateModel(
            name='VersionPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField(help_text='0为草案。', verbose_name='版本号')),
                ('effective_on', models.DateField(verbose_name='生效日期')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
                ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='草案修改时间')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LibraryProvision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='编号')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('clause', models.TextField(blank=True, verbose_name='条文')),
                ('kind', models.CharField(max_length=32, verbose_name='类型')),
                ('params', models.JSONField(default=dict, verbose_name='参数')),
                ('roles', models.JSONField(blank=True, default=list, help_text='空为全体。', verbose_name='约束岗位')),
                ('window', models.CharField(choices=[('month', '自然月'), ('quarter', '季度'), ('year', '年度'), ('employment', '在职期间')], default='month', max_length=16, verbose_name='计次周期')),
                ('basis', models.CharField(blank=True, choices=[('discipline', '纪律'), ('performance', '绩效'), ('loss', '赔偿'), ('benefit', '待遇')], max_length=16, verbose_name='性质')),
                ('confirm', models.CharField(choices=[('manager', '经理确认'), ('auto', '自动生效')], default='manager', max_length=16, verbose_name='确认')),
                ('collection', models.JSONField(blank=True, default=dict, verbose_name='收取方式')),
                ('covers', models.JSONField(blank=True, default=list, verbose_name='涵盖条款')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='次序')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='provisions', to='rules.edition', verbose_name='版次')),
            ],
            options={
                'verbose_name': '制度库条款',
                'verbose_name_plural': '制度库条款',
                'ordering': ['edition', 'position'],
                'constraints': [
                    models.UniqueConstraint(fields=('edition', 'code'), name='rules_libraryprovision_unique_code'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Provision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='编号')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('clause', models.TextField(blank=True, verbose_name='条文')),
                ('kind', models.CharField(max_length=32, verbose_name='类型')),
                ('params', models.JSONField(default=dict, verbose_name='参数')),
                ('roles', models.JSONField(blank=True, default=list, help_text='空为全体。', verbose_name='约束岗位')),
                ('window', models.CharField(choices=[('month', '自然月'), ('quarter', '季度'), ('year', '年度'), ('employment', '在职期间')], default='month', max_length=16, verbose_name='计次周期')),
                ('basis', models.CharField(blank=True, choices=[('discipline', '纪律'), ('performance', '绩效'), ('loss', '赔偿'), ('benefit', '待遇')], max_length=16, verbose_name='性质')),
                ('confirm', models.CharField(choices=[('manager', '经理确认'), ('auto', '自动生效')], default='manager', max_length=16, verbose_name='确认')),
                ('collection', models.JSONField(blank=True, default=dict, verbose_name='收取方式')),
                ('covers', models.JSONField(blank=True, default=list, verbose_name='涵盖条款')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='次序')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.libraryprovision', verbose_name='出处')),
            ],
            options={
                'verbose_name': '条款',
                'verbose_name_plural': '条款',
                'ordering': ['version', 'position'],
            },
        ),
        migrations.CreateModel(
            name='ProvisionPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64, verbose_name='编号')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('clause', models.TextField(blank=True, verbose_name='条文')),
                ('kind', models.CharField(max_length=32, verbose_name='类型')),
                ('params', models.JSONField(default=dict, verbose_name='参数')),
                ('roles', models.JSONField(blank=True, default=list, help_text='空为全体。', verbose_name='约束岗位')),
                ('window', models.CharField(choices=[('month', '自然月'), ('quarter', '季度'), ('year', '年度'), ('employment', '在职期间')], default='month', max_length=16, verbose_name='计次周期')),
                ('basis', models.CharField(blank=True, choices=[('discipline', '纪律'), ('performance', '绩效'), ('loss', '赔偿'), ('benefit', '待遇')], max_length=16, verbose_name='性质')),
                ('confirm', models.CharField(choices=[('manager', '经理确认'), ('auto', '自动生效')], default='manager', max_length=16, verbose_name='确认')),
                ('collection', models.JSONField(blank=True, default=dict, verbose_name='收取方式')),
                ('covers', models.JSONField(blank=True, default=list, verbose_name='涵盖条款')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='次序')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rules.provision')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='rules.libraryprovision', verbose_name='出处')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='edition',
            name='rulebook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='rules.rulebook', verbose_name='制度'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulebook',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "rules_rulebookpast" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trade") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."trade" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='98d3c35eb0f6a95c6e8ad3aeb0bb9add61fd5c1f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_54813', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='rules_rulebook', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulebook',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "rules_rulebookpast" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trade") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."trade" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6904d264709e253b0a83948c46c45ef13a736370', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e036e', referencing='REFERENCING NEW TABLE AS new_values ', table='rules_rulebook', when='AFTER')),
        ),
        migrations.AddField(
            model_name='rulebookpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='rulebookpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rules.rulebook'),
        ),
        migrations.AddField(
            model_name='signature',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='people.staff', verbose_name='员工'),
        ),
        migrations.AddField(
            model_name='version',
            name='base',
            field=models.ForeignKey(blank=True, help_text='在它之上修改而成。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.version', verbose_name='所据版本'),
        ),
        migrations.AddField(
            model_name='version',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='草案修改人'),
        ),
        migrations.AddField(
            model_name='version',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='version',
            name='editions',
            field=models.ManyToManyField(blank=True, related_name='versions', to='rules.edition', verbose_name='采用的制度'),
        ),
        migrations.AddField(
            model_name='version',
            name='published_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人'),
        ),
        migrations.AddField(
            model_name='signature',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='rules.version', verbose_name='制度版本'),
        ),
        migrations.AddField(
            model_name='provisionpast',
            name='version',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='rules.version', verbose_name='制度版本'),
        ),
        migrations.AddField(
            model_name='provision',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='provisions', to='rules.version', verbose_name='制度版本'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='base',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='在它之上修改而成。', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='rules.version', verbose_name='所据版本'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='changed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='草案修改人'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='department',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rules.version'),
        ),
        migrations.AddField(
            model_name='versionpast',
            name='published_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='libraryprovision',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e94155c17c1f0f4cc9ab34d32dd63f763e83a044', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b4038', table='rules_libraryprovision', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.UniqueConstraint(fields=('rulebook', 'number'), name='rules_edition_unique_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='14ef57995a1879154aa563ba2a900fbd76946aee', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_84671', table='rules_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulebookpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='330467366ded158d3ea4b7a8d3d8e48dfe1f0fbc', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_48bda', table='rules_rulebookpast', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='AdoptedEdition',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('rules.version_editions',),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('department', 'number'), name='rules_version_unique_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='version',
            trigger=pgtrigger.compiler.Trigger(name='published_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."published_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='414e10dc3f83c59289e8517daf1ec8d6a981d203', operation='UPDATE OR DELETE', pgid='pgtrigger_published_is_frozen_1db5e', table='rules_version', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='version',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "rules_versionpast" ("base_id", "changed_at", "changed_by_id", "department_id", "effective_on", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id") SELECT old_values."base_id", old_values."changed_at", old_values."changed_by_id", old_values."department_id", old_values."effective_on", old_values."id", old_values."note", old_values."number", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."published_at", old_values."published_by_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='548439e69337819b51306f279645d4c24282b048', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d47aa', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='rules_version', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='version',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "rules_versionpast" ("base_id", "changed_at", "changed_by_id", "department_id", "effective_on", "id", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id") SELECT new_values."base_id", new_values."changed_at", new_values."changed_by_id", new_values."department_id", new_values."effective_on", new_values."id", new_values."note", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."published_at", new_values."published_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4553aeb0525c0c1e5b282a62beebf0d76db34d95', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_25219', referencing='REFERENCING NEW TABLE AS new_values ', table='rules_version', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('version', 'staff'), name='rules_signature_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signature',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='93b04de741f540991653d0b845dbdca6a2d5ef05', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e3be0', table='rules_signature', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='provisionpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3679b93bc2ef4a979f69b04c28f0615a77b65ab1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7c6cd', table='rules_provisionpast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='provision',
            constraint=models.UniqueConstraint(fields=('version', 'code'), name='rules_provision_unique_code'),
        ),
        migrations.AddConstraint(
            model_name='provision',
            constraint=models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='rules_provision_code_not_empty'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='provision',
            trigger=pgtrigger.compiler.Trigger(name='frozen_when_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM rules_version v\n        WHERE v.published_at IS NOT NULL AND (\n            (TG_OP <> 'INSERT' AND v.id = OLD.version_id) OR (TG_OP <> 'DELETE' AND v.id = NEW.version_id)\n        )\n    ) THEN\n        RAISE EXCEPTION '已发布的制度版本不可更改' USING ERRCODE = 'restrict_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n", hash='9eb61b44a89098fc1add4fe724b005d49663e939', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_frozen_when_published_b23b2', table='rules_provision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='provision',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "rules_provisionpast" ("basis", "clause", "code", "collection", "confirm", "covers", "id", "kind", "params", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "roles", "source_id", "title", "version_id", "window") SELECT old_values."basis", old_values."clause", old_values."code", old_values."collection", old_values."confirm", old_values."covers", old_values."id", old_values."kind", old_values."params", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."position", old_values."roles", old_values."source_id", old_values."title", old_values."version_id", old_values."window" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ec34a7c54a7dd73525fb16b2b40bc09d48357ec1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8560b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='rules_provision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='versionpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e5b60068f816ceb9955a0bf2e29cd873a35b2b10', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_41424', table='rules_versionpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='adoptededition',
            trigger=pgtrigger.compiler.Trigger(name='frozen_when_published', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM rules_version v\n        WHERE v.published_at IS NOT NULL AND (\n            (TG_OP <> 'INSERT' AND v.id = OLD.version_id) OR (TG_OP <> 'DELETE' AND v.id = NEW.version_id)\n        )\n    ) THEN\n        RAISE EXCEPTION '已发布的制度版本不可更改' USING ERRCODE = 'restrict_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n", hash='41ee5d5de9036d4a4f0a548b145c2690e1284f5c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_frozen_when_published_08387', table='rules_version_editions', when='BEFORE')),
        ),
    ]
