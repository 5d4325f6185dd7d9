"""The form on which somebody chooses where to be told of what."""

from typing import Any

from django import forms

from notices.channels import webhook_is_allowed
from notices.models import CHOSEN_KINDS, Channel, NoticeChoice

KINDS = [(kind.value, kind.label) for kind in CHOSEN_KINDS]
HOURS = [("", "有通知立即发"), *((hour, f"每天{hour}点汇总成一条") for hour in range(24))]


class NoticeChoiceForm(forms.ModelForm):
    """Addresses, kinds and the moment. A stored secret is never shown; left empty, it stays."""

    digest_hour = forms.TypedChoiceField(
        label="什么时候发", choices=HOURS, required=False, coerce=int, empty_value=None
    )
    email_kinds = forms.MultipleChoiceField(
        label="发到邮箱的", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    wecom_kinds = forms.MultipleChoiceField(
        label="发到企业微信的", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    dingtalk_kinds = forms.MultipleChoiceField(
        label="发到钉钉的", choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = NoticeChoice
        fields = [
            "digest_hour",
            "email", "email_kinds",
            "wecom_url", "wecom_kinds",
            "dingtalk_url", "dingtalk_secret", "dingtalk_kinds",
        ]  # fmt: skip
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "wecom_url": forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "dingtalk_url": forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "dingtalk_secret": forms.PasswordInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "wecom_url": "在自己的企业微信群里添加群机器人，复制网址。群里的人都看得到，请用只有自己的群。",
            "dingtalk_url": "在自己的钉钉群里添加自定义机器人，安全设置选“加签”，复制它的网址。",
            "dingtalk_secret": "加签的密钥，SEC 开头。已保存的不显示，留空则不改；清空网址就一起删除。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = [
            (str(channel.label), [self[name] for name in self.fields if name.startswith(channel.value)])
            for channel in Channel
        ]

    def clean_wecom_url(self) -> str:
        return self._bot(Channel.WECOM)

    def clean_dingtalk_url(self) -> str:
        return self._bot(Channel.DINGTALK)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("dingtalk_secret"):
            kept = NoticeChoice.objects.filter(pk=self.instance.pk).values_list("dingtalk_secret", flat=True)
            cleaned["dingtalk_secret"] = kept.first() or ""
        if not cleaned.get("dingtalk_url") and "dingtalk_url" not in self.errors:
            cleaned["dingtalk_secret"] = ""
        return cleaned

    def _bot(self, channel: Channel) -> str:
        url: str = self.cleaned_data[f"{channel}_url"].strip()
        if url and not webhook_is_allowed(channel, url):
            raise forms.ValidationError(
                f"这不是{channel.label}机器人的网址；在机器人的设置里复制完整的网址，含问号后面的一段。"
            )
        return url
