"""The handover book: who writes, who signs, whose an item is, and what becomes of one left undone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from core.errors import Refused
from duties.errors import HandoverRefused
from duties.models import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from duties.selectors.handover import incoming_of, items_found, items_to_sign, own_open_items
from duties.services.handover import (
    handover_done,
    handover_not_done,
    handover_remark,
    handover_review,
    handover_sign,
    handover_waive,
    handover_write,
)
from duties.services.missed_duties import missed_duties_record
from files.models import Attachment
from penalties.models import Incident, MoneyEntry, Proposal
from penalties.services import incidents_confirm
from people.models import Account, Staff
from shifts.models import Leave, RosterDay
from shifts.selectors.leave import days_worked
from shifts.services.leave import leave_record
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Place:
    """Day shift 1001 and 1004, evening shift 1002, 1003 rests; the 15th is the day in question."""
    made = place()
    for number in ("1001", "1002", "1003", "1004"):
        made.staff[number] = factories.staff(made.department, number)
    made.shift(made.staff["1001"], "白班", 13, 14, 15, 16, 17)
    made.shift(made.staff["1004"], "白班", 15, 16)
    made.shift(made.staff["1002"], "晚班", 14, 15, 16)
    made.shift(made.staff["1003"], "休", 15, 16)
    return made


def write(author: Staff, day: int = 15, clock: str = "17:20", **given: Any) -> HandoverItem:
    fields = {"text": "张三的退款还没有到账，明早复查", "key": f"{author.number}-{day}-{clock}", **given}
    return handover_write(author=author, by=None, at=moment(day, clock), **fields)


def sign(item: HandoverItem, staff: Staff, day: int = 15, clock: str = "17:40") -> HandoverSignature:
    return handover_sign(item=item, staff=staff, at=moment(day, clock))


def not_done(here: Place, item: HandoverItem, at: datetime) -> HandoverEntry:
    return handover_not_done(item=item, text="没办", staff=here.staff["1004"], by=None, at=at)


def recorded() -> list[tuple[str, str, date, str]]:
    return [
        (row.staff.number, row.code, row.work_date, row.state)
        for row in Incident.objects.order_by("id").select_related("staff")
    ]


def test_an_item_belongs_to_the_shift_that_began_last(here: Place) -> None:
    item = write(here.staff["1001"])
    assert (item.work_date, item.shift_name) == (date(2026, 10, 15), "白班")
    late = write(here.staff["1002"], day=16, clock="00:50")
    assert (late.work_date, late.shift_name) == (date(2026, 10, 15), "晚班")
    forgotten = write(here.staff["1004"], day=16, clock="08:00", text="昨天忘了写")
    assert forgotten.work_date == date(2026, 10, 15)


def test_after_midnight_a_shift_that_was_handed_over_takes_no_more(here: Place) -> None:
    """On the same evening an addition is of the shift; after midnight it is of the day's own."""
    write(here.staff["1001"])
    assert write(here.staff["1001"], clock="23:40").work_date == date(2026, 10, 15)
    added = write(here.staff["1001"], day=16, clock="00:20")
    assert (added.work_date, added.shift_name) == (date(2026, 10, 16), "白班")
    # The evening shift runs until one, and was handed over at half past twelve.
    write(here.staff["1002"], day=16, clock="00:30")
    assert write(here.staff["1002"], day=16, clock="00:50").work_date == date(2026, 10, 15)
    assert write(here.staff["1002"], day=16, clock="01:20").work_date == date(2026, 10, 15)


def test_what_is_written_before_a_shift_does_not_hand_it_over(here: Place) -> None:
    write(here.staff["1001"], day=15, clock="17:20")
    write(here.staff["1001"], day=16, clock="00:20")
    with pytest.raises(HandoverRefused, match="白班10-16 08:30才开始；下班前再登记"):
        write(here.staff["1001"], day=16, clock="00:30", is_nothing=True)
    assert HandoverItem.objects.filter(work_date=date(2026, 10, 16)).count() == 1
    missed_duties_record(department=here.department, at=moment(16, "18:00"))
    assert ("1001", "s000-03-01f", date(2026, 10, 16), "recorded") in recorded()
    assert ("1001", "s000-03-01f", date(2026, 10, 15), "recorded") not in recorded()


