import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Department",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=64, verbose_name="名称")),
                (
                    "minimum_wage",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="元/月；启用封顶时，实发不低于此数。",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="当地最低工资",
                    ),
                ),
                (
                    "caps",
                    models.BooleanField(
                        default=True,
                        help_text="赔偿不超过当月应发的20%，扣后不低于最低工资；扣不完的转下月。",
                        verbose_name="启用封顶",
                    ),
                ),
                (
                    "four_eyes",
                    models.BooleanField(
                        default=True, help_text="编制工资的人不能批准同一份工资。", verbose_name="双人复核"
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("view_pay", "查看工资"),
                    ("record_incidents", "记录奖惩"),
                    ("confirm_incidents", "确认或驳回奖惩"),
                    ("reverse_incidents", "撤销奖惩"),
                    ("import_data", "导入表格"),
                    ("manage_staff", "维护员工"),
                    ("add_manual_lines", "登记手工工资项"),
                    ("settle_pay", "编制工资"),
                    ("approve_pay", "批准或退回工资"),
                    ("mark_paid", "登记已发放"),
                    ("publish_rules", "发布制度"),
                ],
                "verbose_name": "部门",
                "verbose_name_plural": "部门",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("caps", False), ("minimum_wage__isnull", False), _connector="OR"),
                        name="people_department_caps_need_wage",
                        violation_error_message="启用封顶须填写当地最低工资。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "departments",
                    models.ManyToManyField(
                        blank=True,
                        help_text="主管、经理、人事在这些部门内行使权限；客服和组长按本人所在部门与小组。",
                        related_name="accounts",
                        to="people.department",
                        verbose_name="管理的部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "账号",
                "verbose_name_plural": "账号",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16, verbose_name="类别")),
                ("profile", models.CharField(max_length=32, verbose_name="格式")),
                ("file_name", models.CharField(max_length=255, verbose_name="文件名")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("summary", models.JSONField(default=dict, verbose_name="结果")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_batches",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入记录",
                "verbose_name_plural": "导入记录",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=32, verbose_name="工号")),
                ("name", models.CharField(max_length=64, verbose_name="姓名")),
                ("pinyin", models.CharField(blank=True, editable=False, max_length=128, verbose_name="拼音")),
                (
                    "initials",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="拼音首字母"),
                ),
                ("hired_on", models.DateField(verbose_name="入职日期")),
                ("joined_on", models.DateField(verbose_name="到本部门日期")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="最后工作日")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "员工",
                "verbose_name_plural": "员工",
                "ordering": ["department", "number"],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="名称")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "小组",
                "verbose_name_plural": "小组",
                "ordering": ["department", "name"],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="含首日，不含末日之次日。", verbose_name="有效期"
                    ),
                ),
                ("role", models.CharField(default="agent", max_length=32, verbose_name="岗位")),
                (
                    "post",
                    models.CharField(
                        blank=True,
                        choices=[("presale", "售前"), ("insale", "售中"), ("aftersale", "售后")],
                        max_length=16,
                        verbose_name="环节",
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("trial", "试用"),
                            ("junior", "初级客服"),
                            ("intermediate", "中级客服"),
                            ("senior", "高级客服"),
                            ("reserve_supervisor", "储备主管"),
                        ],
                        max_length=32,
                        verbose_name="职级",
                    ),
                ),
                ("star", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="星级")),
                (
                    "base_pay",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="空则按职级表。",
                        max_digits=12,
                        null=True,
                        verbose_name="约定基本工资",
                    ),
                ),
                (
                    "performance_bonus",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="绩效奖金"
                    ),
                ),
                (
                    "base_points",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=8, null=True, verbose_name="基点"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="people.team",
                        verbose_name="小组",
                    ),
                ),
            ],
            options={
                "verbose_name": "任职条件",
                "verbose_name_plural": "任职条件",
                "ordering": ["staff", "valid"],
            },
        ),
        migrations.CreateModel(
            name="FactChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="当月1日", verbose_name="月份")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("staff", "员工"),
                            ("incident", "奖惩"),
                            ("attendance", "考勤"),
                            ("leave", "请假"),
                            ("orders", "订单"),
                            ("attribution", "订单归属"),
                            ("metrics", "指标"),
                        ],
                        max_length=16,
                        verbose_name="来源",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fact_changes",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "事实变更",
                "verbose_name_plural": "事实变更",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["department", "month", "at"], name="people_factchange_month")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="staff",
            index=models.Index(fields=["pinyin"], name="people_staff_pinyin"),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.UniqueConstraint(
                fields=("department", "number"),
                name="people_staff_unique_number",
                violation_error_message="本部门已有此工号。",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("joined_on__gte", models.F("hired_on")),
                    models.Q(
                        ("left_on__isnull", True), ("left_on__gte", models.F("joined_on")), _connector="OR"
                    ),
                ),
                name="people_staff_dates_in_order",
                violation_error_message="日期次序应为：入职 ≤ 到本部门 ≤ 最后工作日。",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                fields=("department", "name"),
                name="people_team_unique_name",
                violation_error_message="本部门已有同名小组。",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        models.Func(
                            models.F("staff"), models.F("staff"), models.Value("[]"), function="int8range"
                        ),
                        "&&",
                    ),
                    ("valid", "&&"),
                ],
                name="people_term_no_overlap",
                violation_error_message="同一员工的任职条件日期不能重叠。",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("base_pay__isnull", True), ("base_pay__gte", 0), _connector="OR"),
                    models.Q(
                        ("performance_bonus__isnull", True), ("performance_bonus__gte", 0), _connector="OR"
                    ),
                    models.Q(("base_points__isnull", True), ("base_points__gte", 0), _connector="OR"),
                ),
                name="people_term_amounts_not_negative",
                violation_error_message="工资、奖金、基点不能为负。",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False)),
                name="people_term_valid_not_empty",
                violation_error_message="有效期不能为空。",
            ),
        ),
    ]
