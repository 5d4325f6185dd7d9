"""What a document's number says, and whether it can be one; whether that of a bank account is mistyped.

Resident identity numbers follow GB 11643-1999. Its check digit (ISO 7064, MOD 11-2) is also that of the
residence permits of Hong Kong, Macao and Taiwan and of the foreign permanent resident card of 2023.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db import models

from people.errors import IdentityRefused

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37}
    | {41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65}
)
_SHOWN_AHEAD, _SHOWN_BEHIND = 3, 4
_LONG = 12  # of a shorter number less is shown
_OLDEST = 1900
_ACCOUNT_DIGITS = (6, 32)

_WITH_CHECK = re.compile(r"\d{17}[\dX]", re.ASCII).fullmatch
_OLD_CARD = re.compile(r"[A-Z]{3}\d{12}", re.ASCII).fullmatch
_TO_MAINLAND = re.compile(r"[HM]\d{8}", re.ASCII).fullmatch
_FROM_TAIWAN = re.compile(r"\d{8}", re.ASCII).fullmatch
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}", re.ASCII).fullmatch
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_AROUND = "'`\u2018\u2019\""


class DocumentKind(models.TextChoices):
    """The documents by which the tax bureau knows people."""

    RESIDENT = "resident", "居民身份证"
    HK_MO_PERMIT = "hk_mo_permit", "港澳居民来往内地通行证"
    HK_MO_RESIDENCE = "hk_mo_residence", "港澳居民居住证"
    TW_PERMIT = "tw_permit", "台湾居民来往大陆通行证"
    TW_RESIDENCE = "tw_residence", "台湾居民居住证"
    PASSPORT = "passport", "护照"
    PERMANENT = "permanent", "外国人永久居留身份证"


FOREIGN = frozenset({DocumentKind.PASSPORT, DocumentKind.PERMANENT})
_NAMED = {kind.label: kind for kind in DocumentKind} | {"护照(外国人)": DocumentKind.PASSPORT}


@dataclass(frozen=True, slots=True)
class Told:
    """What a number says of its holder: nothing of most permits and of passports."""

    born_on: date | None = None
    is_male: bool | None = None


def tidy_number(text: str) -> str:
    """A number as it is kept: without spaces and quotes, half-width, its letters capital."""
    folded = unicodedata.normalize("NFKC", text)
    return _BLANKS.sub("", folded).strip(_AROUND).upper()


def number_checked(kind: str, text: str, *, on: date) -> str:
    """The tidy number of a document. IdentityRefused says what is wrong with it, without repeating it.

    `on`: the day by which its holder is born.
    """
    number = tidy_number(text)
    if not number:
        raise IdentityRefused("没有写证件号码", "请照证件填写", field="number")
    match DocumentKind(kind):
        case DocumentKind.RESIDENT:
            _check_resident(number, on)
        case DocumentKind.HK_MO_RESIDENCE:
            _check_residence(number, ("810000", "820000"), "810000 或 820000", on)
        case DocumentKind.TW_RESIDENCE:
            _check_residence(number, ("830000",), "830000", on)
        case DocumentKind.PERMANENT:
            _check_permanent(number, on)
        case DocumentKind.HK_MO_PERMIT if not _TO_MAINLAND(number):
            remedy = "请填 H 或 M 加 8 位数字，末尾的换证次数不填"
            raise IdentityRefused("港澳居民来往内地通行证号码不合格式", remedy, field="number")
        case DocumentKind.TW_PERMIT if not _FROM_TAIWAN(number):
            raise IdentityRefused("台湾居民来往大陆通行证号码不合格式", "请填 8 位数字", field="number")
        case DocumentKind.PASSPORT if not _PASSPORT(number):
            raise IdentityRefused("护照号码不合格式", "请填 5 至 20 位字母和数字", field="number")
    return number


def told_by(kind: str, number: str) -> Told:
    """When the holder of a checked number was born, and whether as a man, where the number says so."""
    if kind not in DocumentKind or not _WITH_CHECK(number) or kind == DocumentKind.PASSPORT:
        return Told()
    return Told(_day(number[6:14]), int(number[16]) % 2 == 1)


def account_checked(text: str) -> str:
    """The tidy number of a bank account. IdentityRefused for what is none; Luhn is only warned of."""
    number = tidy_number(text).replace("-", "")
    fewest, most = _ACCOUNT_DIGITS
    if not (number.isascii() and number.isdigit()):
        raise IdentityRefused("银行账号里有数字以外的字符", "请只填数字", field="number")
    if not fewest <= len(number) <= most:
        said = f"银行账号是 {len(number)} 位"
        raise IdentityRefused(said, f"应为 {fewest} 至 {most} 位，请对照银行卡", field="number")
    return number


def luhn_fits(number: str) -> bool:
    """Whether the last digit of a card number is right; accounts that are no cards need not have one."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def masked(number: str) -> str:
    """The number with its first three and last four characters; of a short one the first and the last two."""
    ahead, behind = (_SHOWN_AHEAD, _SHOWN_BEHIND) if len(number) >= _LONG else (1, 2)
    hidden = len(number) - ahead - behind
    return number[:ahead] + "*" * hidden + number[-behind:] if hidden > 0 else "*" * len(number)


