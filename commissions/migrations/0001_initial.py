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
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shop', models.CharField(blank=True, max_length=64, verbose_name='店铺')),
                ('order_no', models.CharField(max_length=64, verbose_name='订单号')),
                ('ordered_at', models.DateTimeField(blank=True, null=True, verbose_name='下单时间')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='付款时间')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='实付金额')),
                ('remark', models.CharField(blank=True, max_length=1000, verbose_name='订单备注')),
                ('attribution', models.CharField(choices=[('none', '无人'), ('remark', '备注'), ('file', '归属表'), ('claim', '认领'), ('conflict', '冲突')], default='none', max_length=8, verbose_name='归属依据')),
                ('as_of', models.DateField(help_text='所据导出文件的日期。', verbose_name='截至日期')),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='people.staff', verbose_name='落实客服')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='people.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '订单',
                'verbose_name_plural': '订单',
                'ordering': ['-paid_at', '-id'],
                'indexes': [
                    models.Index(fields=['department', 'paid_at'], name='commissions_order_paid'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('department', 'shop', 'order_no'), name='commissions_order_unique_number'),
                    models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='commissions_order_amount_not_negative'),
                    models.CheckConstraint(condition=models.Q(models.Q(('agent__isnull', True), ('attribution__in', ['none', 'conflict'])), models.Q(('agent__isnull', False), ('attribution__in', ['remark', 'file', 'claim'])), _connector='OR'), name='commissions_order_agent_has_source'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OrderClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('open', '待决定'), ('accepted', '已认定'), ('declined', '未认定')], default='open', max_length=8, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='认领时间')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='决定时间')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='commissions.order', verbose_name='订单')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_claims', to='people.staff', verbose_name='认领人')),
            ],
            options={
                'verbose_name': '订单认领',
                'verbose_name_plural': '订单认领',
                'ordering': ['-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('order', 'staff'), name='commissions_orderclaim_one_open'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='commissions_orderclaim_has_reason'),
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='commissions_orderclaim_decided_by_person'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OrderClaimPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('open', '待决定'), ('accepted', '已认定'), ('declined', '未认定')], default='open', max_length=8, verbose_name='状态')),
                ('at', models.DateTimeField(verbose_name='认领时间')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='决定时间')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='commissions.order', verbose_name='订单')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='commissions.orderclaim')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='认领人')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='OrderPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('shop', models.CharField(blank=True, max_length=64, verbose_name='店铺')),
                ('order_no', models.CharField(max_length=64, verbose_name='订单号')),
                ('ordered_at', models.DateTimeField(blank=True, null=True, verbose_name='下单时间')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='付款时间')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='实付金额')),
                ('remark', models.CharField(blank=True, max_length=1000, verbose_name='订单备注')),
                ('attribution', models.CharField(choices=[('none', '无人'), ('remark', '备注'), ('file', '归属表'), ('claim', '认领'), ('conflict', '冲突')], default='none', max_length=8, verbose_name='归属依据')),
                ('agent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='落实客服')),
                ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='commissions.order')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='退款金额')),
                ('refunded_at', models.DateTimeField(verbose_name='计入时间')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='commissions.order', verbose_name='订单')),
            ],
            options={
                'verbose_name': '退款',
                'verbose_name_plural': '退款',
                'ordering': ['-refunded_at', '-id'],
                'indexes': [
                    models.Index(fields=['refunded_at'], name='commissions_refund_moment'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='commissions_refund_not_zero'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Metric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='月份')),
                ('code', models.CharField(max_length=32, verbose_name='指标')),
                ('value', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='数值')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('source', models.CharField(max_length=64, verbose_name='来源')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='metrics', to='people.department', verbose_name='部门')),
                ('staff', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='metrics', to='people.staff', verbose_name='员工')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='metrics', to='people.team', verbose_name='小组')),
            ],
            options={
                'verbose_name': '指标',
                'verbose_name_plural': '指标',
                'ordering': ['-month', 'staff', 'code', '-as_of', '-id'],
                'indexes': [models.Index(fields=['department', 'month', 'code'], name='commissions_metric_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('staff__isnull', False), ('team__isnull', True)), models.Q(('staff__isnull', True), ('team__isnull', False)), _connector='OR'), name='commissions_metric_of_person_or_team')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='metric',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='b421ecd59bc344d7cffeb7a184aeff083479f3ac', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_48000', referencing='REFERENCING NEW TABLE AS new_rows ', table='commissions_metric', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='metric',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='026947fcd921b4e76bde2966318285872db187eb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_0e86f', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_metric', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='metric',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='1aebe367d6988e16b4df77b521ea419ee8d5b335', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_26349', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_metric', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='a56d9af9d718fc56df74e8d7856831e18c0aa21a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_198b0', referencing='REFERENCING NEW TABLE AS new_rows ', table='commissions_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='baf32fae354f62bb024af9e2e17a6ef36ee086bd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_47946', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='d9cf4358b3302810054c110424f171980d2be38b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_ba997', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "commissions_orderpast" ("agent_id", "amount", "attribution", "department_id", "id", "order_no", "ordered_at", "paid_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remark", "shop") SELECT old_values."agent_id", old_values."amount", old_values."attribution", old_values."department_id", old_values."id", old_values."order_no", old_values."ordered_at", old_values."paid_at", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."remark", old_values."shop" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."agent_id" IS DISTINCT FROM (new_values."agent_id") OR old_values."amount" IS DISTINCT FROM (new_values."amount") OR old_values."attribution" IS DISTINCT FROM (new_values."attribution") OR old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."order_no" IS DISTINCT FROM (new_values."order_no") OR old_values."ordered_at" IS DISTINCT FROM (new_values."ordered_at") OR old_values."paid_at" IS DISTINCT FROM (new_values."paid_at") OR old_values."remark" IS DISTINCT FROM (new_values."remark") OR old_values."shop" IS DISTINCT FROM (new_values."shop")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b40d46bf9aca66d8e519dedb4d6874971839a83f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f1243', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='commissions_order', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orderclaim',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "commissions_orderclaimpast" ("answer", "at", "decided_at", "decided_by_id", "id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "staff_id", "state") SELECT old_values."answer", old_values."at", old_values."decided_at", old_values."decided_by_id", old_values."id", old_values."order_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."reason", old_values."staff_id", old_values."state" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f4e85397edf2b0700ab96491e961af211b3c28f0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8476e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='commissions_orderclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orderclaimpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f6c9f27af553ee943db935309d4ccc12442721fa', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a8aed', table='commissions_orderclaimpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='orderpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f847ef68669a65d75b8b3337ac0c26dc320abe23', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5d785', table='commissions_orderpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refund',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='048075f0f89fefd38d7e0180406f9a2434b156e2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_935e3', referencing='REFERENCING NEW TABLE AS new_rows ', table='commissions_refund', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refund',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='14314fdf382ea66177c72870cb0a12bab186cccf', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_38df4', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_refund', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refund',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='91970963f59f7b17f83103045185b63c65f7d488', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_cf3b4', referencing='REFERENCING OLD TABLE AS old_rows ', table='commissions_refund', when='AFTER')),
        ),
    ]
