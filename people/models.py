"""Who works where: departments, teams, staff with dated terms, and the accounts that sign in."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from people.changes import MultirangeField, recorded
from people.codes import check_code
from people.history import tracked, tracked_links, words_of
from people.logins import GroupPermission as GroupPermission
from people.logins import LoginGroup as LoginGroup
from people.logins import TwoStep as TwoStep
from people.logins import TwoStepRemoval as TwoStepRemoval
from people.notices.models import CHOSEN_KINDS as CHOSEN_KINDS
from people.notices.models import Channel as Channel
from people.notices.models import Notice as Notice
from people.notices.models import NoticeChoice as NoticeChoice
from people.notices.models import NoticeDelivery as NoticeDelivery
from people.notices.models import NoticeKind as NoticeKind
from people.permissions import ACTIONS
from people.roles import Post as Post
from people.roles import Role as Role
from people.roles import Tier as Tier


@tracked(inserts=True)
class Department(models.Model):
    """The unit that adopts rulebooks, settles its months and is kept apart from every other."""

    code = models.CharField("代码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=64)
    minimum_wage = models.DecimalField(
        "当地最低工资",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="元/月；启用封顶时，实发不低于此数。",
    )
    caps = models.BooleanField(
        "启用封顶", default=True, help_text="赔偿不超过当月应发的20%，扣后不低于最低工资；扣不完的转下月。"
    )
    four_eyes = models.BooleanField("双人复核", default=True, help_text="编制工资的人不能批准同一份工资。")
    objection_days = models.PositiveSmallIntegerField(
        "异议期限（天）", default=7, help_text="工资批准以后几天之内，员工可对工资条上的一行提出异议。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = ["code"]
        permissions = list(ACTIONS)
        constraints = [
            models.CheckConstraint(
                name="people_department_caps_need_wage",
                condition=Q(caps=False) | Q(minimum_wage__isnull=False),
                violation_error_message="启用封顶须填写当地最低工资。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_code("code", self.code)


@tracked(inserts=True)
class Team(models.Model):
    """A group inside a department, headed by a lead."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="teams"
    )
    name = models.CharField("名称", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "小组"
        ordering = ["department", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "name"],
                name="people_team_unique_name",
                violation_error_message="本部门已有同名小组。",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked(inserts=True, exclude=["password", "last_login"])
class Account(AbstractUser):
    """Who signs in. Login groups say what an account may do; `departments` where it may do it."""

    departments = models.ManyToManyField(
        Department,
        verbose_name="管理的部门",
        blank=True,
        related_name="accounts",
        help_text="主管、经理、人事在这些部门内行使权限；客服和组长按本人所在部门与小组。",
    )
    must_change_password = models.BooleanField(
        "须改口令", default=False, help_text="口令由别人给的：登录后先改口令才能做别的。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.get_full_name() or self.username


# Names for rows that Django makes itself, only to keep their history.
@tracked_links(app_label="people", model_name="AccountGroupPast")
class AccountGroup(Account.groups.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked_links(app_label="people", model_name="AccountDepartmentPast")
class AccountDepartment(Account.departments.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(inserts=True, exclude=["pinyin", "initials"])
class Staff(models.Model):
    """One person's employment in one department; a transfer ends one row and begins another.

    Everything that costs or pays hangs on this row, so each department settles its own days of a
    month in which somebody moved. `hired_on` (tenure) survives the transfer, `joined_on` does not.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="staff"
    )
    number = models.CharField("工号", max_length=32)
    name = models.CharField("姓名", max_length=64)
    pinyin = models.CharField("拼音", max_length=128, blank=True, editable=False)
    initials = models.CharField("拼音首字母", max_length=64, blank=True, editable=False)
    hired_on = models.DateField("入职日期")
    joined_on = models.DateField("到本部门日期")
    left_on = models.DateField("最后工作日", null=True, blank=True)
    account = models.ForeignKey(
        Account,
        verbose_name="账号",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
    )

    class Meta:
        verbose_name = verbose_name_plural = "员工"
        ordering = ["department", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "number"],
                name="people_staff_unique_number",
                violation_error_message="本部门已有此工号。",
            ),
            models.CheckConstraint(
                name="people_staff_dates_in_order",
                condition=Q(joined_on__gte=F("hired_on"))
                & (Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on"))),
                violation_error_message="日期次序应为：入职 ≤ 到本部门 ≤ 最后工作日。",
            ),
        ]
        indexes = [models.Index(fields=["pinyin"], name="people_staff_pinyin")]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def clean(self) -> None:
        check_code("number", self.number)

    def is_employed_on(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


@tracked(inserts=True)
class Term(models.Model):
    """A person's dated terms: team, role, post, tier, star and pay, valid over one range of days."""

    staff = models.ForeignKey(Staff, verbose_name="员工", on_delete=models.PROTECT, related_name="terms")
    valid = DateRangeField("有效期", help_text="含首日，不含末日之次日。")
    team = models.ForeignKey(
        Team, verbose_name="小组", on_delete=models.PROTECT, null=True, blank=True, related_name="terms"
    )
    role = models.CharField("岗位", max_length=32, default=Role.AGENT)
    post = models.CharField("环节", max_length=16, choices=Post.choices, blank=True)
    tier = models.CharField("职级", max_length=32, choices=Tier.choices, blank=True)
    star = models.PositiveSmallIntegerField("星级", null=True, blank=True)
    base_pay = models.DecimalField(
        "约定基本工资", max_digits=12, decimal_places=2, null=True, blank=True, help_text="空则按职级表。"
    )
    performance_bonus = models.DecimalField(
        "绩效奖金", max_digits=12, decimal_places=2, null=True, blank=True
    )
    base_points = models.DecimalField("基点", max_digits=8, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任职条件"
        ordering = ["staff", "valid"]
        constraints = [
            # The bundled PostgreSQL has no btree_gist, hence a range on both sides.
            ExclusionConstraint(
                name="people_term_no_overlap",
                expressions=[
                    (
                        Func(
                            F("staff"),
                            F("staff"),
                            Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一员工的任职条件日期不能重叠。",
            ),
            models.CheckConstraint(
                name="people_term_amounts_not_negative",
                condition=(Q(base_pay__isnull=True) | Q(base_pay__gte=0))
                & (Q(performance_bonus__isnull=True) | Q(performance_bonus__gte=0))
                & (Q(base_points__isnull=True) | Q(base_points__gte=0)),
                violation_error_message="工资、奖金、基点不能为负。",
            ),
            models.CheckConstraint(
                name="people_term_valid_not_empty",
                condition=Q(valid__isempty=False),
                violation_error_message="有效期不能为空。",
            ),
        ]
        triggers = recorded()

    def __str__(self) -> str:
        return f"{self.staff} {words_of(self.valid, None)}"


class FactChange(models.Model):
    """Which month of a department was touched by what and by whom; only inserted.

    Settlement reads it to see that a frozen month must be recomputed; people read it as history.
    """

    class Source(models.TextChoices):
        STAFF = "staff", "员工"
        INCIDENT = "incident", "奖惩"
        ATTENDANCE = "attendance", "考勤"
        LEAVE = "leave", "请假"
        ORDERS = "orders", "订单"
        ATTRIBUTION = "attribution", "订单归属"
        METRICS = "metrics", "指标"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="fact_changes"
    )
    month = models.DateField("月份", help_text="当月1日")
    source = models.CharField("来源", max_length=16, choices=Source.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "事实变更"
        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "month", "at"], name="people_factchange_month")]

    def __str__(self) -> str:
        return f"{self.department} {self.month:%Y-%m} {self.get_source_display()}"


@tracked(exclude=["summary", "digest"])
class ImportBatch(models.Model):
    """One file that went in: who, when, which file, what it did. Only successful imports have a row."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="import_batches"
    )
    kind = models.CharField("类别", max_length=16)
    profile = models.CharField("格式", max_length=32)
    file_name = models.CharField("文件名", max_length=255)
    digest = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField("行数")
    summary: Any = models.JSONField("结果", default=dict)
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")
    undo_by = models.ForeignKey(
        Account, verbose_name="撤销人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_asked_at = models.DateTimeField("要求撤销的时间", null=True, blank=True)
    undo_refusal = models.CharField("不能撤销的原因", max_length=500, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class RowChange(models.Model):
    """Rows of one table that one statement wrote, in a batch or otherwise; see people/changes.py."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, null=True, related_name="changes")
    table_name = models.CharField(max_length=63)
    created = MultirangeField(null=True)
    changed = MultirangeField(null=True)
    before: Any = models.JSONField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "行的变更"

    def __str__(self) -> str:
        return f"{self.table_name} {self.pk}"


class Upload(models.Model):
    """A file that somebody brought in the browser, on its way to an ImportBatch.

    `job` is the run that may work on it now; what an earlier click queued does nothing any more.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        ASKING = "asking", "待选类别"
        MAPPING = "mapping", "待对应表头"
        INVALID = "invalid", "有错误"
        READY = "ready", "待确认"
        IMPORTING = "importing", "导入中"
        DONE = "done", "已导入"
        DISCARDED = "discarded", "已放弃"

    WORKING = (State.CHECKING, State.IMPORTING)
    CLOSED = (State.DONE, State.DISCARDED)

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="uploads"
    )
    file_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField(max_length=40, unique=True)
    size = models.PositiveBigIntegerField("字节")
    by = models.ForeignKey(Account, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    kind = models.CharField("类别", max_length=16, blank=True)
    profile = models.CharField("格式", max_length=32, blank=True)
    options: Any = models.JSONField("设置", default=dict)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.CHECKING)
    message = models.TextField("说明", blank=True)
    found: Any = models.JSONField("检查结果", default=dict)
    job = models.UUIDField()
    step = models.CharField("步骤", max_length=64, blank=True)
    rows_read = models.PositiveIntegerField("已读到的行", default=0)
    queued_at = models.DateTimeField("排队时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    file_removed_at = models.DateTimeField("文件删除时间", null=True, blank=True)
    batch = models.OneToOneField(
        ImportBatch,
        verbose_name="导入记录",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="upload",
    )

    class Meta:
        verbose_name = verbose_name_plural = "上传"
        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "state"], name="people_upload_state")]

    def __str__(self) -> str:
        return self.file_name


@tracked()
class HeaderMapping(models.Model):
    """What a department's header means under a profile; remembered from the first file that had it."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="header_mappings"
    )
    kind = models.CharField("类别", max_length=16)
    profile = models.CharField("格式", max_length=32)
    header = models.CharField("表头", max_length=255, help_text="比较用的写法：不分全半角、大小写与空格。")
    field = models.CharField("字段", max_length=64, blank=True, help_text="空则忽略这一列。")
    by = models.ForeignKey(
        Account, verbose_name="操作人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "表头对应"
        ordering = ["department", "kind", "profile", "header"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "kind", "profile", "header"], name="people_headermapping_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.header} → {self.field or '忽略'}"


class AccessLog(models.Model):
    """Who looked at whose pay, and when; only inserted. Without `staff`: at the whole department's month."""

    class What(models.TextChoices):
        PAYSLIP = "payslip", "工资条"
        PERIOD = "period", "全部门工资"
        EXPORT = "export", "导出工资表"
        TERMS = "terms", "任职条件"

    by = models.ForeignKey(Account, verbose_name="查看人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    what = models.CharField("内容", max_length=16, choices=What.choices)
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="员工", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    month = models.DateField("月份", help_text="当月1日")
    payslip = models.BigIntegerField(
        "工资条编号", null=True, blank=True, help_text="草稿重算后工资条换新编号，旧编号留在此处。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "工资查看记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["staff", "month"], name="people_accesslog_staff")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.by} {self.at:%Y-%m-%d %H:%M} {self.get_what_display()}"


@tracked(exclude=["digest", "last_used_at"])
class ApiToken(models.Model):
    """By which another system acts for an account: in some of its departments, with some of its actions.

    Only the SHA-256 of the token is kept; the token itself is shown once, to whoever makes it.
    """

    name = models.CharField("名称", max_length=64, help_text="哪个系统用，如 店铺ERP。")
    account = models.ForeignKey(
        Account, verbose_name="账号", on_delete=models.PROTECT, related_name="api_tokens"
    )
    digest = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    departments = models.ManyToManyField(
        Department, verbose_name="部门", related_name="+", help_text="只在这些部门有效，且不超出账号的权限。"
    )
    actions = ArrayField(models.CharField(max_length=32), verbose_name="许可的操作")
    created_by = models.ForeignKey(
        Account, verbose_name="签发人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """A write that came over the API under a key, and what was answered: the same key again writes nothing.

    The row is inserted in the transaction of the write, so one cannot be there without the other.
    """

    token = models.ForeignKey(
        ApiToken, verbose_name="令牌", on_delete=models.PROTECT, related_name="idempotency_keys"
    )
    key = models.CharField("幂等键", max_length=128)
    request = models.CharField("请求的SHA-256", max_length=64, help_text="方法、路径与内容。")
    status = models.PositiveSmallIntegerField("状态码", default=0)
    answer: Any = models.JSONField("答复", null=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="people_idempotencykey_unique")]
        indexes = [models.Index(fields=["token", "at"], name="people_idempotencykey_age")]

    def __str__(self) -> str:
        return self.key
