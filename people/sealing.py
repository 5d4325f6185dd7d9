"""Numbers that the database keeps sealed: only who holds the keys of the environment can read them.

`KEFU_DATA_KEYS` names the secrets, the newest first; from each come a key that encrypts (Fernet: AES-128-CBC
with HMAC-SHA256) and one for look-ups. What an earlier secret sealed is still opened; `rotate_data_keys`
seals it anew, after which the earlier one may go.
"""

import hmac
from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from people.errors import SealRefused


def seal(text: str) -> str:
    """The text encrypted under the newest key; twice the same text is sealed differently."""
    return _boxes(_secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed, under whichever of the keys. SealRefused where none of them fits."""
    try:
        return _boxes(_secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken as wrong:
        raise SealRefused(
            "号码是用另一把数据密钥加密的，现有的打不开", "请系统管理员把当时的密钥加回 KEFU_DATA_KEYS"
        ) from wrong


def digest(text: str) -> str:
    """By which a sealed text is found again, under the newest key (HMAC-SHA256, 64 hexadecimal digits)."""
    return digests(text)[0]


def digests(text: str) -> list[str]:
    """The digests under every key, the newest first: what a look-up compares until all rows are rotated."""
    return [
        hmac.new(_derived(secret, b"kefu digest"), text.encode(), sha256).hexdigest() for secret in _secrets()
    ]


def _secrets() -> tuple[str, ...]:
    if not settings.DATA_KEYS:
        raise SealRefused("没有数据密钥，号码不能加密和打开", "请系统管理员设置 KEFU_DATA_KEYS")
    return tuple(settings.DATA_KEYS)


@cache
def _boxes(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(Fernet(urlsafe_b64encode(_derived(each, b"kefu seal"))) for each in secrets)


@cache
def _derived(secret: str, purpose: bytes) -> bytes:
    """A key of its own for each purpose, 32 bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
