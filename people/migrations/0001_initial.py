import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import people.row_changes

GROUPS = ["agent", "lead", "supervisor", "manager", "hr", "gm", "auditor"]


def create_groups(apps, schema_editor):
    """The login groups; what each may do is kept up to date by `manage.py sync_groups`."""
    group = apps.get_model("auth", "Group")
    rows = group.objects.using(schema_editor.connection.alias)
    rows.bulk_create([group(name=name) for name in GROUPS], ignore_conflicts=True)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.RunPython(create_groups, migrations.RunPython.noop),
        migrations.CreateModel(
            name='DepartmentPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=32, verbose_name='代码')),
                ('name', models.CharField(max_length=64, verbose_name='名称')),
                ('minimum_wage', models.DecimalField(blank=True, decimal_places=2, help_text='元/月；启用封顶时，实发不低于此数。', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='当地最低工资')),
                ('caps', models.BooleanField(default=True, help_text='赔偿不超过当月应发的20%，扣后不低于最低工资；扣不完的转下月。', verbose_name='启用封顶')),
                ('four_eyes', models.BooleanField(default=True, help_text='编制工资的人不能批准同一份工资。', verbose_name='双人复核')),
                ('objection_days', models.PositiveSmallIntegerField(default=7, help_text='工资批准以后几天之内，员工可对工资条上的一行提出异议。', verbose_name='异议期限（天）')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='FactChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='当月1日', verbose_name='月份')),
                ('source', models.CharField(choices=[('staff', '员工'), ('incident', '奖惩'), ('attendance', '考勤'), ('leave', '请假'), ('orders', '订单'), ('attribution', '订单归属'), ('metrics', '指标')], max_length=16, verbose_name='来源')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('at', models.DateTimeField(verbose_name='时间')),
            ],
            options={
                'verbose_name': '事实变更',
                'verbose_name_plural': '事实变更',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='GroupPermissionPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=128, verbose_name='幂等键')),
                ('request', models.CharField(help_text='方法、路径与内容。', max_length=64, verbose_name='请求的SHA-256')),
                ('status', models.PositiveSmallIntegerField(default=0, verbose_name='状态码')),
                ('answer', models.JSONField(null=True, verbose_name='答复')),
                ('at', models.DateTimeField(verbose_name='时间')),
            ],
            options={
                'verbose_name': '幂等键',
                'verbose_name_plural': '幂等键',
            },
        ),
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16, verbose_name='类别')),
                ('profile', models.CharField(max_length=32, verbose_name='格式')),
                ('file_name', models.CharField(max_length=255, verbose_name='文件名')),
                ('digest', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('rows', models.PositiveIntegerField(verbose_name='行数')),
                ('summary', models.JSONField(default=dict, verbose_name='结果')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('undo_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='要求撤销的时间')),
                ('undo_refusal', models.CharField(blank=True, max_length=500, verbose_name='不能撤销的原因')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
            ],
            options={
                'verbose_name': '导入记录',
                'verbose_name_plural': '导入记录',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportBatchPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=16, verbose_name='类别')),
                ('profile', models.CharField(max_length=32, verbose_name='格式')),
                ('file_name', models.CharField(max_length=255, verbose_name='文件名')),
                ('rows', models.PositiveIntegerField(verbose_name='行数')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('undo_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='要求撤销的时间')),
                ('undo_refusal', models.CharField(blank=True, max_length=500, verbose_name='不能撤销的原因')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LoginGroupPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.IntegerField()),
                ('name', models.CharField(max_length=150, verbose_name='name')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RowChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table_name', models.CharField(max_length=63)),
                ('created', people.row_changes.MultirangeField(null=True)),
                ('changed', people.row_changes.MultirangeField(null=True)),
                ('before', models.JSONField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': '行的变更',
                'verbose_name_plural': '行的变更',
            },
        ),
        migrations.CreateModel(
            name='Staff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, verbose_name='工号')),
                ('name', models.CharField(max_length=64, verbose_name='姓名')),
                ('pinyin', models.CharField(blank=True, editable=False, max_length=128, verbose_name='拼音')),
                ('initials', models.CharField(blank=True, editable=False, max_length=64, verbose_name='拼音首字母')),
                ('hired_on', models.DateField(verbose_name='入职日期')),
                ('joined_on', models.DateField(verbose_name='到本部门日期')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='最后工作日')),
            ],
            options={
                'verbose_name': '员工',
                'verbose_name_plural': '员工',
                'ordering': ['department', 'number'],
            },
        ),
        migrations.CreateModel(
            name='StaffPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=32, verbose_name='工号')),
                ('name', models.CharField(max_length=64, verbose_name='姓名')),
                ('hired_on', models.DateField(verbose_name='入职日期')),
                ('joined_on', models.DateField(verbose_name='到本部门日期')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='最后工作日')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, verbose_name='名称')),
            ],
            options={
                'verbose_name': '小组',
                'verbose_name_plural': '小组',
                'ordering': ['department', 'name'],
            },
        ),
        migrations.CreateModel(
            name='TeamPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=64, verbose_name='名称')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(help_text='含首日，不含末日之次日。', verbose_name='有效期')),
                ('role', models.CharField(default='agent', max_length=32, verbose_name='岗位')),
                ('post', models.CharField(blank=True, choices=[('presale', '售前'), ('insale', '售中'), ('aftersale', '售后')], max_length=16, verbose_name='环节')),
                ('tier', models.CharField(blank=True, choices=[('trial', '试用'), ('junior', '初级客服'), ('intermediate', '中级客服'), ('senior', '高级客服'), ('reserve_supervisor', '储备主管')], max_length=32, verbose_name='职级')),
                ('star', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='星级')),
                ('base_pay', models.DecimalField(blank=True, decimal_places=2, help_text='空则按职级表。', max_digits=12, null=True, verbose_name='约定基本工资')),
                ('performance_bonus', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='绩效奖金')),
                ('base_points', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name='基点')),
            ],
            options={
                'verbose_name': '任职条件',
                'verbose_name_plural': '任职条件',
                'ordering': ['staff', 'valid'],
            },
        ),
        migrations.CreateModel(
            name='TermPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(help_text='含首日，不含末日之次日。', verbose_name='有效期')),
                ('role', models.CharField(default='agent', max_length=32, verbose_name='岗位')),
                ('post', models.CharField(blank=True, choices=[('presale', '售前'), ('insale', '售中'), ('aftersale', '售后')], max_length=16, verbose_name='环节')),
                ('tier', models.CharField(blank=True, choices=[('trial', '试用'), ('junior', '初级客服'), ('intermediate', '中级客服'), ('senior', '高级客服'), ('reserve_supervisor', '储备主管')], max_length=32, verbose_name='职级')),
                ('star', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='星级')),
                ('base_pay', models.DecimalField(blank=True, decimal_places=2, help_text='空则按职级表。', max_digits=12, null=True, verbose_name='约定基本工资')),
                ('performance_bonus', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='绩效奖金')),
                ('base_points', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, verbose_name='基点')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TwoStepRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
            ],
            options={
                'verbose_name': '两步验证解除记录',
                'verbose_name_plural': '两步验证解除记录',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='LoginGroup',
            fields=[
            ],
            options={
                'verbose_name': '登录组',
                'verbose_name_plural': '登录组',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('auth.group',),
            managers=[
                ('objects', django.contrib.auth.models.GroupManager()),
            ],
        ),
        migrations.CreateModel(
            name='GroupPermission',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('auth.group_permissions',),
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('must_change_password', models.BooleanField(default=False, help_text='口令由别人给的：登录后先改口令才能做别的。', verbose_name='须改口令')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': '账号',
                'verbose_name_plural': '账号',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='AccountGroupPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('account', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AccountPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('must_change_password', models.BooleanField(default=False, help_text='口令由别人给的：登录后先改口令才能做别的。', verbose_name='须改口令')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='哪个系统用，如 店铺ERP。', max_length=64, verbose_name='名称')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True, verbose_name='SHA-256')),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='许可的操作')),
                ('created_at', models.DateTimeField(verbose_name='签发时间')),
                ('expires_at', models.DateTimeField(verbose_name='到期时间')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='最近使用')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='吊销时间')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签发人')),
            ],
            options={
                'verbose_name': '接口令牌',
                'verbose_name_plural': '接口令牌',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ApiTokenPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(help_text='哪个系统用，如 店铺ERP。', max_length=64, verbose_name='名称')),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='许可的操作')),
                ('created_at', models.DateTimeField(verbose_name='签发时间')),
                ('expires_at', models.DateTimeField(verbose_name='到期时间')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='吊销时间')),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签发人')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.apitoken')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=64, verbose_name='名称')),
                ('minimum_wage', models.DecimalField(blank=True, decimal_places=2, help_text='元/月；启用封顶时，实发不低于此数。', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='当地最低工资')),
                ('caps', models.BooleanField(default=True, help_text='赔偿不超过当月应发的20%，扣后不低于最低工资；扣不完的转下月。', verbose_name='启用封顶')),
                ('four_eyes', models.BooleanField(default=True, help_text='编制工资的人不能批准同一份工资。', verbose_name='双人复核')),
                ('objection_days', models.PositiveSmallIntegerField(default=7, help_text='工资批准以后几天之内，员工可对工资条上的一行提出异议。', verbose_name='异议期限（天）')),
            ],
            options={
                'verbose_name': '部门',
                'verbose_name_plural': '部门',
                'ordering': ['code'],
                'permissions': [('view_pay', '查看工资'), ('record_incidents', '记录奖惩'), ('confirm_incidents', '确认或驳回奖惩'), ('reverse_incidents', '撤销奖惩'), ('import_data', '导入表格'), ('manage_staff', '维护员工'), ('add_manual_lines', '登记手工工资项'), ('settle_pay', '编制工资'), ('approve_pay', '批准或退回工资'), ('mark_paid', '登记已发放'), ('answer_objections', '答复工资异议'), ('decide_claims', '决定订单认领'), ('publish_rules', '发布制度'), ('plan_rosters', '排班'), ('decide_requests', '审批换班、请假、补卡、外出与加班'), ('countersign_handover', '复核交接与例会'), ('decide_suggestions', '采纳建议')],
                'constraints': [models.CheckConstraint(condition=models.Q(('caps', False), ('minimum_wage__isnull', False), _connector='OR'), name='people_department_caps_need_wage', violation_error_message='启用封顶须填写当地最低工资。')],
            },
        ),
        migrations.AddField(
            model_name='apitoken',
            name='departments',
            field=models.ManyToManyField(help_text='只在这些部门有效，且不超出账号的权限。', related_name='+', to='people.department', verbose_name='部门'),
        ),
        migrations.CreateModel(
            name='AccountDepartmentPast',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('account', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('department', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('what', models.CharField(choices=[('payslip', '工资条'), ('period', '全部门工资'), ('export', '导出工资表'), ('terms', '任职条件')], max_length=16, verbose_name='内容')),
                ('month', models.DateField(help_text='当月1日', verbose_name='月份')),
                ('payslip', models.BigIntegerField(blank=True, help_text='草稿重算后工资条换新编号，旧编号留在此处。', null=True, verbose_name='工资条编号')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='查看人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '工资查看记录',
                'verbose_name_plural': '工资查看记录',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='departments',
            field=models.ManyToManyField(blank=True, help_text='主管、经理、人事在这些部门内行使权限；客服和组长按本人所在部门与小组。', related_name='accounts', to='people.department', verbose_name='管理的部门'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='department',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_departmentpast" ("caps", "code", "four_eyes", "id", "minimum_wage", "name", "objection_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."caps", old_values."code", old_values."four_eyes", old_values."id", old_values."minimum_wage", old_values."name", old_values."objection_days", _pgh_attached_context.value, NOW(), \'update\', old_values."id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='65ba8902ea4a6027af6dcecdf34c6b9548ecc662', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1de4f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_department', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='department',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_departmentpast" ("caps", "code", "four_eyes", "id", "minimum_wage", "name", "objection_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."caps", new_values."code", new_values."four_eyes", new_values."id", new_values."minimum_wage", new_values."name", new_values."objection_days", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='16cc8c0f0cbfb6afefcf53fde749af723782fb1f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_36849', referencing='REFERENCING NEW TABLE AS new_values ', table='people_department', when='AFTER')),
        ),
        migrations.AddField(
            model_name='departmentpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='departmentpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.department'),
        ),
        migrations.AddField(
            model_name='factchange',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人'),
        ),
        migrations.AddField(
            model_name='factchange',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fact_changes', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='grouppermissionpast',
            name='group',
            field=models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='grouppermissionpast',
            name='permission',
            field=models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission'),
        ),
        migrations.AddField(
            model_name='grouppermissionpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='idempotencykey',
            name='token',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='idempotency_keys', to='people.apitoken', verbose_name='令牌'),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人'),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_batches', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='undo_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人'),
        ),
        migrations.AddField(
            model_name='importbatchpast',
            name='by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人'),
        ),
        migrations.AddField(
            model_name='importbatchpast',
            name='department',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='importbatchpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='importbatchpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.importbatch'),
        ),
        migrations.AddField(
            model_name='importbatchpast',
            name='undo_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人'),
        ),
        migrations.AddField(
            model_name='logingrouppast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='rowchange',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='people.importbatch'),
        ),
        migrations.AddField(
            model_name='staff',
            name='account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='staff', to=settings.AUTH_USER_MODEL, verbose_name='账号'),
        ),
        migrations.AddField(
            model_name='staff',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='accesslog',
            name='staff',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='员工'),
        ),
        migrations.AddField(
            model_name='staffpast',
            name='account',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='账号'),
        ),
        migrations.AddField(
            model_name='staffpast',
            name='department',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='staffpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='staffpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.staff'),
        ),
        migrations.AddField(
            model_name='team',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='teampast',
            name='department',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.department', verbose_name='部门'),
        ),
        migrations.AddField(
            model_name='teampast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='teampast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='term',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='people.staff', verbose_name='员工'),
        ),
        migrations.AddField(
            model_name='term',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='people.team', verbose_name='小组'),
        ),
        migrations.AddField(
            model_name='termpast',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='termpast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.term'),
        ),
        migrations.AddField(
            model_name='termpast',
            name='staff',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.staff', verbose_name='员工'),
        ),
        migrations.AddField(
            model_name='termpast',
            name='team',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.team', verbose_name='小组'),
        ),
        migrations.AddField(
            model_name='twostepremoval',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='账号'),
        ),
        migrations.AddField(
            model_name='twostepremoval',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='操作人'),
        ),
        migrations.AddField(
            model_name='twostepremoval',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.staff', verbose_name='员工'),
        ),
        migrations.AddField(
            model_name='logingrouppast',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.logingroup'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='logingroup',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_logingrouppast" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cf72c16c00689ed6efd999775489ae70afd00120', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_10f75', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='auth_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='logingroup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_logingrouppast" ("id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7e2a1ebc1eb0da2815d6be6e0075560ae31aef31', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_89a3a', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_group', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grouppermission',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_grouppermissionpast" ("group_id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT new_values."group_id", new_values."permission_id", _pgh_attached_context.value, NOW(), \'insert\' FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8f6f9a9c8b3461905308267610e5dc5b2e55a595', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fc898', referencing='REFERENCING NEW TABLE AS new_values ', table='auth_group_permissions', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grouppermission',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_grouppermissionpast" ("group_id", "permission_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT old_values."group_id", old_values."permission_id", _pgh_attached_context.value, NOW(), \'delete\' FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cecbbd5f630bd549057f0e5f1550c64030a4c42b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7889d', referencing='REFERENCING OLD TABLE AS old_values ', table='auth_group_permissions', when='AFTER')),
        ),
        migrations.CreateModel(
            name='AccountGroup',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('people.account_groups',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountgrouppast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='54f5f1039701d8c2f3032f13b90ab4082a846d54', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_73972', table='people_accountgrouppast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ac9a7a8392bb7debdb327dcf5235a56e3d634dba', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4526b', table='people_accountpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitokenpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='895761a64ab6d960cc35ce15dd37a315b52925b0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0692f', table='people_apitokenpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_apitokenpast" ("account_id", "actions", "created_at", "created_by_id", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at") SELECT old_values."account_id", old_values."actions", old_values."created_at", old_values."created_by_id", old_values."expires_at", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."revoked_at" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."account_id" IS DISTINCT FROM (new_values."account_id") OR old_values."actions" IS DISTINCT FROM (new_values."actions") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."expires_at" IS DISTINCT FROM (new_values."expires_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."revoked_at" IS DISTINCT FROM (new_values."revoked_at")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='dd517e44ceed9207620c5f0dd23a5af5fe64afa3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_bd2cc', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_apitoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountdepartmentpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='820e5201b702c71757345ad03d482a0c9eb4f662', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_af7ca', table='people_accountdepartmentpast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountpast" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "must_change_password", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT old_values."date_joined", old_values."email", old_values."first_name", old_values."id", old_values."is_active", old_values."is_staff", old_values."is_superuser", old_values."last_name", old_values."must_change_password", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."username" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."date_joined" IS DISTINCT FROM (new_values."date_joined") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."first_name" IS DISTINCT FROM (new_values."first_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."is_staff" IS DISTINCT FROM (new_values."is_staff") OR old_values."is_superuser" IS DISTINCT FROM (new_values."is_superuser") OR old_values."last_name" IS DISTINCT FROM (new_values."last_name") OR old_values."must_change_password" IS DISTINCT FROM (new_values."must_change_password") OR old_values."username" IS DISTINCT FROM (new_values."username")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c316c8506fae8b15079baa7bf98883b5b01039f7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7c7a1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_account', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountpast" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "must_change_password", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_staff", new_values."is_superuser", new_values."last_name", new_values."must_change_password", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."username" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3ca30043fc5f7c7652de2e51de755726b78ecd3d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1b204', referencing='REFERENCING NEW TABLE AS new_values ', table='people_account', when='AFTER')),
        ),
        migrations.CreateModel(
            name='AccountDepartment',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('people.account_departments',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='departmentpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3f9b5c57dc6b236050f54ce04fcbb35f2e917c56', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_93483', table='people_departmentpast', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='factchange',
            index=models.Index(fields=['department', 'month', 'at'], name='people_factchange_month'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grouppermissionpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='aadb417d7b7ddf9c06f646e15f7ee7c6f8b9cb30', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ce158', table='people_grouppermissionpast', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='idempotencykey',
            index=models.Index(fields=['token', 'at'], name='people_idempotencykey_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotencykey',
            constraint=models.UniqueConstraint(fields=('token', 'key'), name='people_idempotencykey_unique'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='importbatch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_importbatchpast" ("at", "by_id", "department_id", "file_name", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "rows", "undo_asked_at", "undo_by_id", "undo_refusal", "undone_at") SELECT old_values."at", old_values."by_id", old_values."department_id", old_values."file_name", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."profile", old_values."rows", old_values."undo_asked_at", old_values."undo_by_id", old_values."undo_refusal", old_values."undone_at" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."at" IS DISTINCT FROM (new_values."at") OR old_values."by_id" IS DISTINCT FROM (new_values."by_id") OR old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."file_name" IS DISTINCT FROM (new_values."file_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."profile" IS DISTINCT FROM (new_values."profile") OR old_values."rows" IS DISTINCT FROM (new_values."rows") OR old_values."undo_asked_at" IS DISTINCT FROM (new_values."undo_asked_at") OR old_values."undo_by_id" IS DISTINCT FROM (new_values."undo_by_id") OR old_values."undo_refusal" IS DISTINCT FROM (new_values."undo_refusal") OR old_values."undone_at" IS DISTINCT FROM (new_values."undone_at")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ab8ca45e6a7f0c8ae2919d453436743b1830058c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f8219', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_importbatch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='importbatchpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7fd1ac4e1bc33a25e1e7ca4e6f9273baa06dbd1b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_93c3d', table='people_importbatchpast', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='staff',
            index=models.Index(fields=['pinyin'], name='people_staff_pinyin'),
        ),
        migrations.AddConstraint(
            model_name='staff',
            constraint=models.UniqueConstraint(fields=('department', 'number'), name='people_staff_unique_number', violation_error_message='本部门已有此工号。'),
        ),
        migrations.AddConstraint(
            model_name='staff',
            constraint=models.CheckConstraint(condition=models.Q(('joined_on__gte', models.F('hired_on')), models.Q(('left_on__isnull', True), ('left_on__gte', models.F('joined_on')), _connector='OR')), name='people_staff_dates_in_order', violation_error_message='日期次序应为：入职 ≤ 到本部门 ≤ 最后工作日。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staff',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='750f6b7980d12c86d4586612554f8c64d4dd2ddf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_128e2', referencing='REFERENCING NEW TABLE AS new_rows ', table='people_staff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staff',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='b73c55891cf543fd59b5b4104e6359d2bc8dcd3e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_315ae', referencing='REFERENCING OLD TABLE AS old_rows ', table='people_staff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staff',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='53b4b59c7aac67fb579b88ce1de4081d569a99fd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_e449b', referencing='REFERENCING OLD TABLE AS old_rows ', table='people_staff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staff',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_staffpast" ("account_id", "department_id", "hired_on", "id", "joined_on", "left_on", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."account_id", old_values."department_id", old_values."hired_on", old_values."id", old_values."joined_on", old_values."left_on", old_values."name", old_values."number", _pgh_attached_context.value, NOW(), \'update\', old_values."id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."account_id" IS DISTINCT FROM (new_values."account_id") OR old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."hired_on" IS DISTINCT FROM (new_values."hired_on") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."joined_on" IS DISTINCT FROM (new_values."joined_on") OR old_values."left_on" IS DISTINCT FROM (new_values."left_on") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."number" IS DISTINCT FROM (new_values."number")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d98bc7b79709fc14df1d2f62b00868239982f97b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f756f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_staff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staff',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_staffpast" ("account_id", "department_id", "hired_on", "id", "joined_on", "left_on", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."account_id", new_values."department_id", new_values."hired_on", new_values."id", new_values."joined_on", new_values."left_on", new_values."name", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='71b604e6016cab9969436eac6023e58f69059a11', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_444e5', referencing='REFERENCING NEW TABLE AS new_values ', table='people_staff', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['staff', 'month'], name='people_accesslog_staff'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accesslog',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b2a1b3a9a0db9744d6e1672514e2ee88e17e007e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_239e8', table='people_accesslog', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b3cda30cf4fb9e624e197f7c9009de33f08a8a03', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_eb057', table='people_staffpast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.UniqueConstraint(fields=('department', 'name'), name='people_team_unique_name', violation_error_message='本部门已有同名小组。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_teampast" ("department_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."department_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ff3ec0507c28d2b091457ef0ffe2f202c8821996', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_cda79', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_teampast" ("department_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."department_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6a7f7c3b52b711c143c11129c7ed08de905d9f16', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_344e5', referencing='REFERENCING NEW TABLE AS new_values ', table='people_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teampast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1f90cf9d58c19bbc1d15bec56da0f44a8f108913', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0d0da', table='people_teampast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('staff'), models.F('staff'), models.Value('[]'), function='int8range'), '&&'), ('valid', '&&')], name='people_term_no_overlap', violation_error_message='同一员工的任职条件日期不能重叠。'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('base_pay__isnull', True), ('base_pay__gte', 0), _connector='OR'), models.Q(('performance_bonus__isnull', True), ('performance_bonus__gte', 0), _connector='OR'), models.Q(('base_points__isnull', True), ('base_points__gte', 0), _connector='OR')), name='people_term_amounts_not_negative', violation_error_message='工资、奖金、基点不能为负。'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(('valid__isempty', False)), name='people_term_valid_not_empty', violation_error_message='有效期不能为空。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='term',
            trigger=pgtrigger.compiler.Trigger(name='rows_inserted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='a99f4cc9967db36d659c0de722a64d57d8be6251', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rows_inserted_b11be', referencing='REFERENCING NEW TABLE AS new_rows ', table='people_term', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='term',
            trigger=pgtrigger.compiler.Trigger(name='rows_updated', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='29ec9dff335940dc8292f4d98dd56d2424f3cd31', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rows_updated_a220a', referencing='REFERENCING OLD TABLE AS old_rows ', table='people_term', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='term',
            trigger=pgtrigger.compiler.Trigger(name='rows_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n", hash='4caa6bebfe2aa874dba2832cb14265555e23b0dc', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rows_deleted_a0ece', referencing='REFERENCING OLD TABLE AS old_rows ', table='people_term', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='term',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_termpast" ("base_pay", "base_points", "id", "performance_bonus", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post", "role", "staff_id", "star", "team_id", "tier", "valid") SELECT old_values."base_pay", old_values."base_points", old_values."id", old_values."performance_bonus", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."post", old_values."role", old_values."staff_id", old_values."star", old_values."team_id", old_values."tier", old_values."valid" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2a1baac930f51e3cec72da425aac35c2e17d3260', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a0ce2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='people_term', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='term',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_termpast" ("base_pay", "base_points", "id", "performance_bonus", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post", "role", "staff_id", "star", "team_id", "tier", "valid") SELECT new_values."base_pay", new_values."base_points", new_values."id", new_values."performance_bonus", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."post", new_values."role", new_values."staff_id", new_values."star", new_values."team_id", new_values."tier", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e6c86eacea1f2fc43666e1540b522b59ba552b42', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a269d', referencing='REFERENCING NEW TABLE AS new_values ', table='people_term', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='termpast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e1751dba4d2f11232831f3a13bf9fa043baa43a4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4f7f8', table='people_termpast', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='twostepremoval',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='people_twostepremoval_has_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='twostepremoval',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dcf58ccef7a3b85fea3a7673a76310fd872df9df', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_31473', table='people_twostepremoval', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='logingrouppast',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4207dca0f693f30dd8951d7225a98ad44b770ec2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b2ef3', table='people_logingrouppast', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountgroup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountgrouppast" ("account_id", "group_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT new_values."account_id", new_values."group_id", _pgh_attached_context.value, NOW(), \'insert\' FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='07322bb7147f62fe048b23f16d02b3025cf9f870', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2313a', referencing='REFERENCING NEW TABLE AS new_values ', table='people_account_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountgroup',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountgrouppast" ("account_id", "group_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT old_values."account_id", old_values."group_id", _pgh_attached_context.value, NOW(), \'delete\' FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6647af0281a5f3f7a950049b0095a908c954bdf9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a7cc5', referencing='REFERENCING OLD TABLE AS old_values ', table='people_account_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountdepartment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountdepartmentpast" ("account_id", "department_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT new_values."account_id", new_values."department_id", _pgh_attached_context.value, NOW(), \'insert\' FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e72649483f57b2f446aedfeab8c88d1ed31d7c17', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_51073', referencing='REFERENCING NEW TABLE AS new_values ', table='people_account_departments', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accountdepartment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "people_accountdepartmentpast" ("account_id", "department_id", "pgh_context_id", "pgh_created_at", "pgh_label") SELECT old_values."account_id", old_values."department_id", _pgh_attached_context.value, NOW(), \'delete\' FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0aeafbfba1b64cfb072fc88d7252c643460569b9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7c2e2', referencing='REFERENCING OLD TABLE AS old_values ', table='people_account_departments', when='AFTER')),
        ),
    ]
