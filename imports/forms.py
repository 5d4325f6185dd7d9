"""Forms of the import pages: the file, its kind, what has to be said with it, its own headers."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from imports.models import Answer, HeaderMapping, Upload
from people.models import Department
from sheets.errors import SheetError
from sheets.loading import SHEET_KINDS
from sheets.profiles import Profile, all_profiles
from sheets.reading import check_start

IGNORE, UNDECIDED = "-", ""
NOT_NEEDED = "不需要这一列"
MOST_FILES = 12


class FilesInput(forms.FileInput):
    """Several files at once: those of one export."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; each is checked, gives a list."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(f"一次最多选 {MOST_FILES} 个文件。请分几次上传。")
        return [forms.FileField.clean(self, each, initial) for each in given or [None]]


class UploadForm(forms.Form):
    """Files for a department; one department is chosen by itself."""

    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="部门",
        empty_label="请选择",
        error_messages={"required": "请选部门。"},
    )
    file = FilesField(
        label="表格",
        widget=FilesInput(attrs={"accept": ".csv,.xlsx,.txt", "class": "drop"}),
        error_messages={
            "required": "还没有选文件。请把表格拖进来，或者点一下选文件。",
            "empty": "文件是空的。请检查是否选对了文件，或者重新导出。",
            "missing": "还没有选文件。请把表格拖进来，或者点一下选文件。",
            "max_length": "文件名超过255个字，请改短。",
        },
        max_length=255,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: Sequence[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.filter(pk__in=[each.pk for each in places])
        if len(places) == 1:
            field.initial = places[0]
            field.widget = forms.HiddenInput()
        most = settings.UPLOAD_MAX_BYTES >> 20
        self.fields[
            "file"
        ].help_text = f"CSV 或 XLSX，最大 {most} MB；同一次导出的几个文件可以一起选。类别按表头自动辨认。"

    def clean_file(self) -> list[UploadedFile]:
        """Refuse what is too large or, by its first bytes, no spreadsheet; the worker reads the rest."""
        files: list[UploadedFile] = self.cleaned_data["file"]
        for content in files:
            named = f"{content.name}：" if len(files) > 1 else ""
            most = settings.UPLOAD_MAX_BYTES
            if (content.size or 0) > most:
                raise forms.ValidationError(
                    f"{named}文件有 {(content.size or 0) / (1 << 20):,.1f} MB，超过上限 {most >> 20} MB。"
                    "请在后台按时间分几次导出，或者请管理员用命令导入。"
                )
            try:
                check_start(content)
            except SheetError as error:
                raise forms.ValidationError(f"{named}{error}") from error
        return files


class KindForm(forms.Form):
    """Which kind of spreadsheet it is; first those that fit."""

    what = forms.ChoiceField(label="这是哪一种表格", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, kinds: frozenset[str], candidates: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            f"{each.kind}.{each.name}": f"{SHEET_KINDS[each.kind]}：{each.title}"
            for each in all_profiles()
            if each.kind in kinds
        }
        first = [(each, choices.pop(each)) for each in candidates if each in choices]
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*first, *choices.items()]


class _Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "不是日期，请写成 2026-10-01。", "required": "请填日期。"}

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and not date(2000, 1, 1) <= value <= timezone.localdate() + timedelta(days=366):
            raise forms.ValidationError("日期离今天太远，请核对年份。")


class StaffOptions(forms.Form):
    effective_on = _Day(label="变更的生效日期", help_text="已有员工的变更自这天起；新员工自入职日起。")


class OrdersOptions(forms.Form):
    as_of = _Day(label="导出日期", help_text="文件是哪天导出的；后来增加的退款计入这一天。")
    shop = forms.CharField(
        label="店铺", max_length=64, required=False, help_text="文件没有店铺名称时所属的店铺。"
    )


class MetricsOptions(forms.Form):
    as_of = _Day(label="截至日期", required=False, help_text="数值截至哪一天；不填则为所属时段的最后一天。")


class IncidentsOptions(forms.Form):
    confirm = forms.BooleanField(label="全部视为已确认，即时计入台账", required=False)


