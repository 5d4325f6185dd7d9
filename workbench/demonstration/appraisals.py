"""The demonstration's appraisals: scores kept on paper before, quarters that were graded, October's sheets.

October's marks are chosen so that a sheet's total is the score of `appraisal-2026-10.csv`: both say the same.
"""

from datetime import date
from decimal import Decimal

from appraisals.models import Sheet
from appraisals.quarters import quarter_of
from appraisals.services import (
    grade_record,
    grades_confirm,
    item_score,
    sheet_answer,
    sheet_comment,
    sheet_sign,
    sheets_close,
    sheets_publish,
)
from people.models import Department
from workbench.demonstration.complaints import Cast, cast_of
from workbench.demonstration.story import OCTOBER, moment

SCHEME, GRADES = "s004-05-4-4H.2", "s004-05-4-2G.2"
ATTITUDE = "服务态度与协作"
SCHEME_ITEMS = [
    {
        "name": "客户满意度",
        "source": "metric",
        "metric": "satisfaction",
        "weight": "30",
        "brackets": [
            {"from": "0", "score": "60"},
            {"from": "0.94", "score": "80"},
            {"from": "0.96", "score": "90"},
            {"from": "0.98", "score": "100"},
        ],
    },
    {
        "name": "首次响应",
        "source": "metric",
        "metric": "first_response_seconds",
        "weight": "20",
        "brackets": [
            {"from": "0", "score": "100"},
            {"from": "10", "score": "90"},
            {"from": "20", "score": "70"},
        ],
    },
    {"name": ATTITUDE, "source": "supervisor", "weight": "50"},
]
GRADE_BRACKETS = [
    {"from": "90", "grade": "A"},
    {"from": "75", "grade": "B"},
    {"from": "60", "grade": "C"},
    {"from": "0", "grade": "D"},
]
SECOND, THIRD = date(2026, 4, 1), date(2026, 7, 1)  # quarters
ON_PAPER = {"8103": "A", "8106": "A", "8304": "A", "8307": "A", "8102": "B", "8205": "B", "8203": "B"}
USUAL = "抽查二十段聊天记录，交接和例会记录齐全"
MARKS = {
    "8102": (80, "抽查二十段聊天记录，语气稳，追单少了两次"),
    "8103": (91, "带夏知秋看聊天记录，办结六件疑难退款"),
    "8104": (48, "三次回复生硬，交接两次没有写"),
    "8105": (68, USUAL),
    "8106": (80, USUAL),
    "8107": (64, USUAL),
    "8202": (72, "优惠说错两次，事后主动补救"),
    "8203": (69, USUAL),
    "8205": (82, "主动替同事顶了两个晚班"),
    "8206": (60, USUAL),
    "8207": (64, "刚上号，问得勤，记得住"),
    "8302": (79, USUAL),
    "8303": (46, "两件退款拖过当天，答复客户慢"),
    "8304": (90, "整理了退换货话术，全组在用"),
    "8306": (66, USUAL),
    "8307": (74, "晚班三次没有写交接"),
}
SIGNED, OBJECTS, UNSIGNED = ("8302", "8207"), "8307", "8103"


def quarters_grade(*, department: Department) -> None:
    """Grades of the second quarter as they were on paper, and of the third as its scores come to."""
    cast = cast_of(department, moment(10, 6))
    manager = cast.by("manager")
    for number, grade in ON_PAPER.items():
        grade_record(
            staff=cast.staff[number],
            quarter=SECOND,
            grade=grade,
            reason="纸质考核表补录",
            by=manager,
            at=moment(9, 2),
        )
    proposed = {row.person.staff_id: row.proposed for row in quarter_of(department, THIRD) if row.proposed}
    grades_confirm(department=department, quarter=THIRD, grades=proposed, by=manager, at=moment(10, 6))


def october_appraise(*, department: Department) -> None:
    """Marked and published by the supervisor, signed by some, questioned by one, decided by the manager.

    8103's waits for a signature, that of 8307 for the decision; 8204's has no marks yet.
    """
    cast = cast_of(department, moment(11, 2))
    for number, (marks, reason) in MARKS.items():
        item_score(
            staff=cast.staff[number],
            month=OCTOBER,
            item=ATTITUDE,
            score=Decimal(marks),
            reason=reason,
            by=cast.by("supervisor"),
            at=moment(11, 2, 15),
        )
    sheets_publish(
        department=department,
        month=OCTOBER,
        staff=[cast.staff[number].pk for number in MARKS],
        by=cast.by("supervisor"),
        at=moment(11, 2, 16),
    )
    sheets = {each.staff.number: each for each in Sheet.objects.filter(month=OCTOBER).select_related("staff")}
    for number in SIGNED:
        sheet_sign(
            sheet=sheets[number],
            edition=sheets[number].edition,
            by=cast.own(number),
            at=moment(11, 2, 17),
        )
    _object(cast, sheets[OBJECTS])
    decided = [each for number, each in sheets.items() if number not in (OBJECTS, UNSIGNED)]
    sheets_close(
        editions={each.pk: each.edition for each in decided},
        text="没有账号的，本人已在打印的考评单上签字",
        by=cast.by("manager"),
        at=moment(11, 2, 18),
    )


def _object(cast: Cast, sheet: Sheet) -> None:
    """Somebody says why the marks are too low, and the supervisor answers."""
    sheet_comment(
        staff=cast.staff[OBJECTS],
        month=OCTOBER,
        text="10月20日和21日没有写交接，是因为系统登不上，我在群里说过",
        by=cast.own(OBJECTS),
        at=moment(11, 2, 17),
    )
    sheet_answer(
        sheet=sheet,
        text="群里的留言看到了，这两次不算您的；27日那次仍照此评，下月看改进",
        by=cast.by("supervisor"),
        at=moment(11, 2, 18),
    )
