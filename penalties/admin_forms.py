"""Forms of the admin: recording an incident, and the dialogs in which people decide."""

from typing import Any

from django import forms
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
)

from penalties.errors import IncidentRefused
from penalties.judgement import IncidentFact, Judge
from penalties.models import Incident
from people.models import Account
from people.selectors import departments_where, staff_where
from rules.selectors import timeline_of


class IncidentForm(forms.ModelForm):
    """An incident under a provision in force today; the rules of its own day decide whether it fits."""

    account: Account

    code = forms.ChoiceField(label="条款", widget=UnfoldAdminSelect2Widget)

    class Meta:
        model = Incident
        fields = ["staff", "code", "work_date", "quantity", "magnitude", "amount", "note"]
        widgets = {
            "staff": UnfoldAdminSelect2Widget,
            "work_date": UnfoldAdminDateWidget,
            "quantity": UnfoldAdminIntegerFieldWidget,
            "magnitude": UnfoldAdminDecimalFieldWidget,
            "amount": UnfoldAdminDecimalFieldWidget,
            "note": UnfoldAdminTextareaWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = departments_where(self.account, "record_incidents")
        staff: Any = self.fields["staff"]
        staff.queryset = staff_where(self.account, "record_incidents")
        today = timezone.localdate()
        code: Any = self.fields["code"]
        offered = {
            (rule.code, f"{rule.code} {rule.title}（{rule.kind.in_words()}）")
            for department in departments
            for rule in timeline_of(department).on(today)
            if rule.kind.takes_incidents and not rule.is_inert
        }
        code.choices = [("", "—"), *sorted(offered)]

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or {}
        if self.errors:
            return given
        if given["work_date"] > timezone.localdate():
            self.add_error("work_date", "日期还没有到；请核对日期")
            return given
        fact = IncidentFact(**{name: given[name] for name in self.Meta.fields})
        try:
            Judge(fact.staff.department, [fact.staff.pk]).incident(fact)
        except IncidentRefused as refused:
            self.add_error(refused.field, str(refused))
        return given


class PlainForm(BaseDialogForm):
    """A question that needs only a yes."""


class RejectionForm(BaseDialogForm):
    reason = forms.CharField(label="理由", max_length=500, widget=UnfoldAdminTextareaWidget)


class ReversalForm(RejectionForm):
    on = forms.DateField(label="撤销日期", widget=UnfoldAdminDateWidget, initial=timezone.localdate)


class DecisionForm(BaseDialogForm):
    accepted = forms.ChoiceField(
        label="决定", choices=[("yes", "采纳"), ("no", "不采纳")], widget=UnfoldAdminRadioSelectWidget
    )
    decision = forms.CharField(label="理由", max_length=500, widget=UnfoldAdminTextareaWidget)
