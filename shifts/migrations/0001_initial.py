import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("files", "0001_initial"),
        ("people", "0002_two_step"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("work_date", models.DateField(verbose_name="日期")),
                ("late_minutes", models.PositiveIntegerField(default=0, verbose_name="迟到分钟")),
                ("early_minutes", models.PositiveIntegerField(default=0, verbose_name="早退分钟")),
                (
                    "absent_days",
                    models.DecimalField(decimal_places=2, default=0, max_digits=3, verbose_name="旷工天数"),
                ),
                ("missing_punches", models.PositiveSmallIntegerField(default=0, verbose_name="缺卡次数")),
                ("overtime_minutes", models.PositiveIntegerField(default=0, verbose_name="加班分钟")),
                ("outing_minutes", models.PositiveIntegerField(default=0, verbose_name="外出分钟")),
                ("clock_in", models.DateTimeField(blank=True, null=True, verbose_name="上班打卡")),
                ("clock_out", models.DateTimeField(blank=True, null=True, verbose_name="下班打卡")),
                ("shift_name", models.CharField(blank=True, max_length=32, verbose_name="班次")),
                (
                    "source",
                    models.CharField(
                        choices=[("entered", "录入"), ("derived", "按打卡")],
                        default="entered",
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendance",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "考勤",
                "verbose_name_plural": "考勤",
                "ordering": ["-work_date", "staff"],
            },
        ),
        migrations.CreateModel(
            name="AttendanceMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "coverage",
                    models.CharField(
                        choices=[("full", "整月出勤，只列例外"), ("listed", "只算所列各日")],
                        max_length=8,
                        verbose_name="读法",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendance_months",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "月考勤读法",
                "verbose_name_plural": "月考勤读法",
            },
        ),
        migrations.CreateModel(
            name="AttendanceMonthPast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "coverage",
                    models.CharField(
                        choices=[("full", "整月出勤，只列例外"), ("listed", "只算所列各日")],
                        max_length=8,
                        verbose_name="读法",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.attendancemonth",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AttendancePast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("work_date", models.DateField(verbose_name="日期")),
                ("late_minutes", models.PositiveIntegerField(default=0, verbose_name="迟到分钟")),
                ("early_minutes", models.PositiveIntegerField(default=0, verbose_name="早退分钟")),
                (
                    "absent_days",
                    models.DecimalField(decimal_places=2, default=0, max_digits=3, verbose_name="旷工天数"),
                ),
                ("missing_punches", models.PositiveSmallIntegerField(default=0, verbose_name="缺卡次数")),
                ("overtime_minutes", models.PositiveIntegerField(default=0, verbose_name="加班分钟")),
                ("outing_minutes", models.PositiveIntegerField(default=0, verbose_name="外出分钟")),
                ("clock_in", models.DateTimeField(blank=True, null=True, verbose_name="上班打卡")),
                ("clock_out", models.DateTimeField(blank=True, null=True, verbose_name="下班打卡")),
                ("shift_name", models.CharField(blank=True, max_length=32, verbose_name="班次")),
                (
                    "source",
                    models.CharField(
                        choices=[("entered", "录入"), ("derived", "按打卡")],
                        default="entered",
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.attendance",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准"),
                            ("refused", "未批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                ("work_date", models.DateField(verbose_name="日期")),
                ("clock_in", models.DateTimeField(blank=True, null=True, verbose_name="上班时间")),
                ("clock_out", models.DateTimeField(blank=True, null=True, verbose_name="下班时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "补卡",
                "verbose_name_plural": "补卡",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("days", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="天数")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("personal", "事假"),
                            ("sick", "病假"),
                            ("compensatory", "调休"),
                            ("annual", "年假"),
                            ("marriage", "婚假"),
                            ("maternity", "产假"),
                            ("paternity", "陪产假"),
                            ("bereavement", "丧假"),
                            ("injury", "工伤假"),
                            ("rest", "轮休"),
                            ("long", "长假"),
                        ],
                        max_length=32,
                        verbose_name="类型",
                    ),
                ),
                ("certificate", models.BooleanField(default=False, verbose_name="有证明")),
                ("approved", models.BooleanField(default=True, verbose_name="已批准")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "half",
                    models.CharField(
                        blank=True,
                        choices=[("first", "前半班"), ("second", "后半班")],
                        max_length=6,
                        verbose_name="哪半天",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "请假",
                "verbose_name_plural": "请假",
                "ordering": ["-starts_on", "staff"],
            },
        ),
        migrations.CreateModel(
            name="LeavePast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("days", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="天数")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("personal", "事假"),
                            ("sick", "病假"),
                            ("compensatory", "调休"),
                            ("annual", "年假"),
                            ("marriage", "婚假"),
                            ("maternity", "产假"),
                            ("paternity", "陪产假"),
                            ("bereavement", "丧假"),
                            ("injury", "工伤假"),
                            ("rest", "轮休"),
                            ("long", "长假"),
                        ],
                        max_length=32,
                        verbose_name="类型",
                    ),
                ),
                ("certificate", models.BooleanField(default=False, verbose_name="有证明")),
                ("approved", models.BooleanField(default=True, verbose_name="已批准")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "half",
                    models.CharField(
                        blank=True,
                        choices=[("first", "前半班"), ("second", "后半班")],
                        max_length=6,
                        verbose_name="哪半天",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.leave",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LeaveRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("personal", "事假"),
                            ("sick", "病假"),
                            ("compensatory", "调休"),
                            ("annual", "年假"),
                            ("marriage", "婚假"),
                            ("maternity", "产假"),
                            ("paternity", "陪产假"),
                            ("bereavement", "丧假"),
                            ("injury", "工伤假"),
                            ("rest", "轮休"),
                            ("long", "长假"),
                        ],
                        max_length=32,
                        verbose_name="类型",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(help_text="最后一天，轮休不算。", verbose_name="结束日期")),
                ("days", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="天数")),
                (
                    "half",
                    models.CharField(
                        blank=True,
                        choices=[("first", "前半班"), ("second", "后半班")],
                        max_length=6,
                        verbose_name="哪半天",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准"),
                            ("refused", "未批准"),
                            ("withdrawn", "已撤回"),
                            ("cancelled", "已撤销"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                (
                    "notice_days",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name="须提前天数"),
                ),
                ("needs_two_levels", models.BooleanField(default=False, verbose_name="两级审批")),
                ("emergency", models.CharField(blank=True, max_length=200, verbose_name="紧急情况")),
                ("first_at", models.DateTimeField(blank=True, null=True, verbose_name="组长同意时间")),
                (
                    "certificate_checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="证明核对时间"),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                ("cancel_reason", models.CharField(blank=True, max_length=200, verbose_name="撤销理由")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤销人",
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="证明",
                    ),
                ),
                (
                    "certificate_checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="证明核对人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="组长",
                    ),
                ),
                (
                    "leave",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="request",
                        to="shifts.leave",
                        verbose_name="请假",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leave_requests",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "请假申请",
                "verbose_name_plural": "请假申请",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="LeaveRequestPast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("personal", "事假"),
                            ("sick", "病假"),
                            ("compensatory", "调休"),
                            ("annual", "年假"),
                            ("marriage", "婚假"),
                            ("maternity", "产假"),
                            ("paternity", "陪产假"),
                            ("bereavement", "丧假"),
                            ("injury", "工伤假"),
                            ("rest", "轮休"),
                            ("long", "长假"),
                        ],
                        max_length=32,
                        verbose_name="类型",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(help_text="最后一天，轮休不算。", verbose_name="结束日期")),
                ("days", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="天数")),
                (
                    "half",
                    models.CharField(
                        blank=True,
                        choices=[("first", "前半班"), ("second", "后半班")],
                        max_length=6,
                        verbose_name="哪半天",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准"),
                            ("refused", "未批准"),
                            ("withdrawn", "已撤回"),
                            ("cancelled", "已撤销"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                (
                    "notice_days",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name="须提前天数"),
                ),
                ("needs_two_levels", models.BooleanField(default=False, verbose_name="两级审批")),
                ("emergency", models.CharField(blank=True, max_length=200, verbose_name="紧急情况")),
                ("first_at", models.DateTimeField(blank=True, null=True, verbose_name="组长同意时间")),
                (
                    "certificate_checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="证明核对时间"),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                ("cancel_reason", models.CharField(blank=True, max_length=200, verbose_name="撤销理由")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤销人",
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="files.attachment",
                        verbose_name="证明",
                    ),
                ),
                (
                    "certificate_checked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="证明核对人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="组长",
                    ),
                ),
                (
                    "leave",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="shifts.leave",
                        verbose_name="请假",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.leaverequest",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="OfficeNetwork",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "network",
                    models.CharField(
                        help_text="如 203.0.113.0/24；单个地址也可。", max_length=64, verbose_name="网段"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=64, verbose_name="名称")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="office_networks",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "办公网络",
                "verbose_name_plural": "办公网络",
            },
        ),
        migrations.CreateModel(
            name="Outing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准"),
                            ("refused", "未批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                ("work_date", models.DateField(verbose_name="日期")),
                ("leaves_at", models.DateTimeField(verbose_name="外出时间")),
                ("due_at", models.DateTimeField(verbose_name="预计返回")),
                ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="返回时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outings",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "外出",
                "verbose_name_plural": "外出",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Overtime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准"),
                            ("refused", "未批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                ("work_date", models.DateField(verbose_name="日期")),
                (
                    "hours",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=4,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="小时",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overtime",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "加班",
                "verbose_name_plural": "加班",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Punch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "source",
                    models.CharField(
                        choices=[("page", "网页打卡"), ("file", "导入"), ("correction", "补卡")],
                        default="page",
                        max_length=16,
                        verbose_name="来源",
                    ),
                ),
                ("work_date", models.DateField(blank=True, null=True, verbose_name="归属日期")),
                ("is_in", models.BooleanField(blank=True, null=True, verbose_name="上班卡")),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP 地址")),
                (
                    "in_office",
                    models.BooleanField(
                        blank=True,
                        help_text="空则部门没有登记办公网络。",
                        null=True,
                        verbose_name="在办公网络",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="punches",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "打卡",
                "verbose_name_plural": "打卡",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Roster",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="当月1日", verbose_name="月份")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "已公布")],
                        default="draft",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="公布时间")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rosters",
                        to="people.department",
                        verbose_name="部门",
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
                        verbose_name="公布人",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rosters",
                        to="people.team",
                        verbose_name="小组",
                    ),
                ),
            ],
            options={
                "verbose_name": "排班表",
                "verbose_name_plural": "排班表",
                "ordering": ["-month", "department", "team"],
            },
        ),
        migrations.CreateModel(
            name="RosterPast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("month", models.DateField(help_text="当月1日", verbose_name="月份")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "已公布")],
                        default="draft",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="公布时间")),
                (
                    "department",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.roster",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公布人",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.team",
                        verbose_name="小组",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RosterRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.UUIDField(help_text="较早排队的任务不再起作用。", verbose_name="任务")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "排队"),
                            ("running", "求解中"),
                            ("done", "已完成"),
                            ("failed", "未完成"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("result", models.JSONField(default=dict, verbose_name="结果")),
                ("asked_at", models.DateTimeField(verbose_name="发起时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
                (
                    "roster",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="run",
                        to="shifts.roster",
                        verbose_name="排班表",
                    ),
                ),
            ],
            options={
                "verbose_name": "自动排班",
                "verbose_name_plural": "自动排班",
            },
        ),
        migrations.CreateModel(
            name="ShiftPattern",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="排班表格里的简写，如 白、晚、D1。", max_length=16, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=32, verbose_name="名称")),
                (
                    "colour",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(8),
                        ],
                        verbose_name="颜色",
                    ),
                ),
                (
                    "extends",
                    models.BooleanField(
                        default=False,
                        help_text="到点仍有客户咨询的接着做完；只登记，不算加班。",
                        verbose_name="接待未完自动顺延",
                    ),
                ),
                ("minimum_staff", models.PositiveSmallIntegerField(default=0, verbose_name="至少人数")),
                (
                    "maximum_staff",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="至多人数"),
                ),
                (
                    "is_evening",
                    models.BooleanField(
                        default=False, help_text="平均分配晚班时按此计数。", verbose_name="晚班"
                    ),
                ),
                ("provision_code", models.CharField(blank=True, max_length=64, verbose_name="依据的条款")),
                ("is_retired", models.BooleanField(default=False, verbose_name="停用")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shift_patterns",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "班次",
                "verbose_name_plural": "班次",
                "ordering": ["department", "id"],
            },
        ),
        migrations.CreateModel(
            name="RosterDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("work_date", models.DateField(verbose_name="日期")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="上班")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="下班")),
                ("break_starts_at", models.DateTimeField(blank=True, null=True, verbose_name="中断自")),
                ("break_ends_at", models.DateTimeField(blank=True, null=True, verbose_name="中断至")),
                (
                    "roster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="shifts.roster",
                        verbose_name="排班表",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_days",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
                (
                    "pattern",
                    models.ForeignKey(
                        blank=True,
                        help_text="空则为休息。",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shifts.shiftpattern",
                        verbose_name="班次",
                    ),
                ),
            ],
            options={
                "verbose_name": "排班",
                "verbose_name_plural": "排班",
                "ordering": ["work_date", "staff"],
            },
        ),
        migrations.CreateModel(
            name="PatternHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_month",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ],
                        verbose_name="每年自（月）",
                    ),
                ),
                (
                    "from_day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                        verbose_name="每年自（日）",
                    ),
                ),
                ("starts_at", models.TimeField(verbose_name="上班")),
                ("ends_at", models.TimeField(verbose_name="下班")),
                ("break_starts_at", models.TimeField(blank=True, null=True, verbose_name="中断自")),
                ("break_ends_at", models.TimeField(blank=True, null=True, verbose_name="中断至")),
                (
                    "pattern",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="shifts.shiftpattern",
                        verbose_name="班次",
                    ),
                ),
            ],
            options={
                "verbose_name": "班次时间",
                "verbose_name_plural": "班次时间",
                "ordering": ["pattern", "from_month", "from_day"],
            },
        ),
        migrations.CreateModel(
            name="ShiftPatternPast",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "code",
                    models.CharField(
                        help_text="排班表格里的简写，如 白、晚、D1。", max_length=16, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=32, verbose_name="名称")),
                (
                    "colour",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(8),
                        ],
                        verbose_name="颜色",
                    ),
                ),
                (
                    "extends",
                    models.BooleanField(
                        default=False,
                        help_text="到点仍有客户咨询的接着做完；只登记，不算加班。",
                        verbose_name="接待未完自动顺延",
                    ),
                ),
                ("minimum_staff", models.PositiveSmallIntegerField(default=0, verbose_name="至少人数")),
                (
                    "maximum_staff",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="至多人数"),
                ),
                (
                    "is_evening",
                    models.BooleanField(
                        default=False, help_text="平均分配晚班时按此计数。", verbose_name="晚班"
                    ),
                ),
                ("provision_code", models.CharField(blank=True, max_length=64, verbose_name="依据的条款")),
                ("is_retired", models.BooleanField(default=False, verbose_name="停用")),
                (
                    "department",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shifts.shiftpattern",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Swap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asker_date", models.DateField(verbose_name="申请人让出的日期")),
                ("partner_date", models.DateField(verbose_name="对方让出的日期")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待对方同意"),
                            ("agreed", "待组长批准"),
                            ("approved", "已换班"),
                            ("refused", "未同意"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("agreed_at", models.DateTimeField(blank=True, null=True, verbose_name="同意时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="决定时间")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swaps_asked",
                        to="people.staff",
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swaps_offered",
                        to="people.staff",
                        verbose_name="对方",
                    ),
                ),
            ],
            options={
                "verbose_name": "换班",
                "verbose_name_plural": "换班",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RosterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("work_date", models.DateField(verbose_name="日期")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
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
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_changes",
                        to="people.staff",
                        verbose_name="员工",
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shifts.shiftpattern",
                        verbose_name="新班次",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shifts.shiftpattern",
                        verbose_name="原班次",
                    ),
                ),
                (
                    "swap",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="shifts.swap",
                        verbose_name="换班",
                    ),
                ),
            ],
            options={
                "verbose_name": "排班变更",
                "verbose_name_plural": "排班变更",
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["work_date"], name="shifts_attendance_date"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                fields=("staff", "work_date"),
                name="shifts_attendance_one_per_day",
                violation_error_message="此人当天已有考勤。",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(("absent_days__gte", 0), ("absent_days__lte", 1)),
                name="shifts_attendance_absent_at_most_a_day",
                violation_error_message="旷工天数应在0与1之间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(("late_minutes__lte", 1440), ("early_minutes__lte", 1440)),
                name="shifts_attendance_minutes_within_a_day",
                violation_error_message="分钟数应在0与1440之间。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendance",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_inserted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="5f3b2e9b8bfca9dac6dabfeaeb75461be839d165",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_rows_inserted_f6891",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="shifts_attendance",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendance",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_updated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="14b46a2de2d8b69c817a43a9620a0e935a47867d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_rows_updated_0810e",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_attendance",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendance",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="2a6282a28e427033c1de883c12c89250e8ec6389",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_rows_deleted_51fc6",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_attendance",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendance",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_attendancepast" ("absent_days", "clock_in", "clock_out", "early_minutes", "id", "late_minutes", "missing_punches", "outing_minutes", "overtime_minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "shift_name", "source", "staff_id", "work_date") SELECT old_values."absent_days", old_values."clock_in", old_values."clock_out", old_values."early_minutes", old_values."id", old_values."late_minutes", old_values."missing_punches", old_values."outing_minutes", old_values."overtime_minutes", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."shift_name", old_values."source", old_values."staff_id", old_values."work_date" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2918ceca0cc62d0f7db570da2d6cc167d2906c31",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ce60d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_attendance",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="attendancemonth",
            constraint=models.UniqueConstraint(
                fields=("staff", "month"), name="shifts_attendancemonth_unique"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendancemonth",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_attendancemonthpast" ("coverage", "id", "month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "staff_id") SELECT old_values."coverage", old_values."id", old_values."month", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."staff_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="4f41ab69f12d7e77aeb31ab5e3e09293c9ec6856",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e4308",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_attendancemonth",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendancemonthpast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="68e23ba6dadd9cb07560a64b077da6fc87a205c0",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_135d4",
                    table="shifts_attendancemonthpast",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attendancepast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="20f1b11d98a2aecc1ffcec2293d3f4ce46ce524d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ad1d0",
                    table="shifts_attendancepast",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("clock_in__isnull", False), ("clock_out__isnull", False), _connector="OR"
                ),
                name="shifts_correction_says_something",
                violation_error_message="上班、下班时间至少填一个。",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("clock_in__isnull", True),
                    ("clock_out__isnull", True),
                    ("clock_in__lt", models.F("clock_out")),
                    _connector="OR",
                ),
                name="shifts_correction_in_order",
                violation_error_message="上班时间应早于下班时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("staff", "work_date"),
                name="shifts_correction_asked_once",
                violation_error_message="当天已有待审批的补卡申请。",
            ),
        ),
        migrations.AddIndex(
            model_name="leave",
            index=models.Index(fields=["starts_on"], name="shifts_leave_start"),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.UniqueConstraint(
                fields=("staff", "starts_on", "type"),
                name="shifts_leave_unique",
                violation_error_message="此人当天已有同类请假。",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gt", 0), ("days__lte", 366)),
                name="shifts_leave_days_positive",
                violation_error_message="天数应大于0，不超过366。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_inserted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="d910c88c3341b1c6e98a50555bb4c00c5aa850e0",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_rows_inserted_79f43",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="shifts_leave",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_updated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="a5dd20d6a5410d6ca6e75283e09b7373ae16d8f1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_rows_updated_19f7e",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_leave",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="7a7405c505f9dc715360963077b58cd68d690ac3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_rows_deleted_19265",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_leave",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leave",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_leavepast" ("approved", "certificate", "days", "half", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "staff_id", "starts_on", "type") SELECT old_values."approved", old_values."certificate", old_values."days", old_values."half", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."staff_id", old_values."starts_on", old_values."type" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="06fed5e57c845c7701f1d1bed63a59e7d04a3de3",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0076f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_leave",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leavepast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ec2998b8f64e04dd2b41f0ceac5f193f92e6e4ce",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b11fd",
                    table="shifts_leavepast",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="leaverequest",
            index=models.Index(fields=["starts_on"], name="shifts_leaverequest_start"),
        ),
        migrations.AddConstraint(
            model_name="leaverequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gt", 0), ("days__lte", 366)),
                name="shifts_leaverequest_days_positive",
                violation_error_message="天数应大于0，不超过366。",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaverequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "approved"])),
                fields=("staff", "starts_on", "type"),
                name="shifts_leaverequest_open_once",
                violation_error_message="当天已有同类请假的申请。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leaverequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_leaverequestpast" ("answer", "asked_at", "asked_by_id", "cancel_reason", "cancelled_at", "cancelled_by_id", "certificate_checked_at", "certificate_checked_by_id", "certificate_id", "days", "decided_at", "decided_by_id", "emergency", "ends_on", "first_at", "first_by_id", "half", "id", "leave_id", "needs_two_levels", "notice_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "staff_id", "starts_on", "state", "type") SELECT old_values."answer", old_values."asked_at", old_values."asked_by_id", old_values."cancel_reason", old_values."cancelled_at", old_values."cancelled_by_id", old_values."certificate_checked_at", old_values."certificate_checked_by_id", old_values."certificate_id", old_values."days", old_values."decided_at", old_values."decided_by_id", old_values."emergency", old_values."ends_on", old_values."first_at", old_values."first_by_id", old_values."half", old_values."id", old_values."leave_id", old_values."needs_two_levels", old_values."notice_days", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."reason", old_values."staff_id", old_values."starts_on", old_values."state", old_values."type" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ca078f2b012e373c35335b3cf85dfb8eca068f6c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f9e8e",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_leaverequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leaverequestpast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e7120008e164068972aa724fbcc9f1adf25ccf82",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ad974",
                    table="shifts_leaverequestpast",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="officenetwork",
            constraint=models.UniqueConstraint(
                fields=("department", "network"),
                name="shifts_officenetwork_unique",
                violation_error_message="本部门已有此网段。",
            ),
        ),
        migrations.AddConstraint(
            model_name="outing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("leaves_at__lt", models.F("due_at")),
                    models.Q(
                        ("returned_at__isnull", True),
                        ("returned_at__gte", models.F("leaves_at")),
                        _connector="OR",
                    ),
                ),
                name="shifts_outing_in_order",
                violation_error_message="返回时间应晚于外出时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="overtime",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gt", 0), ("hours__lte", 24)),
                name="shifts_overtime_within_a_day",
                violation_error_message="加班小时应大于0、不超过24。",
            ),
        ),
        migrations.AddConstraint(
            model_name="overtime",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "approved"])),
                fields=("staff", "work_date"),
                name="shifts_overtime_one_a_day",
                violation_error_message="当天已有加班申请。",
            ),
        ),
        migrations.AddConstraint(
            model_name="punch",
            constraint=models.UniqueConstraint(
                fields=("staff", "at", "source"),
                name="shifts_punch_once",
                violation_error_message="此人此刻已有打卡。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="punch",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_inserted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="55e822d0a1382b4a98463d433b45e229dfdb2c33",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_rows_inserted_16194",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="shifts_punch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="punch",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_updated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="037a9fad02608719dc38040c4407fbf76c0799bb",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_rows_updated_639a3",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_punch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="punch",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="daf5cdcd25b8a1b5ca970305170ed143499abc8e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_rows_deleted_5aa39",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_punch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="punch",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5a2f2efcb2d6265b285d79e5d32fb48f1d7f13a1",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_8edf9",
                    table="shifts_punch",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="roster",
            constraint=models.UniqueConstraint(
                fields=("department", "team", "month"),
                name="shifts_roster_one_a_month",
                nulls_distinct=False,
                violation_error_message="此组当月已有排班表。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roster",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_rosterpast" ("department_id", "id", "month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "state", "team_id") SELECT old_values."department_id", old_values."id", old_values."month", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."published_at", old_values."published_by_id", old_values."state", old_values."team_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."month" IS DISTINCT FROM (new_values."month") OR old_values."published_at" IS DISTINCT FROM (new_values."published_at") OR old_values."published_by_id" IS DISTINCT FROM (new_values."published_by_id") OR old_values."state" IS DISTINCT FROM (new_values."state") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id")) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d20bd04fe5ad0180cd965a3520c1071f527ecfab",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e4798",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_roster",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterpast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9f97a8085910a68d2d62c909995e2d4c3ba892ba",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f6736",
                    table="shifts_rosterpast",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftpattern",
            constraint=models.UniqueConstraint(
                fields=("department", "code"),
                name="shifts_shiftpattern_unique_code",
                violation_error_message="本部门已有此代码的班次。",
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftpattern",
            constraint=models.UniqueConstraint(
                fields=("department", "name"),
                name="shifts_shiftpattern_unique_name",
                violation_error_message="本部门已有同名班次。",
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftpattern",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("maximum_staff__isnull", True),
                    ("maximum_staff__gte", models.F("minimum_staff")),
                    _connector="OR",
                ),
                name="shifts_shiftpattern_staff_in_order",
                violation_error_message="至多人数不能小于至少人数。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftpattern",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_shiftpatternpast" ("code", "colour", "department_id", "extends", "id", "is_evening", "is_retired", "maximum_staff", "minimum_staff", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provision_code") SELECT old_values."code", old_values."colour", old_values."department_id", old_values."extends", old_values."id", old_values."is_evening", old_values."is_retired", old_values."maximum_staff", old_values."minimum_staff", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."provision_code" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3645cf7e21710b80b54b9b634124e766dd48b489",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ce0c3",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="shifts_shiftpattern",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftpattern",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "shifts_shiftpatternpast" ("code", "colour", "department_id", "extends", "id", "is_evening", "is_retired", "maximum_staff", "minimum_staff", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provision_code") SELECT new_values."code", new_values."colour", new_values."department_id", new_values."extends", new_values."id", new_values."is_evening", new_values."is_retired", new_values."maximum_staff", new_values."minimum_staff", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."provision_code" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e71197aaf86311fb612bf04832dfd856c18f20e3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_64734",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="shifts_shiftpattern",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="rosterday",
            index=models.Index(fields=["work_date"], name="shifts_rosterday_date"),
        ),
        migrations.AddConstraint(
            model_name="rosterday",
            constraint=models.UniqueConstraint(
                fields=("staff", "work_date"),
                name="shifts_rosterday_one_a_day",
                violation_error_message="此人当天已有排班。",
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ends_at__isnull", True), ("pattern__isnull", True), ("starts_at__isnull", True)
                    ),
                    models.Q(("pattern__isnull", False), ("starts_at__lt", models.F("ends_at"))),
                    _connector="OR",
                ),
                name="shifts_rosterday_shift_has_hours",
                violation_error_message="班次须有起止时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterday",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("pattern__isnull", False)),
                expressions=[
                    (
                        models.Func(
                            models.F("staff"), models.F("staff"), models.Value("[]"), function="int8range"
                        ),
                        "&&",
                    ),
                    (models.Func(models.F("starts_at"), models.F("ends_at"), function="tstzrange"), "&&"),
                ],
                name="shifts_rosterday_one_shift_at_once",
                violation_error_message="此人同一时间已有别的班。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterday",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_inserted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') NOT IN ('', 'undo') THEN\n        INSERT INTO people_rowchange (batch_id, table_name, created)\n        SELECT coalesce(current_setting('kefu.import_batch', true), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows\n        HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="b49af7439191cb40ec6de3a83ae152d9baa887a6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_rows_inserted_98f91",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="shifts_rosterday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterday",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_updated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="72a570d7e6d63c04e03cb839077ec88571b69c04",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_rows_updated_efa33",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_rosterday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterday",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF coalesce(current_setting('kefu.import_batch', true), '') <> 'undo' THEN\n        INSERT INTO people_rowchange (batch_id, table_name, changed, before)\n        SELECT nullif(coalesce(current_setting('kefu.import_batch', true), ''), '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),\n            CASE WHEN coalesce(current_setting('kefu.import_batch', true), '') <> '' THEN jsonb_agg(to_jsonb(old_rows)) END\n        FROM old_rows HAVING count(*) > 0;\n    END IF;\n    RETURN NULL;\n",
                    hash="7b54d7cdfe8bf11c3a49fd9d8eeabf8662e3764d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_rows_deleted_b4818",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="shifts_rosterday",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="patternhours",
            constraint=models.UniqueConstraint(
                fields=("pattern", "from_month", "from_day"),
                name="shifts_patternhours_one_from_a_day",
                violation_error_message="此班次已有自同一天起的时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="patternhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("break_ends_at__isnull", True), ("break_starts_at__isnull", True)),
                    models.Q(("break_ends_at__isnull", False), ("break_starts_at__isnull", False)),
                    _connector="OR",
                ),
                name="shifts_patternhours_break_whole",
                violation_error_message="中断的起止时间须同时填写。",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftpatternpast",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="318a7921553bb894a551f4376a5f461f4237bf8e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c18f6",
                    table="shifts_shiftpatternpast",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="swap",
            index=models.Index(fields=["state"], name="shifts_swap_state"),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.CheckConstraint(
                condition=models.Q(("asker", models.F("partner")), _negated=True),
                name="shifts_swap_of_two",
                violation_error_message="不能和自己换班。",
            ),
        ),
        migrations.AddConstraint(
            model_name="swap",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "agreed"])),
                fields=("asker", "asker_date", "partner", "partner_date"),
                name="shifts_swap_asked_once",
                violation_error_message="已有同样的换班申请。",
            ),
        ),
        migrations.AddIndex(
            model_name="rosterchange",
            index=models.Index(fields=["staff", "work_date"], name="shifts_rosterchange_day"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rosterchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8a3d636f61cbc8d898f250c1c15c0a3d96d2a5fa",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d019d",
                    table="shifts_rosterchange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
