"""Forms with which cases are found and recorded."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import F, Q, QuerySet

from commissions.models import Order
from complaints.forms.fields import NamedFields, minute, moment_field, people_of
from complaints.models import Case
from complaints.selectors.board import first_due, is_due_soon, is_overdue
from complaints.selectors.orders import orders_numbered
from complaints.selectors.waiting import cases_appealed, cases_awaiting, cases_to_rule
from core.periods import parse_month, shift_months
from files.forms import FilesField
from people.fields import PersonField
from people.models import Account, Department
from rules.kinds.cases import CaseType

STATES = [
    ("open", "处理中"),
    ("closed", "已结案"),
    ("declined", "不受理"),
    ("merged", "已并案"),
    ("all", "全部"),
]
DUE = [("", "不限"), ("over", "已逾期"), ("soon", "24小时内到期")]
WHOSE = [
    ("", "不限"),
    ("mine", "我承办的"),
    ("step", "等我办理的"),
    ("nobody", "无人承办"),
    ("ruling", "归责待我裁定"),
    ("appeal", "申诉待我决定"),
]
ORDERS = [("due", "最先到期"), ("new", "最新接到"), ("old", "最早接到")]
PLAIN = "plain"  # the type of a case without a provision, in addresses


class CaseFilter(forms.Form):
    """What the list of cases shows; nothing given: what runs, what ends first on top."""

    MORE = ("type", "month", "sort")

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、事项、订单、姓名"}),
    )
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    type = forms.ChoiceField(label="类型", required=False)
    due = forms.ChoiceField(label="时限", choices=DUE, required=False)
    whose = forms.ChoiceField(label="承办", choices=WHOSE, required=False)
    month = forms.CharField(
        label="接到月份", required=False, max_length=7, widget=forms.TextInput(attrs={"type": "month"})
    )
    sort = forms.ChoiceField(label="排序", choices=ORDERS, required=False)

    def __init__(self, data: Any, *, types: Sequence[tuple[str, str]]) -> None:
        super().__init__({"state": "open", "sort": "due", **data})
        field: Any = self.fields["type"]
        field.choices = [("", "全部"), *types]

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the state and the order was chosen."""
        return any(self.data.get(name) for name in ("q", "type", "due", "whose", "month"))

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("q", "state", "due", "whose")]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """What is folded away until it is wanted."""
        return [self[name] for name in self.MORE]

    @property
    def has_more(self) -> bool:
        return bool(self.data.get("type") or self.data.get("month") or self.data.get("sort") != "due")

    def apply(self, cases: QuerySet[Case], *, account: Account, now: datetime) -> QuerySet[Case]:
        """The cases that fit, in their order; what cannot be read filters nothing."""
        self.is_valid()
        given = self.cleaned_data
        state = given.get("state") or "open"
        if state != "all":
            cases = cases.filter(state=state)
        if code := given.get("type"):
            cases = cases.filter(type_code="" if code == PLAIN else code)
        if due := given.get("due"):
            cases = cases.filter(is_overdue(now) if due == "over" else is_due_soon(now))
        if whose := given.get("whose"):
            cases = _whose(cases, whose, account)
        if q := given.get("q", "").replace("\x00", "").strip():
            cases = cases.filter(_found_by(q))
        try:
            first = parse_month(given.get("month") or "")
        except ValueError:
            pass
        else:
            cases = cases.filter(received_at__date__gte=first, received_at__date__lt=shift_months(first, 1))
        match given.get("sort") or "due":
            case "new":
                return cases.order_by("-received_at", "-id")
            case "old":
                return cases.order_by("received_at", "id")
        return cases.annotate(ends_at=first_due()).order_by(
            F("ends_at").asc(nulls_last=True), "-received_at", "-id"
        )


def _whose(cases: QuerySet[Case], whose: str, account: Account) -> QuerySet[Case]:
    ways: dict[str, Callable[[Account], QuerySet[Case]]] = {
        "step": cases_awaiting,
        "ruling": cases_to_rule,
        "appeal": cases_appealed,
    }
    if whose in ways:
        return cases.filter(pk__in=ways[whose](account).order_by().values("pk"))
    return cases.filter(holder__account=account) if whose == "mine" else cases.filter(holder=None)


def _found_by(text: str) -> Q:
    names = ("number", "title", "product", "cause", "order__order_no", "complainant__name")
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__icontains": text})
    return found


class CaseForm(forms.Form):
    """One complaint of a type; made with a key, so that the same form is one case."""

    title = forms.CharField(
        label="事项", max_length=200, help_text="一句话写明投诉什么。", widget=forms.TextInput()
    )
    received_at = moment_field("接到时间", help_text="客户或门店说起的那一刻，时限由此起算。")
    channel = forms.ChoiceField(label="来源", choices=Case.Channel.choices)
    cause = forms.CharField(
        label="事由", max_length=100, required=False, widget=forms.TextInput(attrs={"list": "causes"})
    )
    product = forms.CharField(label="产品", max_length=100, required=False)
    order_no = forms.CharField(
        label="订单号",
        max_length=64,
        required=False,
        help_text="写了订单号，金额、退款与归属从系统里带出，不用填。",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    complainant = forms.CharField(label="投诉人", max_length=64, required=False)
    phone = forms.CharField(
        label="电话",
        max_length=32,
        required=False,
        help_text="只有经办的人能看全，每次查看都有记录。",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    about = PersonField(label="被投诉人", options="about-options", help_text="投诉的是某位同事时才填。")
    holder = PersonField(label="承办人", options="holder-options", help_text="不填则等主管指定或有人领取。")
    platform_due_at = moment_field("平台时限", required=False, help_text="平台要求在何时以前处理完。")
    attached = FilesField(label="附件", required=False, help_text="截图、照片或 PDF，可选几个。")
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    # What was seen of alike cases when the form was sent; the same again means: record all the same.
    seen = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        department: Department,
        path: CaseType,
        now: datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        base = {"key": uuid4().hex, "received_at": minute(now), "channel": Case.Channel.PHONE}
        super().__init__(data, files, initial={**base, **(initial or {})})
        self.department = department
        self.causes = path.causes
        self.card = NamedFields(path.fields, "card")
        self.fields.update(self.card.fields)
        for name in ("about", "holder"):
            field: Any = self.fields[name]
            field.staff = people_of(department, now.date())

    @property
    def of_card(self) -> list[forms.BoundField]:
        """The fields of the record card."""
        return [self[key] for key in self.card.names]

    def clean_order_no(self) -> Order | None:
        number = self.cleaned_data["order_no"].replace("\x00", "").strip()
        if not number:
            return None
        found = list(orders_numbered(self.department, number))
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(
                f"没有找到订单“{number}”。请核对；订单还没有导入的请留空，把订单号写进事项。"
            )
        shops = "、".join(each.shop or "没有店名" for each in found)
        raise forms.ValidationError(f"几家店都有订单“{number}”（{shops}）。请留空，把店名与订单号写进事项。")

    def given(self) -> dict[str, Any]:
        """What `case_open` takes of the form."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in self.card.names}
        given["order"], given["files"] = given.pop("order_no"), given.pop("attached")
        del given["seen"]
        return {**given, "card": self.card.read(self.cleaned_data)}

    def field_of(self, refused_field: str) -> str | None:
        """The field of the page that a refusal of the service is about."""
        known = {"files": "attached"}.get(refused_field, refused_field)
        return self.card.key_of(known) or (known if known in self.fields else None)
