"""Whose order it is, as its remark says."""

from datetime import date
from typing import Any

import pytest

from commissions.attribution import AWAY, CONFLICT, NOBODY, UNMARKED, EmployedStaff, Evidence
from people.models import Staff
from rules.kinds import parse_kind
from rules.provisions import Rule, Rules, Timeline

DAY = date(2026, 10, 1)


def person(
    key: int, number: str, joined: date = date(2020, 1, 1), left: date | None = None, name: str = ""
) -> Staff:
    return Staff(pk=key, number=number, name=name, joined_on=joined, left_on=left)


def evidence_of(**params: Any) -> Evidence:
    kind, _ = parse_kind("attribution", params)
    rule = Rule(1, "a-1", "归属", "", kind, (), (), "month", "benefit", "manager", (), "第1版")
    return Evidence(Timeline([(date(2026, 1, 1), 1, Rules([rule]))]))


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
        ("1001", (1, "remark", "number")),
        ("客服1001 改地址", (1, "remark", "number")),
        ("工号：１００１", (1, "remark", "number")),
        ("1001,1001", (1, "remark", "number")),
        ("1001和1002", CONFLICT),
        ("13810011001", NOBODY),
        ("10010", NOBODY),
        ("1003", AWAY),
        ("1004", AWAY),
        ("1003转1002", (2, "remark", "number")),
        ("9999转1002", (2, "remark", "number")),
        ("A5", (5, "remark", "number")),
        ("a5 加急", (5, "remark", "number")),
        ("给Ａ５的", (5, "remark", "number")),
        ("A5,1001", CONFLICT),
        ("A51", NOBODY),
        ("XA5", NOBODY),
        ("KF-03急", (6, "remark", "number")),
        ("kf03", (6, "remark", "number")),
        ("kf04", NOBODY),
        ("10-01", NOBODY),
        ("X-1001", (1, "remark", "number")),
        ("编号KF1001", (1, "remark", "number")),
        ("加急", NOBODY),
        ("", NOBODY),
    ],
)
def test_a_whole_number_names_who_was_employed_at_payment(remark, found):
    assert ROSTER.agent_of(remark, DAY) == found


def test_first_and_last_day_of_work_count():
    assert ROSTER.agent_of("1003", date(2026, 9, 30)) == (3, "remark", "number")
    assert ROSTER.agent_of("1004", date(2026, 10, 2)) == (4, "remark", "number")


NAMED = [person(1, "1001", name="王芳"), person(2, "1002", name="王芳芳"), person(3, "1003", name="李雷")]


@pytest.mark.parametrize(
    ("tests", "remark", "mark", "found"),
    [
        (["name"], "王芳 加急", "", (1, "remark", "name")),
        (["name"], "王芳芳", "", (2, "remark", "name")),
        (["name"], "王芳转李雷", "", CONFLICT),
        (["name"], "1001", "", NOBODY),
        (["number", "name"], "1001 李雷", "", (1, "remark", "number")),
        (["name", "number"], "1001 李雷", "", (3, "remark", "name")),
        (["claim", "file"], "1001", "", NOBODY),
    ],
)
def test_the_first_test_of_the_provision_that_holds_decides(tests, remark, mark, found):
    assert EmployedStaff(NAMED, evidence_of(tests=tests)).agent_of(remark, DAY, mark) == found


def test_a_mark_counts_only_where_it_is_required():
    """s000-07-4b-06: a name and a blue flag; its reading, that the name is enough, and the other one."""
    lenient = EmployedStaff(NAMED, evidence_of(tests=["name"], mark="蓝旗"))
    strict = EmployedStaff(NAMED, evidence_of(tests=["name"], mark="蓝旗", mark_required=True))
    assert lenient.agent_of("李雷", DAY) == (3, "remark", "name")
    assert strict.agent_of("李雷", DAY) == UNMARKED
    assert strict.agent_of("李雷", DAY, "蓝旗") == strict.agent_of("李雷蓝旗", DAY) == (3, "remark", "name")
    assert (lenient.reads_marks, strict.reads_marks) == (False, True)


def test_before_the_provision_the_usual_tests_hold():
    roster = EmployedStaff(NAMED, evidence_of(tests=["name"]))
    assert roster.agent_of("李雷", date(2025, 12, 31)) == NOBODY
    assert roster.agent_of("1003", date(2025, 12, 31)) == (3, "remark", "number")
