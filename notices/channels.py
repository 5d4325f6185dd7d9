"""The ways out of the page: e-mail and the bots of WeCom and DingTalk.

A bot's address is typed by people, so it must begin with one of the exact addresses in settings: nobody can
make the server call anything else. No message of an error names the address, which is a secret.
"""

import base64
import hashlib
import hmac
import json
import re
import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import requests
import urllib3
from django.conf import settings
from django.core.mail import EmailMessage

from notices.models import Channel, NoticeChoice

TIMEOUT = (3.05, 10)  # seconds to connect, and between two pieces of the answer
ANSWER_BYTES = 4096
_KEYS = re.compile(r"[A-Za-z0-9_.=&%-]{1,200}")
# What a bot says when too many messages came, or it is busy: later it takes them.
_LATER = {Channel.WECOM.value: {-1, 45009, 45033}, Channel.DINGTALK.value: {-1, 130101, 410100}}


class DeliveryFailed(Exception):
    """A message was not taken; the text says why, in Chinese. `is_final`: it never will be."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Unreachable(DeliveryFailed):
    """The other end does not answer: nor would it for anybody else just now."""


def webhook_is_allowed(channel: str, url: str) -> bool:
    """Whether a bot's address is one of the platform's own: an exact beginning, then the keys alone."""
    beginning, mark, keys = url.partition("?")
    return beginning in settings.NOTICE_WEBHOOKS[channel] and bool(mark) and bool(_KEYS.fullmatch(keys))


def deliver(*, channel: str, choice: NoticeChoice, subject: str, text: str, at: datetime) -> None:
    """Send one message to where the channel of an account leads. DeliveryFailed."""
    _WAYS[channel](choice, subject, text, at)


def _by_email(choice: NoticeChoice, subject: str, text: str, at: datetime) -> None:
    if not settings.EMAIL_URL:
        raise DeliveryFailed("本站没有设置邮件服务器", is_final=True)
    try:
        EmailMessage(subject, text, to=[choice.email]).send()
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryFailed("邮件服务器不收这个邮箱，请检查邮箱", is_final=True) from None
    except (smtplib.SMTPException, OSError):
        raise Unreachable("邮件服务器没有收下") from None


def _by_wecom(choice: NoticeChoice, subject: str, text: str, at: datetime) -> None:
    _post(Channel.WECOM, choice.wecom_url, text)


def _by_dingtalk(choice: NoticeChoice, subject: str, text: str, at: datetime) -> None:
    url = choice.dingtalk_url
    if choice.dingtalk_secret:
        url += f"&{signature(choice.dingtalk_secret, at)}"
    _post(Channel.DINGTALK, url, text)


def signature(secret: str, at: datetime) -> str:
    """What a DingTalk bot with a secret wants in its address: the moment in milliseconds, and its HMAC."""
    moment = int(at.timestamp() * 1000)
    digest = hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest()
    return f"timestamp={moment}&sign={quote_plus(base64.b64encode(digest))}"


_WAYS: dict[str, Callable[[NoticeChoice, str, str, datetime], None]] = {
    Channel.EMAIL: _by_email,
    Channel.WECOM: _by_wecom,
    Channel.DINGTALK: _by_dingtalk,
}


def _post(channel: Channel, url: str, text: str) -> None:
    """Post a text to a bot. Redirections are not followed, and of the answer little is read."""
    if not webhook_is_allowed(channel, url):
        raise DeliveryFailed(f"不是{channel.label}机器人的网址，没有发送", is_final=True)
    body = {"msgtype": "text", "text": {"content": text}}
    try:
        with requests.post(url, json=body, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
            status = response.status_code
            answer = response.raw.read(ANSWER_BYTES, decode_content=True)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        raise Unreachable(f"连不上{channel.label}") from None
    if status >= 500 or status == 429:
        raise Unreachable(f"{channel.label}暂时不收（{status}）")
    if status != 200:
        raise DeliveryFailed(f"{channel.label}不收（{status}），请检查机器人网址", is_final=True)
    code = _code_in(answer)
    if code != 0:
        later = code in _LATER[channel]
        advice = "稍后再试" if later else "请检查机器人的网址、密钥与安全设置"
        raise DeliveryFailed(f"{channel.label}没有收下（错误码{code}），{advice}", is_final=not later)


def _code_in(answer: bytes) -> Any:
    """The error code in a bot's answer: 0 where it took the message."""
    try:
        code = json.loads(answer)["errcode"]
    except (ValueError, TypeError, KeyError):
        return "不明"
    return code if isinstance(code, int) else "不明"
