"""Who works where: departments, teams, staff with dated terms, and the accounts that sign in."""

from datetime import date

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Greatest

from core.exclusions import point, text_within
from core.history import tracked, tracked_links, words_of
from people.business_roles import Post, Role, Tier
from people.codes import check_code
from people.permissions import ACTIONS
from people.row_changes import recorded


def _employment() -> Func:
    """The days of an employment; of dates out of order, which have a rule of their own, the first alone."""
    until = Func(
        F("left_on"),
        template="coalesce(%(expressions)s, 'infinity'::date)",
        output_field=models.DateField(),
    )
    days = F("joined_on"), Greatest(F("joined_on"), until), Value("[]")
    return Func(*days, function="daterange", output_field=DateRangeField())


@tracked(inserts=True)
class Employer(models.Model):
    """The legal person that employs: contributions and tax are reckoned per person and employer."""

    name = models.CharField("单位全称", max_length=128, unique=True)
    tax_number = models.CharField("纳税人识别号", max_length=20, blank=True)
    city = models.CharField("参保城市", max_length=32, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "用人单位"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked(inserts=True)
class Department(models.Model):
    """The unit that adopts rulebooks, settles its months and is kept apart from every other."""

    code = models.CharField("代码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=64)
    employer = models.ForeignKey(
        Employer,
        verbose_name="用人单位",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="departments",
        help_text="社保、公积金与个税按人和用人单位合并计算；空则本部门自成一个单位。",
    )
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
    appeal_days = models.PositiveSmallIntegerField(
        "申诉期限（天）",
        default=3,
        help_text="奖惩确认以后几天之内，员工可以申诉；投诉损失承担的期限写在条款里。",
    )
    corrections_a_month = models.PositiveSmallIntegerField(
        "每月补卡次数",
        null=True,
        blank=True,
        help_text="一个人一个月至多申请补卡几次；空则不限，0 为不许补。",
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

    # What a request has read of the account, which holds until its end: login groups with their actions, and
    # how many files and unread notices it has.
    known_actions: dict[str, frozenset[str]] | None = None
    known_counts: list[int] | None = None

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.get_full_name() or self.username


# Names for rows whose class Django makes when it starts, which no checker of types can know; only to keep
# their history.
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


@tracked(inserts=True, exclude=["pinyin", "initials", "further_readings"])
class Staff(models.Model):
    """One person's employment in one department; a transfer ends one row and begins another.

    Everything that costs or pays hangs on this row, so each department settles its own days of a
    month in which somebody moved. `hired_on` (tenure) survives the transfer, `joined_on` does not.
    `moved_from` leads back to the row before: the rows that hang together are one person. Who comes back
    has another row with the number of before.
    """

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="staff"
    )
    number = models.CharField("工号", max_length=32)
    name = models.CharField("姓名", max_length=64)
    pinyin = models.CharField("拼音", max_length=128, blank=True, editable=False)
    initials = models.CharField("拼音首字母", max_length=64, blank=True, editable=False)
    # Of a name that may be read otherwise: the readings, and their initials.
    further_readings = models.CharField(
        "其他读音", max_length=255, blank=True, default="", db_default="", editable=False
    )
    hired_on = models.DateField("入职日期")
    joined_on = models.DateField("到本部门日期")
    left_on = models.DateField("最后工作日", null=True, blank=True)
    service_since = models.DateField(
        "累计工龄起算日",
        null=True,
        blank=True,
        help_text="年假按累计工龄；以前在别处工作过的，写折算后的起算日。空则为入职日期。",
    )
    account = models.ForeignKey(
        Account,
        verbose_name="账号",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
    )
    moved_from = models.OneToOneField(
        "self",
        verbose_name="调动前",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="moved_to",
    )

    class Meta:
        verbose_name = verbose_name_plural = "员工"
        ordering = ["department", "number"]
        constraints = [
            # Somebody who comes back has the number again; on no day two people have it.
            ExclusionConstraint(
                name="people_staff_one_of_a_number",
                expressions=[
                    (point(text_within("number", "department")), RangeOperators.OVERLAPS),
                    (_employment(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="本部门已有此工号；再入职的，入职日期须在上次最后工作日之后。",
            ),
            models.CheckConstraint(
                name="people_staff_dates_in_order",
                condition=Q(joined_on__gte=F("hired_on"))
                & (Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on"))),
                violation_error_message="日期次序应为：入职 ≤ 到本部门 ≤ 最后工作日。",
            ),
        ]
        indexes = [
            models.Index(fields=["pinyin"], name="people_staff_pinyin"),
            models.Index(fields=["department", "number"], name="people_staff_number"),
        ]
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
            ExclusionConstraint(
                name="people_term_no_overlap",
                expressions=[
                    (point(F("staff")), RangeOperators.OVERLAPS),
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
