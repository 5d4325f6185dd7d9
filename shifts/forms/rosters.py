"""Forms of rosters: copying, rotating, a reason; patterns with their hours; swaps."""

from datetime import date
from typing import Any

from django import forms

from people.models import Staff
from shifts.models import ShiftPattern
from shifts.planning.rotation import LONGEST_CYCLE
from shifts.services.patterns import HoursGiven

FOUR_WEEKS = 28


def _is_overwriting() -> forms.BooleanField:
    return forms.BooleanField(label="已排的也改写", required=False)


class CopyForm(forms.Form):
    """The month before again, by weekdays or by a cycle."""

    cycle_days = forms.IntegerField(
        label="按多少天平移",
        min_value=1,
        max_value=LONGEST_CYCLE,
        initial=FOUR_WEEKS,
        help_text="28天：星期几照旧、各周次序照旧；按轮换周期接着排则填周期天数，如做六休一填7、四上二休填6。",
    )
    replace = _is_overwriting()


class RotateForm(forms.Form):
    """A rotation of any length, written with the codes of shifts."""

    cycle = forms.CharField(
        label="轮换",
        max_length=200,
        help_text="每天一个班次代码，空格隔开，*表示连续几天，如：白*6 休 晚*6 休。各人在周期里依次错开。",
    )
    replace = _is_overwriting()


class PatternForm(forms.ModelForm):
    """A shift pattern; its hours are forms of their own."""

    class Meta:
        model = ShiftPattern
        fields = [
            *("name", "code", "colour", "punches", "is_evening", "extends"),
            *("minimum_staff", "maximum_staff"),
        ]
        widgets = {
            "colour": forms.Select(choices=[(i, f"颜色{i}") for i in range(1, ShiftPattern.COLOURS + 1)])
        }


def _time(label: str, *, required: bool = False) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=required,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class HoursForm(forms.Form):
    """Hours from a day of every year on."""

    from_day = forms.CharField(
        label="每年自（月-日）", initial="01-01", max_length=5, help_text="如 05-01；不分季的填 01-01。"
    )
    starts_at = _time("上班", required=True)
    ends_at = _time("下班", required=True)
    break_starts_at = _time("中断自")
    break_ends_at = _time("中断至")

    def clean_from_day(self) -> tuple[int, int]:
        text: str = self.cleaned_data["from_day"]
        try:
            month, day = (int(part) for part in text.split("-"))
            date(2024, month, day)
        except ValueError:
            raise forms.ValidationError("应为月-日，如 05-01") from None
        return month, day

    def given(self) -> HoursGiven:
        """The hours as the service takes them."""
        said = self.cleaned_data
        return HoursGiven(
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            from_=said["from_day"],
            break_starts_at=said["break_starts_at"],
            break_ends_at=said["break_ends_at"],
        )


MOST_SEASONS = 4
HoursFormSet = forms.formset_factory(
    HoursForm, extra=1, max_num=MOST_SEASONS, validate_max=True, can_delete=True
)


class SwapForm(forms.Form):
    """With whom one swaps, and which days each gives up."""

    partner = forms.ModelChoiceField(label="和谁换", queryset=Staff.objects.none(), empty_label="请选择")
    asker_date = forms.DateField(
        label="我让出哪天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    partner_date = forms.DateField(
        label="对方让出哪天",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="同一天对换的不用填。填了的，两天都互换。",
    )
    reason = forms.CharField(
        label="理由", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = partners