def options_form(upload: Upload, *, may_confirm: bool, data: Any = None) -> forms.Form | None:
    """The form of what is said with a file of this kind; None where there is nothing to say."""
    forms_of: dict[str, type[forms.Form]] = {
        "staff": StaffOptions,
        "orders": OrdersOptions,
        "metrics": MetricsOptions,
    }
    if may_confirm:
        forms_of["incidents"] = IncidentsOptions
    form = forms_of.get(upload.kind)
    return form(data, initial=upload.options) if form else None


class QuestionsForm(forms.Form):
    """The questions that a file leaves open, each with what its answers come to for some rows."""

    def __init__(self, *args: Any, upload: Upload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(upload.found.get("questions", ()))
        for index, asked in enumerate(self.questions):
            self.fields[f"question_{index}"] = answer_field(
                asked["text"], asked["choices"], asked["hint"], initial=upload.answers.get(asked["key"])
            )

    def asked(self) -> list[tuple[dict[str, Any], forms.BoundField]]:
        """Each question with its field."""
        return [(asked, self[f"question_{index}"]) for index, asked in enumerate(self.questions)]

    def answers(self) -> dict[str, str]:
        """Key of the question → answer, blank where there is none yet."""
        return {
            asked["key"]: self.cleaned_data[f"question_{index}"] or ""
            for index, asked in enumerate(self.questions)
        }


def answer_field(label: str, choices: Sequence[Any], hint: str = "", initial: Any = None) -> forms.Field:
    """A field for the answer: one of the choices (code, words), or free."""
    if choices:
        return forms.ChoiceField(
            label=label,
            choices=[tuple(each) for each in choices],
            widget=forms.RadioSelect,
            required=False,
            initial=initial,
        )
    return forms.CharField(label=label, max_length=255, required=False, help_text=hint, initial=initial)


class AnswerForm(forms.Form):
    """A remembered answer, to be changed."""

    def __init__(self, *args: Any, answer: Answer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = answer_field("回答", answer.choices, initial=answer.value)


class RememberedHeaderForm(forms.Form):
    """What a remembered header means, to be changed."""

    field = forms.ChoiceField(label="是什么")

    def __init__(self, *args: Any, mapping: HeaderMapping, profile: Profile | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = profile.columns if profile else ()
        field = self.fields["field"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(IGNORE, NOT_NEEDED), *((column.field, column.title) for column in columns)]
        field.initial = mapping.field or IGNORE


class FormatNameForm(forms.Form):
    """What a department calls a format."""

    name = forms.CharField(
        label="名称",
        max_length=64,
        help_text="写店铺或工具的名字，例如“某某店订单”。",
        error_messages={"required": "请写名称。"},
    )


class HeaderField(forms.ChoiceField):
    """What a header means, with the first values below it."""

    samples = ""


class MappingForm(forms.Form):
    """A choice for each header of the file that its profile does not list."""

    def __init__(self, *args: Any, upload: Upload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profile = next(
            each for each in all_profiles() if (each.kind, each.name) == (upload.kind, upload.profile)
        )
        known = set(upload.found.get("known", ()))
        choices = [(UNDECIDED, "请选择"), (IGNORE, NOT_NEEDED)] + [
            (column.field, column.title + ("（必需）" if column.required else ""))
            for column in profile.columns
            if column.field not in known
        ]
        remembered = dict(
            HeaderMapping.objects.filter(
                department=upload.department, kind=upload.kind, profile=upload.profile, forgotten_at=None
            ).values_list("header", "field")
        )
        remembered |= upload.found.get("draft", {})
        self._keys: dict[str, str] = {}
        for index, header in enumerate(upload.found.get("headers", ())):
            name, key = f"header_{index}", header["key"]
            self._keys[name] = key
            # Most columns of an export are of no use here; what may be money is for somebody to say.
            unsaid = UNDECIDED if header.get("alike") else IGNORE
            field = HeaderField(
                label=header["header"],
                choices=choices,
                required=False,
                initial=(remembered[key] or IGNORE) if key in remembered else unsaid,
                help_text="",
            )
            field.samples = "、".join(header["samples"])
            self.fields[name] = field

    def mapping(self) -> dict[str, str | None]:
        """Header → field, "" to ignore, None where nothing was chosen."""
        meanings: dict[str, str | None] = {UNDECIDED: None, IGNORE: ""}
        given = {self._keys[name]: self.cleaned_data[name] for name in self._keys}
        return {key: meanings.get(value, value) for key, value in given.items()}
