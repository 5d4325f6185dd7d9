import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_initial'),
        ('penalties', '0001_initial'),
        ('people', '0002_two_step'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DutyTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('on', models.DateField(verbose_name='日期')),
                ('at', models.DateTimeField(verbose_name='排定时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='排定人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_turns', to='people.department', verbose_name='部门')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_turns', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '值日',
                'verbose_name_plural': '值日',
                'ordering': ['on', 'code'],
                'indexes': [
                    models.Index(fields=['staff', 'on'], name='duties_dutyturn_staff'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('department', 'code', 'on'), name='duties_dutyturn_one_a_day', violation_error_message='当天此项值日已排。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DutySwap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', '待对方同意'), ('agreed', '已换'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='asked', max_length=16, verbose_name='状态')),
                ('asked_at', models.DateTimeField(verbose_name='申请时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='申请人')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='对方')),
                ('asked_turn', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swaps_asked', to='duties.dutyturn', verbose_name='让出的值日')),
                ('offered_turn', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='swaps_offered', to='duties.dutyturn', verbose_name='换来的值日')),
            ],
            options={
                'verbose_name': '值日换班',
                'verbose_name_plural': '值日换班',
                'ordering': ['-id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('asker', models.F('partner')), _negated=True), name='duties_dutyswap_of_two', violation_error_message='不能和自己换。'),
                    models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('asked_turn', 'offered_turn'), name='duties_dutyswap_asked_once', violation_error_message='已有同样的申请。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DutyTurnPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('on', models.DateField(verbose_name='日期')),
                ('at', models.DateTimeField(verbose_name='排定时间')),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='排定人')),
                ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='duties.dutyturn')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='DutyWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('due_on', models.DateField(verbose_name='应完成日期')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='免除人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_waivers', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '职责免除',
                'verbose_name_plural': '职责免除',
                'ordering': ['-id'],
                'constraints': [
                    models.UniqueConstraint(fields=('staff', 'code', 'due_on'), name='duties_dutywaiver_once', violation_error_message='此项已免除。'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='duties_dutywaiver_has_reason', violation_error_message='免除须写理由。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HandoverItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('work_date', models.DateField(verbose_name='日期')),
                ('shift_name', models.CharField(blank=True, max_length=32, verbose_name='班次')),
                ('shift_starts_at', models.DateTimeField(blank=True, null=True, verbose_name='上班')),
                ('shift_ends_at', models.DateTimeField(blank=True, null=True, verbose_name='下班')),
                ('is_nothing', models.BooleanField(default=False, verbose_name='无交接事项')),
                ('customer', models.CharField(blank=True, max_length=64, verbose_name='客户')),
                ('order_no', models.CharField(blank=True, max_length=64, verbose_name='订单号')),
                ('text', models.TextField(blank=True, max_length=2000, verbose_name='未办事项')),
                ('urgency', models.CharField(choices=[('normal', '一般'), ('today', '当班要办'), ('urgent', '紧急')], default='normal', max_length=8, verbose_name='缓急')),
                ('key', models.CharField(editable=False, max_length=64, unique=True, verbose_name='表单键')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('attachments', models.ManyToManyField(blank=True, related_name='+', to='files.attachment', verbose_name='附件')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handover_items', to='people.staff', verbose_name='交出人')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('follows', models.OneToOneField(blank=True, help_text='签收的人没有办完，下班时写给下一班的。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='duties.handoveritem', verbose_name='转自')),
            ],
            options={
                'verbose_name': '交接事项',
                'verbose_name_plural': '交接事项',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['work_date', 'author'], name='duties_handoveritem_day'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('is_nothing', True), ('text', '')), models.Q(('is_nothing', False), models.Q(('text', ''), _negated=True)), _connector='OR'), name='duties_handoveritem_text_or_nothing', violation_error_message='写明未办事项，或勾选无交接事项。'),
                    models.UniqueConstraint(condition=models.Q(('is_nothing', True)), fields=('author', 'work_date'), name='duties_handoveritem_nothing_once', violation_error_message='本班已登记无交接事项。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HandoverEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('correction', '更正'), ('remark', '备注'), ('done', '已办'), ('not_done', '未办'), ('waived', '免究')], max_length=16, verbose_name='类别')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='内容')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('staff', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='员工')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='duties.handoveritem', verbose_name='交接事项')),
            ],
            options={
                'verbose_name': '交接附记',
                'verbose_name_plural': '交接附记',
                'ordering': ['id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('kind__in', ['done', 'not_done', 'waived'])), fields=('item', 'kind'), name='duties_handoverentry_once', violation_error_message='此事项已这样登记过。'),
                    models.CheckConstraint(condition=models.Q(('kind', 'done'), models.Q(('text', ''), _negated=True), _connector='OR'), name='duties_handoverentry_says_something', violation_error_message='请写明内容。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HandoverReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('work_date', models.DateField(verbose_name='日期')),
                ('remark', models.CharField(blank=True, max_length=500, verbose_name='意见')),
                ('at', models.DateTimeField(verbose_name='复核时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handover_reviews', to='people.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '交接复核',
                'verbose_name_plural': '交接复核',
                'ordering': ['-work_date'],
                'constraints': [
                    models.UniqueConstraint(fields=('department', 'work_date'), name='duties_handoverreview_once', violation_error_message='当天的交接已复核。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HandoverSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('work_date', models.DateField(verbose_name='日期')),
                ('shift_name', models.CharField(blank=True, max_length=32, verbose_name='班次')),
                ('shift_starts_at', models.DateTimeField(blank=True, null=True, verbose_name='上班')),
                ('shift_ends_at', models.DateTimeField(blank=True, null=True, verbose_name='下班')),
                ('at', models.DateTimeField(verbose_name='签收时间')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signature', to='duties.handoveritem', verbose_name='交接事项')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handover_signatures', to='people.staff', verbose_name='签收人')),
            ],
            options={
                'verbose_name': '交接签收',
                'verbose_name_plural': '交接签收',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['staff', 'at'], name='duties_handoversign_staff'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Memo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='内容')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), blank=True, default=list, size=None, verbose_name='标签')),
                ('remind_at', models.DateTimeField(blank=True, null=True, verbose_name='提醒时间')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='了结时间')),
                ('key', models.CharField(editable=False, max_length=64, unique=True, verbose_name='表单键')),
                ('at', models.DateTimeField(verbose_name='记下时间')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memos', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '备忘',
                'verbose_name_plural': '备忘',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['staff', 'at'], name='duties_memo_staff'),
                    models.Index(condition=models.Q(('remind_at__isnull', False), ('settled_at__isnull', True)), fields=['remind_at'], name='duties_memo_reminder'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='duties_memo_has_text'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MemoPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('text', models.TextField(max_length=2000, verbose_name='内容')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), blank=True, default=list, size=None, verbose_name='标签')),
                ('remind_at', models.DateTimeField(blank=True, null=True, verbose_name='提醒时间')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='了结时间')),
                ('key', models.CharField(editable=False, max_length=64, verbose_name='表单键')),
                ('at', models.DateTimeField(verbose_name='记下时间')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='duties.memo')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='内容')),
                ('sent_at', models.DateTimeField(verbose_name='提交时间')),
                ('state', models.CharField(choices=[('sent', '待答复'), ('adopted', '已采纳'), ('declined', '未采纳')], default='sent', max_length=16, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('incident', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suggestion', to='penalties.incident', verbose_name='奖励记录')),
                ('memo', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='suggestion', to='duties.memo', verbose_name='备忘')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '建议',
                'verbose_name_plural': '建议',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['state'], name='duties_suggestion_state'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), models.Q(('answer', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='duties_suggestion_decided_with_answer', violation_error_message='答复须写明理由。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SuggestionPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('text', models.TextField(verbose_name='内容')),
                ('sent_at', models.DateTimeField(verbose_name='提交时间')),
                ('state', models.CharField(choices=[('sent', '待答复'), ('adopted', '已采纳'), ('declined', '未采纳')], default='sent', max_length=16, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('incident', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='penalties.incident', verbose_name='奖励记录')),
                ('memo', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='duties.memo', verbose_name='备忘')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='duties.suggestion')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='DutyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('due_on', models.DateField(verbose_name='应完成日期')),
                ('done_at', models.DateTimeField(verbose_name='完成时间')),
                ('text', models.TextField(blank=True, verbose_name='内容')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('attachment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.attachment', verbose_name='附件')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_records', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '职责完成记录',
                'verbose_name_plural': '职责完成记录',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['code', 'due_on'], name='duties_dutyrecord_due')],
                'constraints': [models.UniqueConstraint(fields=('staff', 'code', 'due_on'), name='duties_dutyrecord_once', violation_error_message='此项已登记完成。')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dutyrecord',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f516769ce06065609b3b9e3e8973a38b9947bbea', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9a54a', table='duties_dutyrecord', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dutyturn',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "duties_dutyturnpast" ("at", "by_id", "code", "department_id", "id", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "staff_id") SELECT old_values."at", old_values."by_id", old_values."code", old_values."department_id", old_values."id", old_values."on", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."staff_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c0ec60cffc8a4184c621e040b0c68c548a161029', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e696a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='duties_dutyturn', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dutyswap',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='5f72199b910b16146be35888757bc2c145f7c6e2', operation='DELETE', pgid='pgtrigger_kept_eb237', table='duties_dutyswap', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dutyturnpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='da934700ab653655ea8cd8bfee012608326c6dc3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3e657', table='duties_dutyturnpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dutywaiver',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='048fa6d845bf8e3951a300242e62fac535a21430', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_20368', table='duties_dutywaiver', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoveritem',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f17f1709539d4777d78c6373a95f60caf80bb97e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bf59e', table='duties_handoveritem', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoverentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a9e27e24619568cfdff5d52f6bf970bf2cc9fb6b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1477e', table='duties_handoverentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoverreview',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dba41bac7194e8e8cff37c5415d2547f0d6b7b14', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_92062', table='duties_handoverreview', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoversignature',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1a699621cd69e2411b5501b01bd2630a63b00bcf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_742ac', table='duties_handoversignature', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memo',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "duties_memopast" ("at", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_at", "settled_at", "staff_id", "tags", "text") SELECT old_values."at", old_values."id", old_values."key", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."remind_at", old_values."settled_at", old_values."staff_id", old_values."tags", old_values."text" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b2cde5ed664222d0047b38d0018135b2ff01fae2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5b578', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='duties_memo', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memopast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='569b7daa3ae9f240f8908293438bcff366af6a12', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_af92f', table='duties_memopast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "duties_suggestionpast" ("answer", "decided_at", "decided_by_id", "id", "incident_id", "memo_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sent_at", "staff_id", "state", "text") SELECT old_values."answer", old_values."decided_at", old_values."decided_by_id", old_values."id", old_values."incident_id", old_values."memo_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."sent_at", old_values."staff_id", old_values."state", old_values."text" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cae7d86e577bfbbbfa95f62b72dba522b9ca2249', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0bcc0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='duties_suggestion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='suggestionpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ac649e4b65659febcde50061d8d7d68301b2f8c7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6abec', table='duties_suggestionpast', when='BEFORE')),
        ),
    ]
