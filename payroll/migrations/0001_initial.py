import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
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
            name='ManualLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='项目')),
                ('amount', models.DecimalField(decimal_places=2, help_text='正数为发，负数为扣。', max_digits=12, verbose_name='金额')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤回时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='员工')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
            ],
            options={
                'verbose_name': '手工项目',
                'verbose_name_plural': '手工项目',
                'ordering': ['period', 'staff', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.CharField(help_text='来历/条款编号/归属月份/奖惩记录。', max_length=128, verbose_name='明细')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('title', models.CharField(max_length=200, verbose_name='项目')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='金额')),
                ('line_reason', models.CharField(max_length=1000, verbose_name='明细说明')),
                ('incidents', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='奖惩记录')),
                ('reason', models.CharField(max_length=500, verbose_name='异议理由')),
                ('at', models.DateTimeField(verbose_name='提出时间')),
                ('state', models.CharField(choices=[('open', '待答复'), ('upheld', '成立'), ('rejected', '不成立')], default='open', max_length=8, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('manual_line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payroll.manualline', verbose_name='补正项目')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '工资异议',
                'verbose_name_plural': '工资异议',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SettlementPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='当月1日', verbose_name='月份')),
                ('state', models.CharField(choices=[('open', '未结算'), ('computing', '计算中'), ('computed', '待批准'), ('approved', '已批准'), ('paid', '已发放')], default='open', max_length=16, verbose_name='状态')),
                ('facts_read_at', models.DateTimeField(blank=True, help_text='草稿所据事实截至此刻。', null=True, verbose_name='取数时间')),
                ('control', models.JSONField(blank=True, default=dict, help_text='结算当时订单、退款、台账的合计。', verbose_name='核对数')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='发放时间')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='people.department', verbose_name='部门')),
                ('paid_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发放人')),
                ('prepared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
            ],
            options={
                'verbose_name': '工资月份',
                'verbose_name_plural': '工资月份',
                'ordering': ['-month', 'department'],
                'constraints': [
                    models.UniqueConstraint(fields=('department', 'month'), name='payroll_settlementperiod_unique'),
                    models.CheckConstraint(condition=models.Q(('month__day', 1)), name='payroll_settlementperiod_first_of_month'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'paid']), _negated=True), models.Q(('approved_by__isnull', False), ('approved_at__isnull', False)), _connector='OR'), name='payroll_settlementperiod_approved_by_person'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SettledOrders',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='订单')),
                ('amounts', django.contrib.postgres.fields.ArrayField(base_field=models.DecimalField(decimal_places=2, max_digits=12), size=None, verbose_name='金额')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='员工')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settled_orders', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'verbose_name': '结算订单',
                'verbose_name_plural': '结算订单',
                'constraints': [
                    models.UniqueConstraint(fields=('period', 'staff'), name='payroll_settledorders_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PeriodEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(choices=[('open', '未结算'), ('computing', '计算中'), ('computed', '待批准'), ('approved', '已批准'), ('paid', '已发放')], max_length=16, verbose_name='原状态')),
                ('after', models.CharField(choices=[('open', '未结算'), ('computing', '计算中'), ('computed', '待批准'), ('approved', '已批准'), ('paid', '已发放')], max_length=16, verbose_name='新状态')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'verbose_name': '结算经过',
                'verbose_name_plural': '结算经过',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Payslip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, verbose_name='工号')),
                ('name', models.CharField(max_length=64, verbose_name='姓名')),
                ('team', models.CharField(blank=True, max_length=64, verbose_name='小组')),
                ('role', models.CharField(blank=True, max_length=32, verbose_name='岗位')),
                ('tier', models.CharField(blank=True, max_length=32, verbose_name='职级')),
                ('days_due', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='应出勤')),
                ('days_worked', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='实出勤')),
                ('gross', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='应发')),
                ('deductions', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='应扣')),
                ('net', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='实发')),
                ('points', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='当月得分')),
                ('points_trace', models.JSONField(default=dict, verbose_name='得分依据')),
                ('failure', models.CharField(blank=True, max_length=500, verbose_name='未能结算的原因')),
                ('remedy', models.CharField(blank=True, max_length=500, verbose_name='补救办法')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payslips', to='people.staff', verbose_name='员工')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payslips', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'verbose_name': '工资条',
                'verbose_name_plural': '工资条',
                'ordering': ['period', 'number'],
                'constraints': [
                    models.UniqueConstraint(fields=('period', 'staff'), name='payroll_payslip_unique'),
                    models.CheckConstraint(condition=models.Q(('net', django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('deductions')))), name='payroll_payslip_net_is_gross_less_deductions'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ObjectionPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('line', models.CharField(help_text='来历/条款编号/归属月份/奖惩记录。', max_length=128, verbose_name='明细')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('title', models.CharField(max_length=200, verbose_name='项目')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='金额')),
                ('line_reason', models.CharField(max_length=1000, verbose_name='明细说明')),
                ('incidents', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='奖惩记录')),
                ('reason', models.CharField(max_length=500, verbose_name='异议理由')),
                ('at', models.DateTimeField(verbose_name='提出时间')),
                ('state', models.CharField(choices=[('open', '待答复'), ('upheld', '成立'), ('rejected', '不成立')], default='open', max_length=8, verbose_name='状态')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='答复')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('answered_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('manual_line', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payroll.manualline', verbose_name='补正项目')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='payroll.objection')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
                ('period', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='objection',
            name='period',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='payroll.settlementperiod', verbose_name='工资月份'),
        ),
        migrations.CreateModel(
            name='ManualLinePast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('title', models.CharField(max_length=200, verbose_name='项目')),
                ('amount', models.DecimalField(decimal_places=2, help_text='正数为发，负数为扣。', max_digits=12, verbose_name='金额')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤回时间')),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='payroll.manualline')),
                ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工')),
                ('withdrawn_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
                ('period', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='manualline',
            name='period',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='manual_lines', to='payroll.settlementperiod', verbose_name='工资月份'),
        ),
        migrations.CreateModel(
            name='SettlementPeriodPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('month', models.DateField(help_text='当月1日', verbose_name='月份')),
                ('state', models.CharField(choices=[('open', '未结算'), ('computing', '计算中'), ('computed', '待批准'), ('approved', '已批准'), ('paid', '已发放')], default='open', max_length=16, verbose_name='状态')),
                ('facts_read_at', models.DateTimeField(blank=True, help_text='草稿所据事实截至此刻。', null=True, verbose_name='取数时间')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='发放时间')),
                ('approved_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门')),
                ('paid_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发放人')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='payroll.settlementperiod')),
                ('prepared_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SettlementRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', '进行中'), ('succeeded', '完成'), ('failed', '失败'), ('died', '中断')], default='running', max_length=16, verbose_name='状态')),
                ('step', models.CharField(blank=True, max_length=64, verbose_name='步骤')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='已完成人数')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='总人数')),
                ('failed', models.PositiveIntegerField(default=0, verbose_name='未能结算人数')),
                ('message', models.TextField(blank=True, verbose_name='说明')),
                ('started_at', models.DateTimeField(verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发起人')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='payroll.settlementperiod', verbose_name='工资月份')),
            ],
            options={
                'verbose_name': '结算运行',
                'verbose_name_plural': '结算运行',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='PayLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('nature', models.CharField(choices=[('regular', '当月'), ('manual', '手工'), ('adjustment', '以前月份调整'), ('carry', '上月转入')], default='regular', max_length=16, verbose_name='来历')),
                ('column', models.CharField(choices=[('base', '基本工资'), ('performance', '绩效'), ('commission', '提成'), ('bonus', '奖金'), ('allowance', '补贴'), ('fine', '罚款'), ('leave', '请假扣款'), ('other', '其他')], max_length=16, verbose_name='工资表栏目')),
                ('code', models.CharField(max_length=64, verbose_name='条款编号')),
                ('title', models.CharField(max_length=200, verbose_name='项目')),
                ('basis', models.CharField(blank=True, max_length=16, verbose_name='性质')),
                ('for_month', models.DateField(verbose_name='归属月份')),
                ('on', models.DateField(verbose_name='日期')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='金额')),
                ('full_amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='封顶前金额')),
                ('state_carried', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='带入下月的基数')),
                ('reason', models.CharField(max_length=1000, verbose_name='说明')),
                ('trace', models.JSONField(default=dict, verbose_name='计算依据')),
                ('origin', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried_lines', to='payroll.payline', verbose_name='转自')),
                ('provision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rules.provision', verbose_name='条款')),
                ('payslip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payroll.payslip', verbose_name='工资条')),
            ],
            options={
                'verbose_name': '工资明细',
                'verbose_name_plural': '工资明细',
                'ordering': ['payslip', 'position'],
                'constraints': [models.UniqueConstraint(fields=('payslip', 'position'), name='payroll_payline_unique_position'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='payroll_payline_has_reason')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = (SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='3f13a5545b5742bb19b7f18cf339543210584237', level='STATEMENT', operation='INSERT', pgid='pgtrigger_frozen_insert_61e40', referencing='REFERENCING NEW TABLE AS new_rows ', table='payroll_payline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = (SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n        \n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = (SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='c582cec59369e1a4dedb7342e2e6f6005f80f41d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_frozen_update_e5f4c', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='payroll_payline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = (SELECT s.period_id FROM payroll_payslip s WHERE s.id = r.payslip_id)\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='c947519d7bb2331e83280e44eccd0311b1b865bf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_frozen_delete_2c4fc', referencing='REFERENCING OLD TABLE AS old_rows ', table='payroll_payline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementperiod',
            trigger=pgtrigger.compiler.Trigger(name='moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:computing,open:computed,computing:computed,computing:open,computed:computing,computed:approved,approved:computed,approved:paid}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='17c92fe22ff56284ae89c13628efc2ae8189676e', operation='UPDATE', pgid='pgtrigger_moves_a8a07', table='payroll_settlementperiod', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementperiod',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payroll_settlementperiodpast" ("approved_at", "approved_by_id", "department_id", "facts_read_at", "id", "month", "paid_at", "paid_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_by_id", "state") SELECT old_values."approved_at", old_values."approved_by_id", old_values."department_id", old_values."facts_read_at", old_values."id", old_values."month", old_values."paid_at", old_values."paid_by_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."prepared_by_id", old_values."state" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."approved_at" IS DISTINCT FROM (new_values."approved_at") OR old_values."approved_by_id" IS DISTINCT FROM (new_values."approved_by_id") OR old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."facts_read_at" IS DISTINCT FROM (new_values."facts_read_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."month" IS DISTINCT FROM (new_values."month") OR old_values."paid_at" IS DISTINCT FROM (new_values."paid_at") OR old_values."paid_by_id" IS DISTINCT FROM (new_values."paid_by_id") OR old_values."prepared_by_id" IS DISTINCT FROM (new_values."prepared_by_id") OR old_values."state" IS DISTINCT FROM (new_values."state")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='515470e0e447232836b70cbfefb03a787a6322a2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_84eaa', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payroll_settlementperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementperiod',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payroll_settlementperiodpast" ("approved_at", "approved_by_id", "department_id", "facts_read_at", "id", "month", "paid_at", "paid_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_by_id", "state") SELECT new_values."approved_at", new_values."approved_by_id", new_values."department_id", new_values."facts_read_at", new_values."id", new_values."month", new_values."paid_at", new_values."paid_by_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."prepared_by_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f4516160db3e8460f5e0d74fa77c19efc3d69e7e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_200dc', referencing='REFERENCING NEW TABLE AS new_values ', table='payroll_settlementperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settledorders',
            trigger=pgtrigger.compiler.Trigger(name='frozen_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_settledorders）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='d75306a6a97a8ffe8043da0db12b23cc3f993714', level='STATEMENT', operation='INSERT', pgid='pgtrigger_frozen_insert_036e5', referencing='REFERENCING NEW TABLE AS new_rows ', table='payroll_settledorders', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settledorders',
            trigger=pgtrigger.compiler.Trigger(name='frozen_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_settledorders）' USING ERRCODE = 'restrict_violation';\n            END IF;\n        \n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_settledorders）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='bac54232ca384db7c10fbe933123dfa3428c8a3d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_frozen_update_669e8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='payroll_settledorders', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settledorders',
            trigger=pgtrigger.compiler.Trigger(name='frozen_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_settledorders）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='d78721f80fe7b4d046dd6f5a4ab195f389cebe68', level='STATEMENT', operation='DELETE', pgid='pgtrigger_frozen_delete_46323', referencing='REFERENCING OLD TABLE AS old_rows ', table='payroll_settledorders', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='periodevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3db0b07f1ffcf3f17415647a176d8507190a092c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_148d7', table='payroll_periodevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payslip',
            trigger=pgtrigger.compiler.Trigger(name='frozen_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payslip）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='d63fd75aa77aa61fa71e0d6ea641c0efa1867967', level='STATEMENT', operation='INSERT', pgid='pgtrigger_frozen_insert_c3f1d', referencing='REFERENCING NEW TABLE AS new_rows ', table='payroll_payslip', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payslip',
            trigger=pgtrigger.compiler.Trigger(name='frozen_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payslip）' USING ERRCODE = 'restrict_violation';\n            END IF;\n        \n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payslip）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='33cdd684721c6a1ceb628f54eee285903347f2b4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_frozen_update_f2a39', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='payroll_payslip', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payslip',
            trigger=pgtrigger.compiler.Trigger(name='frozen_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_payslip）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='5cc93cd00a8bedd08ae4081fbe0cd22d85ad992e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_frozen_delete_107d1', referencing='REFERENCING OLD TABLE AS old_rows ', table='payroll_payslip', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='objectionpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d5d58729bbd5ab19382991bd1376c15820608d85', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_56fea', table='payroll_objectionpast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('period', 'staff', 'line'), name='payroll_objection_one_open'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='payroll_objection_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='payroll_objection_answered_by_person'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='objection',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payroll_objectionpast" ("amount", "answer", "answered_at", "answered_by_id", "at", "code", "id", "incidents", "line", "line_reason", "manual_line_id", "period_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "staff_id", "state", "title") SELECT old_values."amount", old_values."answer", old_values."answered_at", old_values."answered_by_id", old_values."at", old_values."code", old_values."id", old_values."incidents", old_values."line", old_values."line_reason", old_values."manual_line_id", old_values."period_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."reason", old_values."staff_id", old_values."state", old_values."title" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fc9c592821922705e114e2a9a66e019ffbf89304', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_ef773', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payroll_objection', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manuallinepast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3f29008304d59f0c28f1982be31225542da3ce59', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3d0d4', table='payroll_manuallinepast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='manualline',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='payroll_manualline_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='manualline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='payroll_manualline_not_zero'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manualline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_manualline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='a3c3d04dece64eb19902deeb718f03accff31711', level='STATEMENT', operation='INSERT', pgid='pgtrigger_frozen_insert_0c0f2', referencing='REFERENCING NEW TABLE AS new_rows ', table='payroll_manualline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manualline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_manualline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n        \n            IF EXISTS (\n                SELECT 1 FROM new_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_manualline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='17063bcd0f4992efe7f85ef1042b2fb1e22d7071', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_frozen_update_e36e2', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='payroll_manualline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manualline',
            trigger=pgtrigger.compiler.Trigger(name='frozen_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM old_rows r JOIN payroll_settlementperiod p ON p.id = r.period_id\n                WHERE p.state IN ('approved', 'paid')\n            ) THEN\n                RAISE EXCEPTION '已批准的工资不可更改（payroll_manualline）' USING ERRCODE = 'restrict_violation';\n            END IF;\n         RETURN NULL;", hash='82e4b3e965a144673be74704f6ccc1dc14059038', level='STATEMENT', operation='DELETE', pgid='pgtrigger_frozen_delete_badf6', referencing='REFERENCING OLD TABLE AS old_rows ', table='payroll_manualline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='manualline',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "payroll_manuallinepast" ("amount", "at", "by_id", "id", "period_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "staff_id", "title", "withdrawn_at", "withdrawn_by_id") SELECT old_values."amount", old_values."at", old_values."by_id", old_values."id", old_values."period_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."reason", old_values."staff_id", old_values."title", old_values."withdrawn_at", old_values."withdrawn_by_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='afd756bd644aa4b84242df67b01ca0cfe0295309', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_31b00', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='payroll_manualline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementperiodpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a9ec6b674d6daa46f02d019ec90b44981c0c9b52', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_55d10', table='payroll_settlementperiodpast', when='BEFORE')),
        ),
    ]
