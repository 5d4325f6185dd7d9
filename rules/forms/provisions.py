"""Forms of the pages of rules: searching, whom a provision binds, adopting, publishing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from people.models import Role
from rules.collisions import Collision
from rules.kinds import KINDS
from rules.kinds.collection import BY_LABELS, LONGEST, MOST, collection_of
from rules.models import ProvisionFields, Rulebook, Version
from rules.services.drafts import ALL_HOLD

# In the order in which people look for them.
KIND_GROUPS = (
    ("记录后罚或奖", ("fine", "range_fine", "escalating_fine", "award", "range_award", "nominated_award")),
    ("扣分", ("points", "points_band")),
    ("按工资扣", ("rate_deduction", "day_pay", "discipline")),
    (
        "考勤与请假",
        (
            "late",
            "early",
            "missing_punch",
            "absence",
            "leave",
            "leave_balance",
            "full_attendance",
            "overtime",
        ),
    ),
    ("考评", ("evaluation", "grade")),
    (
        "提成与奖金",
        ("commission", "guarantee", "ranked_award", "streak_award", "score_award", "target", "attribution"),
    ),
    ("工资", ("base_pay", "allowance")),
    ("社保与个税", ("contribution", "income_tax")),
    ("晋升", ("promotion", "demotion")),
    ("投诉", ("case_type", "case_deadline", "loss_share", "retention")),
    ("基金", ("fund",)),
    ("培训", ("programme",)),
    ("不计算", ("conduct", "text")),
)

COLLECTION_FIELDS = ("collect_by", "due_days", "overdue_multiplier")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LibraryForm(forms.Form):
    """Searching the library."""

    q = forms.CharField(
        label="名称、条文或编号",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    trade = forms.ChoiceField(label="行业", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trades = Rulebook.objects.exclude(trade="").order_by("trade").values_list("trade", flat=True)
        self.fields["trade"].choices = [("", "全部"), *((each, each) for each in trades.distinct())]  # type: ignore[attr-defined]


class ProvisionForm(forms.Form):
    """What stands beside a provision's figures: its words and whom it binds."""

    title = forms.CharField(label="标题", max_length=200, error_messages={"required": "请填写标题"})
    clause = forms.CharField(
        label="条文",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="员工看到并签署的文字；数字改了，这里的数字也请一起改。",
    )
    roles = forms.MultipleChoiceField(
        label="约束的岗位",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="一个都不选，约束全体。",
    )
    window = forms.ChoiceField(label="按什么周期计次", choices=ProvisionFields.Window.choices)
    confirm = forms.ChoiceField(label="记录后由谁确认", choices=ProvisionFields.Confirm.choices)
    basis = forms.ChoiceField(
        label="性质",
        required=False,
        choices=[("", "按条款类型"), *ProvisionFields.Basis.choices],
        help_text="决定扣款受哪种封顶限制：赔偿、绩效、纪律；待遇不受限。",
    )
    collect_by = forms.ChoiceField(
        label="收取方式",
        choices=BY_LABELS.items(),
        help_text="制度规定了现金缴纳的才选现金；到期没有交的仍随工资扣。",
    )
    due_days = forms.IntegerField(
        label="现金几天内交清",
        required=False,
        min_value=0,
        max_value=LONGEST,
        help_text="自记录确认那天起；0 是当天。",
    )
    overdue_multiplier = forms.DecimalField(
        label="逾期倍数",
        required=False,
        min_value=1,
        max_value=MOST,
        max_digits=4,
        decimal_places=2,
        help_text="制度没有写逾期加倍的，留空。",
    )

    def __init__(self, *args: Any, kind: str, roles: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(Role.choices)
        own = {role: role for role in roles or [] if role not in known}
        self.fields["roles"].choices = [*known.items(), *own.items()]  # type: ignore[attr-defined]
        if not KINDS[kind].takes_incidents:
            del self.fields["confirm"]
        if not KINDS[kind].counts_in_window:
            del self.fields["window"]
        if not KINDS[kind].takes_cash:
            for name in COLLECTION_FIELDS:
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """Field values of a provision."""
        values = dict(self.cleaned_data)
        by, days, multiple = (values.pop(name, None) for name in COLLECTION_FIELDS)
        if by is None:
            return values
        multiplier = {} if multiple in (None, 1) else {"overdue_multiplier": str(multiple)}
        # Terms of cash that are not in use yet are kept: the rulebook may have named them.
        is_plain = by == "payroll" and not days and not multiplier
        return {**values, "collection": {} if is_plain else {"by": by, "due_days": days or 0, **multiplier}}


def collection_fields(row: ProvisionFields) -> dict[str, Any]:
    """What the form's fields of collection say of a stored provision."""
    kept = collection_of(row.collection)
    multiple = None if kept.overdue_multiplier == 1 else kept.overdue_multiplier
    return dict(zip(COLLECTION_FIELDS, (kept.by, kept.due_days, multiple), strict=True))


class OwnProvisionForm(ProvisionForm):
    """A provision of the department's own has a code that it chooses."""

    code = forms.CharField(
        label="编号",
        max_length=64,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9.\-]*$", "编号用字母、数字、点和短横，如 own-01")],
        help_text="字母、数字和短横，如 own-01；以后按这个编号跨版本计次，发布后不要换。",
        error_messages={"required": "请填写编号"},
    )
    field_order = ["code"]


class PublishForm(forms.Form):
    """From when, why."""

    draft = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.DateTimeField(widget=forms.HiddenInput)
    effective_on = forms.DateField(
        label="从哪天起生效",
        widget=DateInput(),
        error_messages={"required": "请填写生效日期", "invalid": "不是日期，请写成 2026-12-01"},
    )
    note = forms.CharField(
        label="说明",
        max_length=200,
        help_text="改了什么、为什么；员工看得到。",
        error_messages={"required": "请写说明"},
    )

    def __init__(
        self, *args: Any, former: Version | None, collisions: Sequence[Collision] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.former = former
        self.collisions = collisions
        for i, each in enumerate(collisions):
            self.fields[f"holds-{i}"] = forms.ChoiceField(
                label=f"{each.subject}：哪一种规定有效",
                choices=[*_answers(each), (ALL_HOLD, "都有效，一并适用")],
                widget=forms.RadioSelect,
                error_messages={"required": f"{each.subject}有几种规定，请选哪一种有效"},
            )

    def holds(self) -> dict[str, str]:
        """Which origin's regulation holds, by subject."""
        return {each.subject: self.cleaned_data[f"holds-{i}"] for i, each in enumerate(self.collisions)}

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if self.former is not None and day < self.former.effective_on:
            raise forms.ValidationError(
                f"不能早于第{self.former.number}版的生效日期 {self.former.effective_on:%Y-%m-%d}，请改晚"
            )
        return day


def _answers(collision: Collision) -> list[tuple[str, str]]:
    return [
        (
            each.origin,
            f"只按{each.name}（{'、'.join(each.codes)}），删去{'、'.join(collision.others(each.origin))}",
        )
        for each in collision.regulations
    ]
