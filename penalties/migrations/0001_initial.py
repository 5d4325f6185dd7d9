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
        ('rules', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='计次跨版本进行，按编号。', max_length=64, verbose_name='条款编号')),
                ('tier', models.CharField(blank=True, max_length=32, verbose_name='当时职级')),
                ('work_date', models.DateField(verbose_name='日期')),
                ('quantity', models.PositiveIntegerField(default=1, verbose_name='次数')),
                ('magnitude', models.DecimalField(blank=True, decimal_places=2, help_text='秒、分钟、件、天，按条款。', max_digits=12, null=True, verbose_name='数量')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, help_text='记录人在条款范围内定的金额或分数。', max_digits=12, null=True, verbose_name='定额')),
                ('note', models.TextField(blank=True, verbose_name='经过与依据')),
                ('state', models.CharField(choices=[('recorded', '待确认'), ('confirmed', '已确认'), ('rejected', '不成立')], default='recorded', max_length=16, verbose_name='状态')),
                ('key', models.CharField(blank=True, editable=False, max_length=128, null=True, unique=True, verbose_name='来源键')),
                ('recorded_at', models.DateTimeField(verbose_name='记录时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('rejection', models.CharField(blank=True, max_length=500, verbose_name='驳回理由')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('provision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='rules.provision', verbose_name='条款')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记录人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='people.staff', verbose_name='员工')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team', verbose_name='当时小组')),
            ],
            options={
                'verbose_name': '奖惩记录',
                'verbose_name_plural': '奖惩记录',
                'ordering': ['-work_date', '-id'],
                'indexes': [
                    models.Index(fields=['staff', 'code', 'work_date', 'id'], name='penalties_incident_rank'),
                    models.Index(fields=['work_date'], name='penalties_incident_date'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='penalties_incident_quantity_positive'),
                    models.CheckConstraint(condition=models.Q(('state', 'rejected'), ('rejection', ''), _connector='XOR'), name='penalties_incident_rejected_with_reason', violation_error_message='驳回须写理由。'),
                    models.CheckConstraint(condition=models.Q(models.Q(('magnitude__isnull', True), ('magnitude__gte', 0), _connector='OR'), models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR')), name='penalties_incident_amounts_not_negative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='IncidentPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(help_text='计次跨版本进行，按编号。', max_length=64, verbose_name='条款编号')),
                ('tier', models.CharField(blank=True, max_length=32, verbose_name='当时职级')),
                ('work_date', models.DateField(verbose_name='日期')),
                ('quantity', models.PositiveIntegerField(default=1, verbose_name='次数')),
                ('magnitude', models.DecimalField(blank=True, decimal_places=2, help_text='秒、分钟、件、天，按条款。', max_digits=12, null=True, verbose_name='数量')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, help_text='记录人在条款范围内定的金额或分数。', max_digits=12, null=True, verbose_name='定额')),
                ('note', models.TextField(blank=True, verbose_name='经过与依据')),
                ('state', models.CharField(choices=[('recorded', '待确认'), ('confirmed', '已确认'), ('rejected', '不成立')], default='recorded', max_length=16, verbose_name='状态')),
                ('key', models.CharField(blank=True, editable=False, max_length=128, null=True, verbose_name='来源键')),
                ('recorded_at', models.DateTimeField(verbose_name='记录时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('rejection', models.CharField(blank=True, max_length=500, verbose_name='驳回理由')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='penalties.incident')),
                ('provision', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='rules.provision', verbose_name='条款')),
                ('recorded_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记录人')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
                ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.team', verbose_name='当时小组')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='MoneyEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_kind', models.CharField(choices=[('incident', '奖惩记录'), ('case_share', '损失分担'), ('decision', '处分决定'), ('review', '考评')], max_length=16, verbose_name='来源')),
                ('source_id', models.BigIntegerField(verbose_name='来源编号')),
                ('work_date', models.DateField(verbose_name='归属日期')),
                ('key', models.CharField(editable=False, max_length=128, unique=True, verbose_name='幂等键')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='金额')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('provision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.provision', verbose_name='条款')),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='penalties.moneyentry', verbose_name='冲销')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '金额台账',
                'verbose_name_plural': '金额台账',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['staff', 'work_date'], name='penalties_money_staff'),
                    models.Index(fields=['source_kind', 'source_id'], name='penalties_money_source'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='penalties_moneyentry_not_zero'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PointsEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_kind', models.CharField(choices=[('incident', '奖惩记录'), ('case_share', '损失分担'), ('decision', '处分决定'), ('review', '考评')], max_length=16, verbose_name='来源')),
                ('source_id', models.BigIntegerField(verbose_name='来源编号')),
                ('work_date', models.DateField(verbose_name='归属日期')),
                ('key', models.CharField(editable=False, max_length=128, unique=True, verbose_name='幂等键')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('points', models.DecimalField(decimal_places=1, max_digits=6, verbose_name='扣分')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('provision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.provision', verbose_name='条款')),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='penalties.pointsentry', verbose_name='冲销')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '扣分台账',
                'verbose_name_plural': '扣分台账',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['staff', 'work_date'], name='penalties_points_staff'),
                    models.Index(fields=['source_kind', 'source_id'], name='penalties_points_source'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('points', 0), _negated=True), name='penalties_pointsentry_not_zero'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('kind', models.CharField(choices=[('termination', '终止劳动关系'), ('withhold_pay', '扣发工资'), ('warning', '警告'), ('minor_demerit', '记小过'), ('major_demerit', '记大过'), ('talk', '谈话')], max_length=16, verbose_name='建议')),
                ('month', models.DateField(blank=True, help_text='月度得分或考勤引起的，当月1日。', null=True, verbose_name='月份')),
                ('evidence', models.JSONField(default=dict, verbose_name='依据')),
                ('state', models.CharField(choices=[('open', '待决定'), ('accepted', '已采纳'), ('declined', '不采纳'), ('withdrawn', '依据已撤销')], default='open', max_length=16, verbose_name='状态')),
                ('opened_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='决定时间')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='决定说明')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='people.department', verbose_name='部门')),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='penalties.incident', verbose_name='引起的记录')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '处理建议',
                'verbose_name_plural': '处理建议',
                'ordering': ['-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('incident__isnull', False), models.Q(('state', 'withdrawn'), _negated=True)), fields=('staff', 'code', 'kind', 'incident'), name='penalties_proposal_once_per_incident'),
                    models.UniqueConstraint(condition=models.Q(('month__isnull', False), models.Q(('state', 'withdrawn'), _negated=True)), fields=('staff', 'code', 'kind', 'month'), name='penalties_proposal_once_per_month'),
                    models.CheckConstraint(condition=models.Q(('incident__isnull', False), ('month__isnull', False), _connector='XOR'), name='penalties_proposal_has_cause'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['open', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='penalties_proposal_decided_by_person'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProposalPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('kind', models.CharField(choices=[('termination', '终止劳动关系'), ('withhold_pay', '扣发工资'), ('warning', '警告'), ('minor_demerit', '记小过'), ('major_demerit', '记大过'), ('talk', '谈话')], max_length=16, verbose_name='建议')),
                ('month', models.DateField(blank=True, help_text='月度得分或考勤引起的，当月1日。', null=True, verbose_name='月份')),
                ('state', models.CharField(choices=[('open', '待决定'), ('accepted', '已采纳'), ('declined', '不采纳'), ('withdrawn', '依据已撤销')], default='open', max_length=16, verbose_name='状态')),
                ('opened_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='决定时间')),
                ('decision', models.CharField(blank=True, max_length=500, verbose_name='决定说明')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门')),
                ('incident', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='penalties.incident', verbose_name='引起的记录')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='penalties.proposal')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='撤销日期')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('incident', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='penalties.incident', verbose_name='奖惩记录')),
            ],
            options={
                'verbose_name': '撤销',
                'verbose_name_plural': '撤销',
                'ordering': ['-id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='penalties_reversal_has_reason'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='c77da7cb78cdc2b5c674022b6ce2823b5337884f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_40dd0', referencing='REFERENCING NEW TABLE AS new_rows ', table='penalties_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='db4b1a45f6ceb96bd039861f07d5bb60d163deee', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_bd794', referencing='REFERENCING OLD TABLE AS old_rows ', table='penalties_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='d5e74e678539f0c563c0a00011a4d1e9f8f147bf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_683c4', referencing='REFERENCING OLD TABLE AS old_rows ', table='penalties_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='entries_keep_incident', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM old_rows r JOIN penalties_moneyentry e ON e.source_kind = 'incident' AND e.source_id = r.id\n        ) THEN\n            RAISE EXCEPTION '台账里有这条奖惩记录的分录' USING ERRCODE = 'foreign_key_violation',\n                TABLE = 'penalties_moneyentry';\n        END IF;\n        \n        IF EXISTS (\n            SELECT FROM old_rows r JOIN penalties_pointsentry e ON e.source_kind = 'incident' AND e.source_id = r.id\n        ) THEN\n            RAISE EXCEPTION '台账里有这条奖惩记录的分录' USING ERRCODE = 'foreign_key_violation',\n                TABLE = 'penalties_pointsentry';\n        END IF;\n         RETURN NULL;", hash='e46832c9d02824d9b426717e9bb74192388b3fb6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_entries_keep_incident_7b75e', referencing='REFERENCING OLD TABLE AS old_rows ', table='penalties_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{recorded:confirmed,recorded:rejected}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='83fc3948012e5556a8b8175c74078718142aad52', operation='UPDATE', pgid='pgtrigger_moves_2124e', table='penalties_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='facts_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."staff_id" IS DISTINCT FROM (NEW."staff_id") OR OLD."provision_id" IS DISTINCT FROM (NEW."provision_id") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."work_date" IS DISTINCT FROM (NEW."work_date") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."magnitude" IS DISTINCT FROM (NEW."magnitude") OR OLD."amount" IS DISTINCT FROM (NEW."amount"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5310e02730eed7d522566d636ece71523dc24fdd', operation='UPDATE', pgid='pgtrigger_facts_stay_20721', table='penalties_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "penalties_incidentpast" ("amount", "code", "decided_at", "decided_by_id", "id", "key", "magnitude", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provision_id", "quantity", "recorded_at", "recorded_by_id", "rejection", "staff_id", "state", "team_id", "tier", "work_date") SELECT old_values."amount", old_values."code", old_values."decided_at", old_values."decided_by_id", old_values."id", old_values."key", old_values."magnitude", old_values."note", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."provision_id", old_values."quantity", old_values."recorded_at", old_values."recorded_by_id", old_values."rejection", old_values."staff_id", old_values."state", old_values."team_id", old_values."tier", old_values."work_date" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a1bad3767ba0d205b8677d9f7d481f9b5e7ecbc9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a9ae8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='penalties_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incidentpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='850cc74d0c0da6fba8e788d296bf653383127cc0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5f1e0', table='penalties_incidentpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='moneyentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7a0f7cc75c98711c7b744b776833c1874915ddd2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f3f8a', table='penalties_moneyentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='moneyentry',
            trigger=pgtrigger.compiler.Trigger(name='incident_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows r LEFT JOIN penalties_incident i ON i.id = r.source_id\n            WHERE r.source_kind = 'incident' AND i.id IS NULL\n        ) THEN\n            RAISE EXCEPTION '台账分录的奖惩记录不存在' USING ERRCODE = 'foreign_key_violation';\n        END IF;\n        RETURN NULL;\n    ", hash='ba7a20bcde0d2d127265247f32b0fe2535a23ef7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_incident_is_there_67245', referencing='REFERENCING NEW TABLE AS new_rows ', table='penalties_moneyentry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pointsentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a9f7fd17125d055330e3f5f80a8f2773472cdfbc', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4631d', table='penalties_pointsentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pointsentry',
            trigger=pgtrigger.compiler.Trigger(name='incident_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows r LEFT JOIN penalties_incident i ON i.id = r.source_id\n            WHERE r.source_kind = 'incident' AND i.id IS NULL\n        ) THEN\n            RAISE EXCEPTION '台账分录的奖惩记录不存在' USING ERRCODE = 'foreign_key_violation';\n        END IF;\n        RETURN NULL;\n    ", hash='d1cc61ef286565ff7e7ee1177a9af4f1cec7687d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_incident_is_there_dc796', referencing='REFERENCING NEW TABLE AS new_rows ', table='penalties_pointsentry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proposal',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "penalties_proposalpast" ("code", "decided_at", "decided_by_id", "decision", "department_id", "id", "incident_id", "kind", "month", "opened_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "staff_id", "state") SELECT old_values."code", old_values."decided_at", old_values."decided_by_id", old_values."decision", old_values."department_id", old_values."id", old_values."incident_id", old_values."kind", old_values."month", old_values."opened_at", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."staff_id", old_values."state" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."decided_at" IS DISTINCT FROM (new_values."decided_at") OR old_values."decided_by_id" IS DISTINCT FROM (new_values."decided_by_id") OR old_values."decision" IS DISTINCT FROM (new_values."decision") OR old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."incident_id" IS DISTINCT FROM (new_values."incident_id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."month" IS DISTINCT FROM (new_values."month") OR old_values."opened_at" IS DISTINCT FROM (new_values."opened_at") OR old_values."staff_id" IS DISTINCT FROM (new_values."staff_id") OR old_values."state" IS DISTINCT FROM (new_values."state")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ffc7b61c8e8018e72b37be22137b5067914ba7bb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d8c1d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='penalties_proposal', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proposalpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a62ea5d2e4f9c5646b96625c1072eb9a5826c79a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5e75d', table='penalties_proposalpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reversal',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fa28fa9e29279b0f5e15ba6cad005dbeede49890', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9bd07', table='penalties_reversal', when='BEFORE')),
        ),
    ]
