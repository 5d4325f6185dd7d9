"""What a document's number must be, kind by kind; made-up numbers with a right check digit."""

from datetime import date

import pytest

from people.documents import (
    DocumentKind,
    account_checked,
    check_digit,
    luhn_fits,
    masked,
    number_checked,
    told_by,
)
from people.errors import IdentityRefused

TODAY = date(2026, 12, 1)
WOMAN = "11010519491231002X"  # the example of GB 11643-1999
MAN = "440524188001010014"  # its other example, too old to be anybody's


def with_check(digits: str) -> str:
    return digits + check_digit(digits)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("resident", WOMAN, WOMAN),
        ("resident", " 1101 0519 4912 3100 2x ", WOMAN),
        ("resident", "１１０１０５１９４９１２３１００２ｘ", WOMAN),
        ("resident", f"'{WOMAN}", WOMAN),
        ("hk_mo_residence", with_check("81000019900101001"), with_check("81000019900101001")),
        ("hk_mo_residence", with_check("82000019900101001"), with_check("82000019900101001")),
        ("tw_residence", with_check("83000019900101001"), with_check("83000019900101001")),
        ("permanent", with_check("91141019900101001"), with_check("91141019900101001")),
        ("permanent", "can310063012301", "CAN310063012301"),
        ("hk_mo_permit", "h12345678", "H12345678"),
        ("hk_mo_permit", "M12345678", "M12345678"),
        ("tw_permit", "12345678", "12345678"),
        ("passport", "m 1234567", "M1234567"),
    ],
)
def test_numbers_are_kept_tidy(kind, written, kept):
    assert number_checked(kind, written, on=TODAY) == kept


@pytest.mark.parametrize(
    ("kind", "written", "told"),
    [
        ("resident", "110105194912310021", "末位（校验码）不对"),
        ("resident", "11010519491231002", "是 17 位"),
        ("resident", "110105491231002", "15 位的身份证号码已经停用"),
        ("resident", "1101O519491231002X", "不该有的字符"),
        ("resident", with_check("11010519490231002"), "出生日期不存在"),
        ("resident", with_check("11010520270101001"), "出生日期不存在"),
        ("resident", MAN, "出生日期不存在"),
        ("resident", with_check("00010519900101001"), "前 6 位不是地区代码"),
        ("resident", with_check("91141019900101001"), "请改证件类型"),
        ("resident", with_check("81000019900101001"), "请改证件类型"),
        ("hk_mo_residence", WOMAN, "前 6 位应为 810000 或 820000"),
        ("tw_residence", with_check("81000019900101001"), "前 6 位应为 830000"),
        ("permanent", WOMAN, "应以 9 开头"),
        ("permanent", "CAN310063132301", "15 位的永久居留证号码不合格式"),
        ("hk_mo_permit", "H1234567801", "末尾的换证次数不填"),
        ("tw_permit", "1234567", "请填 8 位数字"),
        ("passport", "12-3", "护照号码不合格式"),
        ("passport", " ", "没有写证件号码"),
    ],
)
def test_a_wrong_number_says_what_is_wrong_and_does_not_repeat_it(kind, written, told):
    with pytest.raises(IdentityRefused) as refused:
        number_checked(kind, written, on=TODAY)
    assert told in str(refused.value)
    assert refused.value.field == "number"
    assert refused.value.remedy
    assert not written.strip() or written not in str(refused.value)


def test_a_number_tells_the_birthday_and_whether_a_man():
    assert (told_by("resident", WOMAN).born_on, told_by("resident", WOMAN).is_male) == (
        date(1949, 12, 31),
        False,
    )
    assert told_by("hk_mo_residence", with_check("81000019900101001")).is_male is True
    assert told_by("passport", WOMAN).born_on is None
    assert {kind.value for kind in DocumentKind} == {
        "resident", "hk_mo_permit", "hk_mo_residence", "tw_permit", "tw_residence", "passport", "permanent"
    }  # fmt: skip


def test_accounts_are_digits_and_luhn_only_warns():
    assert account_checked("6222 0202 0011 2233 446") == "6222020200112233446"
    assert luhn_fits("4111111111111111")
    assert not luhn_fits("4111111111111112")
    for wrong, told in (("12345", "是 5 位"), ("6222O2020011", "数字以外的字符")):
        with pytest.raises(IdentityRefused, match=told):
            account_checked(wrong)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(WOMAN, "110***********002X"), ("H12345678", "H******78"), ("12", "**"), ("", "")],
)
def test_masks_hide_the_middle(number, shown):
    assert masked(number) == shown
