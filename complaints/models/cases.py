"""A case: what came in, where it stands on its path, and everything that happened to it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from commissions.models import Order
from core.append_only import APPEND_ONLY, moves_only
from core.history import tracked
from duties.models import HandoverItem, Memo
from files.models import Attachment
from people.models import Account, Department, Staff
from rules.kinds.cases import PARTS
from rules.models import Provision

TEXT_LENGTH = 2000
# A closed case runs again once it is reopened, a declined one once it is taken up after all.
MOVES = {"open": ("closed", "declined", "merged"), "closed": ("open",), "declined": ("open",)}


@tracked()
class Case(models.Model):
    """One complaint, bad review or follow-up (s000-09-02), from its receipt to the end of its path.

    `provision` is the case type as it was when the case began; without one the path is the plain one of
    rules/kinds/cases.py. `received_at` is the earliest receipt, also after a merge. `closed_at` is that of
    the last closing, empty while it runs. Who complained stands apart (Complainant), since that goes again.
    """

    class State(models.TextChoices):
        OPEN = "open", "处理中"
        CLOSED = "closed", "已结案"
        DECLINED = "declined", "不受理"
        MERGED = "merged", "已并案"

    OVER = (State.CLOSED, State.DECLINED, State.MERGED)

    class Channel(models.TextChoices):
        STORE = "store", "门店"
        PHONE = "phone", "电话"
        CHAT = "chat", "在线"
        PLATFORM = "platform", "平台"
        REVIEW = "review", "评价"
        OTHER = "other", "其他"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="cases"
    )
    number = models.CharField("编号", max_length=16, editable=False)
    provision = models.ForeignKey(
        Provision,
        verbose_name="案件类型",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    type_code = models.CharField("类型编号", max_length=64, blank=True, editable=False)
    title = models.CharField("事项", max_length=200)
    received_at = models.DateTimeField("接到时间")
    channel = models.CharField("来源", max_length=16, choices=Channel.choices, default=Channel.PHONE)
    cause = models.CharField("事由", max_length=100, blank=True)
    product = models.CharField("产品", max_length=100, blank=True)
    customer_key = models.CharField(max_length=64, blank=True, editable=False)
    order = models.ForeignKey(
        Order, verbose_name="订单", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    handover_item = models.ForeignKey(
        HandoverItem,
        verbose_name="交接事项",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
    )
    memo = models.ForeignKey(
        Memo, verbose_name="备忘", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    about = models.ForeignKey(
        Staff, verbose_name="被投诉人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    holder = models.ForeignKey(
        Staff, verbose_name="承办人", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    card: Any = models.JSONField("记录卡", default=dict, blank=True)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.OPEN)
    step = models.CharField("步骤", max_length=32)
    is_upheld = models.BooleanField("投诉成立", null=True, blank=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", verbose_name="并入", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    attachments = models.ManyToManyField(Attachment, verbose_name="附件", blank=True, related_name="+")
    key = models.CharField("表单键", max_length=64, unique=True, editable=False)
    recorded_by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "投诉案件"
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["department", "number"], name="complaints_case_unique_number"),
            models.CheckConstraint(
                name="complaints_case_merged_names_the_other",
                condition=Q(state="merged") ^ Q(merged_into__isnull=True),
            ),
            models.CheckConstraint(
                name="complaints_case_closed_has_a_moment",
                condition=Q(state__in=["closed", "declined"], closed_at__isnull=False)
                | Q(state__in=["open", "merged"], closed_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["department", "state", "-received_at"], name="complaints_case_list"),
            models.Index(fields=["department", "closed_at"], name="complaints_case_closed"),
            models.Index(
                fields=["department", "customer_key"],
                condition=~Q(customer_key=""),
                name="complaints_case_customer",
            ),
        ]
        triggers = [moves_only("state", MOVES)]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class Complainant(models.Model):
    """Who complained and how to reach them; removed by the retention rule, the case and its figures stay."""

    case = models.OneToOneField(
        Case, verbose_name="案件", on_delete=models.PROTECT, related_name="complainant"
    )
    name = models.CharField("投诉人", max_length=64, blank=True)
    phone = models.CharField("电话", max_length=32, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "投诉人"

    def __str__(self) -> str:
        return self.name or "投诉人"

    @property
    def phone_masked(self) -> str:
        """The phone as those see it who have not asked for all of it: 138****5678, of a short one the end."""
        head, tail = (3, 4) if len(self.phone) >= 11 else (0, min(2, len(self.phone) // 3))
        hidden = len(self.phone) - head - tail
        return f"{self.phone[:head]}{'*' * hidden}{self.phone[len(self.phone) - tail :]}"


class CaseEvent(models.Model):
    """Something that happened to a case, at its own moment, told by somebody at another; only inserted.

    Clocks are started and stopped by these events (rules/kinds/cases.py, CASE_EVENTS).
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", "接到投诉"
        ACCEPTED = "accepted", "受理"
        MESSAGED = "messaged", "留言或发短信"
        PHONED = "phoned", "打电话"
        REPLIED = "replied", "答复客户"
        INVALID = "invalid", "确认无效"
        SERVED = "served", "服务完成"
        REVISITED = "revisited", "回访"
        SHIPPED = "shipped", "发货"
        CLOSED = "closed", "结案"
        REOPENED = "reopened", "重新打开"
        DECLINED = "declined", "不受理"
        DECIDED = "decided", "步骤决定"
        ASSIGNED = "assigned", "指定承办人"
        PAUSED = "paused", "暂停计时"
        RESUMED = "resumed", "恢复计时"
        MERGED = "merged", "并案"
        POLICY = "policy", "时限变动"
        NOTE = "note", "备注"
        SHOWN = "shown", "查看电话"
        ERASED = "erased", "删去投诉人"

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事件", max_length=16, choices=Kind.choices)
    at = models.DateTimeField("发生时间")
    step = models.CharField("步骤", max_length=32, blank=True)
    decision = models.CharField("决定", max_length=64, blank=True)
    note = models.TextField("说明", blank=True, max_length=TEXT_LENGTH)
    data: Any = models.JSONField("内容", default=dict, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="登记人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "案件经过"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "at", "id"], name="complaints_event_of_case"),
            models.Index(fields=["kind", "at"], name="complaints_event_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                name="complaints_event_pause_has_reason",
                condition=~Q(kind="paused") | ~Q(note=""),
                violation_error_message="暂停须写明原因。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class CasePart(models.Model):
    """Which part somebody has in a case; nobody has two: recorder, investigator and decider are different."""

    PARTS = {"recorder": "登记", **PARTS}

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="parts")
    part = models.CharField("角色", max_length=16, choices=list(PARTS.items()))
    account = models.ForeignKey(Account, verbose_name="账号", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "案件角色"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "account"],
                name="complaints_part_one_each",
                violation_error_message="登记、调查与裁定须由不同的人担任。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.account}"


class Callback(models.Model):
    """The customer was asked afterwards how content they are (s001-09-3.2c, s000-07-3c-07b)."""

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="callbacks")
    at = models.DateTimeField("回访时间")
    is_reached = models.BooleanField("联系上", default=True)
    satisfaction = models.PositiveSmallIntegerField(
        "满意度", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    note = models.CharField("客户评价", max_length=500, blank=True)
    by = models.ForeignKey(
        Account, verbose_name="回访人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "回访"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="complaints_callback_score_where_reached",
                condition=Q(is_reached=True, satisfaction__gte=1, satisfaction__lte=5)
                | Q(is_reached=False, satisfaction__isnull=True),
                violation_error_message="联系上的须评1至5分，没有联系上的不评。",
            )
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"回访 {self.at:%Y-%m-%d %H:%M}"