def kind_named(words: str) -> DocumentKind | None:
    """The kind that people call so: by its name, 护照 also with (外国人) behind it."""
    return _NAMED.get(unicodedata.normalize("NFKC", words).strip())


def check_digit(digits: str) -> str:
    """The eighteenth character of a number, of its first seventeen digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def _check_resident(number: str, on: date) -> None:
    if len(number) == 15 and number.isdigit():
        raise IdentityRefused("15 位的身份证号码已经停用", "请填 18 位的公民身份号码", field="number")
    _check_shape(number, "身份证号码")
    if number.startswith("9"):
        remedy = "这是外国人永久居留身份证，请改证件类型"
        raise IdentityRefused("以 9 开头的不是居民身份证号码", remedy, field="number")
    if number.startswith(("81", "82", "83")):
        remedy = "这是港澳台居民居住证，请改证件类型"
        raise IdentityRefused("以 81、82、83 开头的不是居民身份证号码", remedy, field="number")
    if int(number[:2]) not in _PROVINCES or number[2:6] == "0000":
        raise IdentityRefused("身份证号码的前 6 位不是地区代码", "请对照证件改正", field="number")
    _check_rest(number, "身份证号码", on)


def _check_residence(number: str, starts: tuple[str, ...], said: str, on: date) -> None:
    _check_shape(number, "居住证号码")
    if not number.startswith(starts):
        raise IdentityRefused(f"居住证号码的前 6 位应为 {said}", "请对照证件改正", field="number")
    _check_rest(number, "居住证号码", on)


def _check_permanent(number: str, on: date) -> None:
    if len(number) == 15:
        if not _OLD_CARD(number) or not _old_day(number[7:13], on):
            remedy = "请对照证件：3 位国家代码字母加 12 位数字，其中第 8 至 13 位是出生年月日"
            raise IdentityRefused("15 位的永久居留证号码不合格式", remedy, field="number")
        return
    _check_shape(number, "永久居留身份证号码")
    if not number.startswith("9"):
        raise IdentityRefused("18 位的永久居留身份证号码应以 9 开头", "请对照证件改正", field="number")
    _check_rest(number, "永久居留身份证号码", on)


def _check_shape(number: str, named: str) -> None:
    if len(number) != 18:
        raise IdentityRefused(f"{named}是 {len(number)} 位", "应为 18 位，请对照证件", field="number")
    if not _WITH_CHECK(number):
        remedy = "前 17 位是数字，末位是数字或 X，请对照证件"
        raise IdentityRefused(f"{named}里有不该有的字符", remedy, field="number")


def _check_rest(number: str, named: str, on: date) -> None:
    born_on = _day(number[6:14])
    if born_on is None or not date(_OLDEST, 1, 1) <= born_on <= on:
        remedy = "第 7 至 14 位是出生年月日，请对照证件"
        raise IdentityRefused(f"{named}里的出生日期不存在", remedy, field="number")
    if check_digit(number[:17]) != number[17]:
        remedy = "有一位写错了，请对照证件逐位核对"
        raise IdentityRefused(f"{named}的末位（校验码）不对", remedy, field="number")


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _old_day(digits: str, on: date) -> date | None:
    """The birthday with a year of two digits: of whichever century it is a day of the past."""
    days = [day for century in ("20", "19") if (day := _day(century + digits)) and day <= on]
    return next(iter(days), None)