def test_the_same_form_sent_twice_is_one_item(here: Place, settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    picture = SimpleUploadedFile("截图.png", b"\x89PNG\r\n\x1a\n0000")
    first = write(here.staff["1001"], files=[picture])
    assert write(here.staff["1001"], files=[picture]) == first
    assert HandoverItem.objects.count() == Attachment.objects.count() == 1
    assert first.attachments.get().purpose == "handover"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "  "}, "请写明未办事项"),
        ({"text": "字" * 2001}, "最多2000字"),
        ({"files": [SimpleUploadedFile("页.png", b"<html>")]}, "内容不是"),
    ],
)
def test_what_cannot_be_written(here: Place, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        write(here.staff["1001"], **given)
    assert not HandoverItem.objects.exists() and not Attachment.objects.exists()


def test_nothing_to_hand_over_is_said_once_and_not_beside_items(here: Place) -> None:
    write(here.staff["1001"], is_nothing=True)
    with pytest.raises(HandoverRefused, match="已登记过"):
        write(here.staff["1001"], clock="17:25", is_nothing=True)
    write(here.staff["1002"], clock="23:00")
    with pytest.raises(HandoverRefused, match="已写了交接事项"):
        write(here.staff["1002"], clock="23:30", is_nothing=True)


@pytest.mark.parametrize(
    ("number", "day", "clock", "said"),
    [
        ("1001", 15, "17:40", "您自己写的"),
        ("1004", 15, "17:25", "您的白班不在交出的白班之后"),
        ("1003", 15, "17:40", "您今明两天没有班"),
        ("1002", 15, "17:40", ""),
        ("1002", 15, "17:20", ""),  # the evening shift comes a little early
        ("1004", 16, "08:20", ""),  # the next day's day shift, where nobody signed in the evening
        ("1002", 16, "12:00", ""),  # unsigned items roll forward
    ],
)
def test_who_may_sign(here: Place, number: str, day: int, clock: str, said: str) -> None:
    item = write(here.staff["1001"])
    if not said:
        assert sign(item, here.staff[number], day, clock).staff.number == number
        return
    with pytest.raises(Refused, match=said):
        sign(item, here.staff[number], day, clock)
    assert not HandoverSignature.objects.exists()
    assert own_open_items(here.staff["1001"]).get() == item


def test_another_department_cannot_sign(here: Place) -> None:
    item = write(here.staff["1001"])
    elsewhere = place()
    other = factories.staff(elsewhere.department, "2001")
    elsewhere.shift(other, "晚班", 15)
    with pytest.raises(HandoverRefused, match="别的部门"):
        sign(item, other)
    assert not HandoverSignature.objects.exists()


def test_the_same_person_under_another_number_cannot_sign(here: Place) -> None:
    account = factories.account("agent", staff=here.staff["1001"])
    Staff.objects.filter(number="1002").update(account=account)
    with pytest.raises(HandoverRefused, match="您自己写的"):
        sign(write(Staff.objects.get(number="1001")), Staff.objects.get(number="1002"))


def test_on_leave_nobody_takes_over(here: Place) -> None:
    leave_record(
        staff=here.staff["1002"], starts_on=date(2026, 10, 15), days=Decimal(2), type="personal", by=None,
        at=moment(15, "09:00"),
    )  # fmt: skip
    with pytest.raises(HandoverRefused, match="没有班"):
        sign(write(here.staff["1001"]), here.staff["1002"])


def test_leave_across_rest_takes_its_last_day_and_not_the_rest(here: Place) -> None:
    """Three days from the 14th, the 15th a day of rest: 14, 16, 17."""
    staff = factories.staff(here.department, "1005")
    here.shift(staff, "白班", 14, 16, 17, 18)
    here.shift(staff, "休", 13, 15)
    leave = {"staff": staff, "type": "personal", "by": None, "at": moment(9, "09:00")}
    leave_record(starts_on=date(2026, 10, 14), days=Decimal("3.5"), **leave)
    worked = days_worked(RosterDay.objects.filter(staff=staff))
    assert [row.work_date.day for row in worked] == [18]
    assert incoming_of(staff, at=moment(17, "08:00")).shift.work_date.day == 18
    Leave.objects.update(approved=False)
    assert days_worked(RosterDay.objects.filter(staff=staff)).count() == 4


def test_without_a_roster_any_colleague_signs() -> None:
    department = factories.department()
    one, other = factories.staff(department), factories.staff(department)
    item = write(one)
    assert (item.work_date, item.shift_name) == (date(2026, 10, 15), "")
    with pytest.raises(HandoverRefused, match="您自己写的"):
        sign(item, one)
    sign(item, other)
    assert own_open_items(other).get() == item


def test_a_double_click_signs_once_and_somebody_else_is_told_who_did(here: Place) -> None:
    item = write(here.staff["1001"])
    first = sign(item, here.staff["1002"])
    assert sign(item, here.staff["1002"], clock="17:41") == first
    with pytest.raises(HandoverRefused, match="1002已在10-15 17:40签收"):
        sign(item, here.staff["1004"], 16, "08:20")
    assert HandoverSignature.objects.count() == 1


def test_unsigned_items_stay_with_the_author_and_signed_ones_go_to_the_signer(
    here: Place, django_assert_num_queries: Any
) -> None:
    item, urgent = write(here.staff["1001"]), write(here.staff["1001"], clock="17:21", urgency="urgent")
    write(here.staff["1004"], is_nothing=True)
    with django_assert_num_queries(2):
        waiting = list(items_to_sign(incoming_of(here.staff["1002"], at=moment(15, "17:40"))))
    assert waiting == [urgent, item]
    assert not items_to_sign(incoming_of(here.staff["1004"], at=moment(15, "17:20")))
    with django_assert_num_queries(1):
        assert list(own_open_items(here.staff["1001"])) == [urgent, item]
    sign(item, here.staff["1002"])
    assert list(own_open_items(here.staff["1001"])) == [urgent]
    assert list(own_open_items(here.staff["1002"])) == [item]
    tomorrow = incoming_of(here.staff["1002"], at=moment(16, "17:40"))
    assert list(items_to_sign(tomorrow)) == [urgent]
    handover_done(item=item, staff=here.staff["1002"], by=None, at=moment(15, "20:00"))
    assert not own_open_items(here.staff["1002"])


def test_nothing_is_rewritten(here: Place) -> None:
    item = write(here.staff["1001"])
    sign(item, here.staff["1002"])
    handover_remark(item=item, text="已联系", staff=here.staff["1002"], by=None, at=moment(15, "18:00"))
    for row in (item, item.signature, item.entries.get()):
        for change in (
            row.delete,
            lambda row=row: type(row).objects.filter(pk=row.pk).update(at=moment(1, "00:00")),
        ):
            with pytest.raises(Exception, match="Cannot"), transaction.atomic():
                change()


def test_corrections_are_the_authors_and_stand_beside(here: Place) -> None:
    item = write(here.staff["1001"])
    given = {
        "item": item,
        "kind": "correction",
        "text": "是李四不是张三",
        "by": None,
        "at": moment(15, "18:00"),
    }
    with pytest.raises(HandoverRefused, match="更正由写的人自己来"):
        handover_remark(staff=here.staff["1002"], **given)
    handover_remark(staff=here.staff["1001"], **given)
    assert HandoverItem.objects.get().text.startswith("张三")
    assert list(items_found(HandoverItem.objects.all(), "李四")) == [item]


def test_only_whose_it_is_says_done(here: Place) -> None:
    item = write(here.staff["1001"])
    sign(item, here.staff["1002"])
    with pytest.raises(HandoverRefused, match="归员工1002"):
        handover_done(item=item, staff=here.staff["1001"], by=None, at=moment(15, "18:00"))
    for clock in ("18:00", "18:01"):
        handover_done(item=item, staff=here.staff["1002"], by=None, at=moment(15, clock))
    assert HandoverEntry.objects.count() == 1


def test_an_item_is_passed_on_to_the_next_shift(here: Place) -> None:
    item = write(here.staff["1001"])
    with pytest.raises(HandoverRefused, match="只能转交自己签收的"):
        write(here.staff["1002"], clock="23:00", follows=item)
    sign(item, here.staff["1002"])
    later = write(here.staff["1002"], day=16, clock="00:30", text="仍未到账", follows=item)
    assert list(own_open_items(here.staff["1002"])) == [later]
    missed_duties_record(department=here.department, at=moment(18, "12:00"))
    assert not Incident.objects.filter(key__endswith=":undone").exists()
    with pytest.raises(HandoverRefused, match="转交过"):
        write(here.staff["1002"], day=16, clock="00:40", follows=item)


def test_the_next_shift_finds_it_undone_and_it_is_recorded_once(here: Place) -> None:
    item = write(here.staff["1001"])
    sign(item, here.staff["1002"])
    found = {"item": item, "text": "没有人联系客户", "by": None}
    with pytest.raises(HandoverRefused, match="10-16 01:00才结束"):
        handover_not_done(staff=here.staff["1004"], at=moment(15, "20:00"), **found)
    with pytest.raises(HandoverRefused, match="您签收的"):
        handover_not_done(staff=here.staff["1002"], at=moment(16, "09:00"), **found)
    with pytest.raises(HandoverRefused, match="签收人之后的班"):
        handover_not_done(staff=here.staff["1003"], at=moment(16, "09:00"), **found)
    for clock in ("09:00", "09:01"):
        handover_not_done(staff=here.staff["1004"], at=moment(16, clock), **found)
    for _ in range(2):
        missed_duties_record(department=here.department, at=moment(20, "09:00"))
    undone = Incident.objects.get(key=f"handover:{item.pk}:undone")
    assert (undone.staff, undone.code, undone.state) == (here.staff["1002"], "s000-03-01f", "recorded")
    assert undone.work_date == date(2026, 10, 15) and "张三的退款" in undone.note
    assert not MoneyEntry.objects.exists()


def test_an_item_left_undone_at_the_end_of_the_signers_next_shift_is_recorded_once(here: Place) -> None:
    for each in ("1001", "1002", "1004"):
        write(here.staff[each], clock="17:31" if each == "1002" else "17:20", text="写了")
    item = HandoverItem.objects.get(author=here.staff["1001"])
    sign(item, here.staff["1002"])
    missed_duties_record(department=here.department, at=moment(17, "00:59"))
    assert not Incident.objects.filter(key__endswith="undone").exists()
    missed_duties_record(department=here.department, at=moment(17, "01:00"))
    missed_duties_record(department=here.department, at=moment(17, "01:01"))
    assert Incident.objects.filter(key=f"handover:{item.pk}:undone", code="s000-03-01f").count() == 1


def test_a_waived_item_is_not_recorded_and_a_recorded_one_is_not_waived(here: Place) -> None:
    supervisor = factories.account("supervisor", here.department)
    one, two = write(here.staff["1001"]), write(here.staff["1001"], clock="17:21")
    for item in (one, two):
        sign(item, here.staff["1002"])
    handover_waive(item=one, reason="客户自己撤销了", by=supervisor, at=moment(16, "09:00"))
    handover_not_done(item=two, text="没办", staff=here.staff["1004"], by=None, at=moment(16, "09:00"))
    with pytest.raises(HandoverRefused, match="等经理确认"):
        handover_waive(item=two, reason="算了", by=supervisor, at=moment(16, "09:01"))
    missed_duties_record(department=here.department, at=moment(18, "09:00"))
    assert [row.key for row in Incident.objects.filter(key__endswith="undone")] == [
        f"handover:{two.pk}:undone"
    ]


def test_what_was_waived_is_not_found_undone(here: Place) -> None:
    item = write(here.staff["1001"])
    sign(item, here.staff["1002"])
    supervisor = factories.account("supervisor", here.department)
    handover_waive(item=item, reason="客户撤销了", by=supervisor, at=moment(16, "09:00"))
    with pytest.raises(HandoverRefused, match="这一项已经免究"):
        handover_waive(item=item, reason="再说", by=supervisor, at=moment(16, "09:00"))
    with pytest.raises(HandoverRefused, match="这一项已经免究"):
        not_done(here, item, moment(16, "09:01"))
    assert item.entries.get().kind == "waived"
    assert not Incident.objects.exists()


def test_an_item_of_who_has_left_is_recorded_too(here: Place) -> None:
    item = write(here.staff["1001"])
    sign(item, here.staff["1002"])
    Staff.objects.filter(pk=here.staff["1002"].pk).update(left_on=date(2026, 10, 20))
    not_done(here, item, moment(31, "09:00") + timedelta(days=40))
    undone = Incident.objects.get()
    assert (undone.staff, undone.work_date) == (here.staff["1002"], date(2026, 10, 15))


def test_where_no_incident_can_be_nothing_is_stored() -> None:
    made = place([
        {"code": "book", "kind": "duty",
         "params": {"every": "shift", "proof": "handover", "undone": "range"}},
        {"code": "range", "kind": "range_fine", "params": {"min": "1", "max": "2"}},
    ])  # fmt: skip
    for number, pattern in (("1001", "白班"), ("1002", "晚班"), ("1004", "白班")):
        made.staff[number] = factories.staff(made.department, number)
        made.shift(made.staff[number], pattern, 15, 16)
    item = write(made.staff["1001"])
    sign(item, made.staff["1002"])
    with pytest.raises(HandoverRefused, match="金额"):
        not_done(made, item, moment(16, "09:00"))
    assert not item.entries.exists() and not Incident.objects.exists()


def test_nobody_lets_himself_off(here: Place) -> None:
    supervisor = factories.account("supervisor", here.department, staff=here.staff["1002"])
    item = write(here.staff["1001"])
    sign(item, Staff.objects.get(number="1002", department=here.department))
    with pytest.raises(HandoverRefused, match="不能免究自己的"):
        handover_waive(item=item, reason="算了", by=supervisor, at=moment(16, "09:00"))


def test_a_shift_not_handed_over_is_recorded_once_however_often_the_check_runs(here: Place) -> None:
    write(here.staff["1004"], is_nothing=True)
    write(here.staff["1002"], day=16, clock="01:05")  # five minutes after the shift's end
    for _ in range(2):
        missed_duties_record(department=here.department, at=moment(16, "02:00"))
    # On the 13th and 14th nobody wrote either.
    assert sorted(recorded()) == sorted([
        ("1001", "s000-03-01f", date(2026, 10, 13), "recorded"),
        ("1001", "s000-03-01f", date(2026, 10, 14), "recorded"),
        ("1002", "s000-06-01f", date(2026, 10, 14), "recorded"),
        ("1001", "s000-03-01f", date(2026, 10, 15), "recorded"),
        ("1002", "s000-06-01f", date(2026, 10, 15), "recorded"),
    ])  # fmt: skip
    late = Incident.objects.get(staff=here.staff["1002"], work_date=date(2026, 10, 15))
    assert "未按时，已补（2026-10-16 01:05）" in late.note


def test_escalating_fines_reach_the_ledger_once_the_manager_confirms(here: Place) -> None:
    """1001 by s000-03-01f: 10, 20, then a proposal. 1002 by s000-06-01f: 30, 50."""
    missed_duties_record(department=here.department, at=moment(16, "02:00"))
    manager = factories.account("manager", here.department)
    waiting = list(Incident.objects.filter(staff__number__in=["1001", "1002"]))
    assert not MoneyEntry.objects.exists()
    incidents_confirm(incidents=waiting, by=manager, at=moment(16, "09:00"))
    paid = {
        number: list(
            MoneyEntry.objects.filter(staff__number=number)
            .order_by("work_date")
            .values_list("amount", flat=True)
        )
        for number in ("1001", "1002")
    }
    assert paid == {
        "1001": [Decimal("-10.00"), Decimal("-20.00")],
        "1002": [Decimal("-30.00"), Decimal("-50.00")],
    }
    assert Proposal.objects.get().kind == "termination"


def review(here: Place, by: Account, day: int = 15) -> HandoverReview:
    on = date(2026, 10, day)
    return handover_review(
        department=here.department, work_date=on, by=by, today=date(2026, 10, 16), at=moment(16, "09:00")
    )


def test_the_supervisor_countersigns_a_day_once(here: Place) -> None:
    supervisor = factories.account("supervisor", here.department)
    with pytest.raises(HandoverRefused, match="没有交接登记"):
        review(here, supervisor)
    with pytest.raises(HandoverRefused, match="还没有到"):
        review(here, supervisor, day=17)
    write(here.staff["1001"])
    first = review(here, supervisor)
    assert review(here, supervisor) == first
    with pytest.raises(HandoverRefused, match="已在10-16 09:00复核过"):
        review(here, factories.account("manager", here.department))


def test_nobody_countersigns_his_own_handover(here: Place) -> None:
    supervisor = factories.account("supervisor", here.department, staff=here.staff["1001"])
    write(Staff.objects.get(number="1001", department=here.department))
    with pytest.raises(HandoverRefused, match="您自己写的交接"):
        review(here, supervisor)
