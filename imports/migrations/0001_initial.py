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
            name='HeaderMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16, verbose_name='类别')),
                ('profile', models.CharField(max_length=32, verbose_name='格式')),
                ('header', models.CharField(help_text='比较用的写法：不分全半角、大小写与空格。', max_length=255, verbose_name='表头')),
                ('field', models.CharField(blank=True, help_text='空则忽略这一列。', max_length=64, verbose_name='字段')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='header_mappings', to='people.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '表头对应',
                'verbose_name_plural': '表头对应',
                'ordering': ['department', 'kind', 'profile', 'header'],
                'constraints': [
                    models.UniqueConstraint(fields=('department', 'kind', 'profile', 'header'), name='imports_headermapping_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HeaderMappingPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=16, verbose_name='类别')),
                ('profile', models.CharField(max_length=32, verbose_name='格式')),
                ('header', models.CharField(help_text='比较用的写法：不分全半角、大小写与空格。', max_length=255, verbose_name='表头')),
                ('field', models.CharField(blank=True, help_text='空则忽略这一列。', max_length=64, verbose_name='字段')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='imports.headermapping')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255, verbose_name='文件名')),
                ('stored_name', models.CharField(max_length=40, unique=True)),
                ('size', models.PositiveBigIntegerField(verbose_name='字节')),
                ('at', models.DateTimeField(verbose_name='上传时间')),
                ('kind', models.CharField(blank=True, max_length=16, verbose_name='类别')),
                ('profile', models.CharField(blank=True, max_length=32, verbose_name='格式')),
                ('options', models.JSONField(default=dict, verbose_name='设置')),
                ('state', models.CharField(choices=[('checking', '检查中'), ('asking', '待选类别'), ('mapping', '待对应表头'), ('invalid', '有错误'), ('ready', '待确认'), ('importing', '导入中'), ('done', '已导入'), ('discarded', '已放弃')], default='checking', max_length=16, verbose_name='状态')),
                ('message', models.TextField(blank=True, verbose_name='说明')),
                ('found', models.JSONField(default=dict, verbose_name='检查结果')),
                ('job', models.UUIDField()),
                ('step', models.CharField(blank=True, max_length=64, verbose_name='步骤')),
                ('rows_read', models.PositiveIntegerField(default=0, verbose_name='已读到的行')),
                ('queued_at', models.DateTimeField(verbose_name='排队时间')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='开始时间')),
                ('file_removed_at', models.DateTimeField(blank=True, null=True, verbose_name='文件删除时间')),
                ('batch', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='upload', to='people.importbatch', verbose_name='导入记录')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='people.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '上传',
                'verbose_name_plural': '上传',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['department', 'state'], name='imports_upload_state'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='headermapping',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "imports_headermappingpast" ("at", "by_id", "department_id", "field", "header", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile") SELECT old_values."at", old_values."by_id", old_values."department_id", old_values."field", old_values."header", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."profile" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a5a5e16d082f2afac6fee55389a4cd2d25c44000', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_52cea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='imports_headermapping', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='headermappingpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8b7bd84e43d5cb7f9bd06dd69087fa594c083552', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_75444', table='imports_headermappingpast', when='BEFORE')),
        ),
    ]
