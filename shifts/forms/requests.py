"""Forms with which people ask for corrections, outings and overtime; times are those of the clock."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from core.errors import Refused
from people.models import Account, Staff
from people.models.approvals import Requested
from shifts.derivation import clock_near
from shifts.models import Correction, Overtime
from shifts.services.requests import correction_ask, outing_ask, overtime_ask, shift_on

REASON = forms.Textarea(attrs={"rows": 2})


def day_field(label: str = "日期") -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def time_field(label: str, **given: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}), **given)


class RequestForm(forms.Form):
    """Asks through a service; what it refuses is the form's error."""

    title = ""
    work_date = day_field()

    def ask(self, *, staff: Staff, by: Account, at: datetime) -> Requested | None:
        """The request that was made; None where it was refused."""
        try:
            return self.make(staff=staff, by=by, at=at, reason=self.cleaned_data["reason"])
        except Refused as refused:
            self.add_error(None, f"{refused}。")
            return None

    def make(self, *, staff: Staff, reason: str, by: Account, at: datetime) -> Requested:
        raise NotImplementedError

    @property
    def day(self) -> date:
        day: date = self.cleaned_data["work_date"]
        return day


class CorrectionForm(RequestForm):
    """A punch as it should read; after midnight is told by the shift's own hours."""

    title = "申请补卡"
    clock_in = time_field("上班时间", required=False)
    clock_out = time_field(
        "下班时间", required=False, help_text="只填忘打或打错的。过了零点的班，日期仍写上班那天。"
    )
    part = forms.TypedChoiceField(
        label="哪一段",
        required=False,
        choices=[("", "全天"), *Correction.Part.choices],
        coerce=int,
        empty_value=None,
        help_text="分两段打卡的班，写明补的是哪一段。",
    )
    reason = forms.CharField(label="理由", max_length=200, widget=REASON)

    def make(self, *, staff: Staff, reason: str, by: Account, at: datetime) -> Requested:
        shift, part = shift_on(staff, self.day), self.cleaned_data["part"]
        starts_at, ends_at = (shift.starts_at, shift.ends_at) if shift else (None, None)
        if shift and part == Correction.Part.FIRST:
            ends_at = shift.break_starts_at
        elif shift and part == Correction.Part.SECOND:
            starts_at = shift.break_ends_at
        ends = []
        for name, due in (("clock_in", starts_at), ("clock_out", ends_at)):
            clock = self.cleaned_data[name]
            noon = timezone.make_aware(datetime.combine(self.day, time(12)))
            ends.append(clock and clock_near(due or noon, clock))
        return correction_ask(
            staff=staff,
            work_date=self.day,
            clock_in=ends[0],
            clock_out=ends[1],
            part=part,
            reason=reason,
            by=by,
            at=at,
        )


class OutingForm(RequestForm):
    """When one leaves the place of work and when one will be back."""

    title = "申请外出"
    leaves_at = time_field("外出时间")
    due_at = time_field("预计返回", help_text="早于外出时间的算次日。")
    reason = forms.CharField(label="去向与事由", max_length=200, widget=REASON)

    def make(self, *, staff: Staff, reason: str, by: Account, at: datetime) -> Requested:
        leaves_at, due_at = (
            timezone.make_aware(datetime.combine(self.day, self.cleaned_data[name]))
            for name in ("leaves_at", "due_at")
        )
        if due_at < leaves_at:
            due_at += timedelta(days=1)
        return outing_ask(staff=staff, leaves_at=leaves_at, due_at=due_at, reason=reason, by=by, at=at)


class OvertimeForm(RequestForm):
    """Hours beyond the shift, or on a day of rest."""

    title = "申请加班"
    hours = forms.DecimalField(label="小时", min_value=0, max_digits=4, decimal_places=2)
    starts_at = time_field(
        "开始时间", required=False, help_text="不填则接在下班之后。过了零点的小时算在次日，日期仍写上班那天。"
    )
    compensation = forms.ChoiceField(
        label="补偿",
        required=False,
        choices=[("", "按制度"), *Overtime.Compensation.choices],
        help_text="制度允许换调休的才能选换调休；换了的不再付加班费。",
    )
    reason = forms.CharField(label="理由", max_length=200, widget=REASON)

    def make(self, *, staff: Staff, reason: str, by: Account, at: datetime) -> Requested:
        clock, shift = self.cleaned_data["starts_at"], shift_on(staff, self.day)
        due = shift and shift.ends_at
        if clock and due:
            starts_at = clock_near(due, clock)
        else:
            starts_at = clock and timezone.make_aware(datetime.combine(self.day, clock))
        return overtime_ask(
            staff=staff,
            work_date=self.day,
            hours=self.cleaned_data["hours"],
            starts_at=starts_at,
            compensation=self.cleaned_data["compensation"],
            reason=reason,
            by=by,
            at=at,
        )


class DecisionForm(forms.Form):
    """What is answered to a request."""

    answer = forms.CharField(label="答复", max_length=200, required=False)


FORMS: dict[str, type[RequestForm]] = {
    "correction": CorrectionForm,
    "outing": OutingForm,
    "overtime": OvertimeForm,
}
