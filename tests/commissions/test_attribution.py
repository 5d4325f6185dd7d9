"""Whose order it is, as its remark says."""

from datetime import date

import pytest

from commissions.attribution import CONFLICT, NOBODY, EmployedStaff
from people.models import Staff

DAY = date(2026, 10, 1)


def person(key: int, number: str, joined: date = date(2020, 1, 1), left: date | None = None) -> Staff:
    return Staff(pk=key, number=number, joined_on=joined, left_on=left)


ROSTER = EmployedStaff(
    [
        person(1, "1001"),
        person(2, "1002"),
        person(3, "1003", left=date(2026, 9, 30)),
        person(4, "1004", joined=date(2026, 10, 2)),
        person(5, "A5"),
        person(6, "KF-03"),
        person(7, "03"),
    ]
)


@pytest.mark.parametrize(
    ("remark", "found"),
    [
        ("1001", (1, "remark")),
        ("客服1001 改地址", (1, "remark")),
        ("工号：１００１", (1, "remark")),
        ("1001,1001", (1, "remark")),
        ("1001和1002", CONFLICT),
        ("13810011001", NOBODY),
        ("10010", NOBODY),
        ("1003", NOBODY),
        ("1004", NOBODY),
        ("1003转1002", (2, "remark")),
        ("9999转1002", (2, "remark")),
        ("A5", (5, "remark")),
        ("a5 加急", (5, "remark")),
        ("给Ａ５的", (5, "remark")),
        ("A5,1001", CONFLICT),
        ("A51", NOBODY),
        ("XA5", NOBODY),
        ("KF-03急", (6, "remark")),
        ("kf03", (6, "remark")),
        ("kf04", NOBODY),
        ("10-01", NOBODY),
        ("X-1001", (1, "remark")),
        ("编号KF1001", (1, "remark")),
        ("加急", NOBODY),
        ("", NOBODY),
    ],
)
def test_a_whole_number_names_who_was_employed_at_payment(remark, found):
    assert ROSTER.agent_of(remark, DAY) == found


def test_first_and_last_day_of_work_count():
    assert ROSTER.agent_of("1003", date(2026, 9, 30)) == (3, "remark")
    assert ROSTER.agent_of("1004", date(2026, 10, 2)) == (4, "remark")
