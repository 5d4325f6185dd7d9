"""Forms of signing in: name and password, the second step's code, one's own new password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import RegexValidator

from people.services import account_password_change


class SignInForm(AuthenticationForm):
    remember = forms.BooleanField(
        label="在这台设备上保持登录7天",
        required=False,
        help_text="只对客服账号有效，只在自己的手机上勾选。",
    )

    error_messages = {
        "invalid_login": "登录名或口令不对，请重新输入。连续错五次会锁定一刻钟。",
        "inactive": "这个账号已停用，请找部门经理或人事。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "登录名"
        self.fields["password"].label = "口令"


class CodeForm(forms.Form):
    """Six digits from the app on the phone."""

    code = forms.CharField(
        label="验证码",
        max_length=6,
        validators=[RegexValidator(r"^\d{6}$", "验证码是六位数字，请看手机上的验证器。")],
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
    )


class PasswordForm(forms.Form):
    """One's own password again, before something that weakens the account."""

    password = forms.CharField(
        label="口令", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class OwnPasswordForm(PasswordChangeForm):
    error_messages = {
        "password_mismatch": "两次输入的新口令不一样，请重新输入。",
        "password_incorrect": "现在的口令不对，请重新输入。",
        "password_same": "新口令与现在的一样，请换一个。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的口令"
        self.fields["new_password1"].label = "新口令"
        self.fields["new_password2"].label = "再输入一次新口令"

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        if password and password == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(self.error_messages["password_same"], code="password_same")
        return password

    def save(self, commit: bool = True) -> Any:
        return account_password_change(account=self.user, password=self.cleaned_data["new_password1"])
