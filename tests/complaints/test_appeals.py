"""What people say against their share before it reaches pay."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from complaints.errors import AppealRefused
from complaints.models import Appeal, Charge, Ruling
from complaints.services.appeals import appeal_decide, appeal_raise, appeal_withdraw
from complaints.services.rulings import ruling_decide, ruling_reverse
from notices.models import Notice
from payroll.services.appeals import charge_appeal
from penalties.models import MoneyEntry
from people.models import Account, FactChange, Staff
from tests.complaints.losses import DECIDED, Ground, decided, ground, proposed, refused, standing
from tests.payroll.months import NOVEMBER, OCTOBER, approved, moment, settled

D = Decimal
State = Appeal.State
IN_TIME = moment("2026-10-15 23:59")


@pytest.fixture
def here(db: None) -> Ground:
    return ground()


@pytest.fixture
def ruling(here: Ground) -> Ruling:
    return decided(here)


def charge_of(ruling: Ruling, name: str = "甲") -> Charge:
    return ruling.charges.get(staff__name=name)


def owner(here: Ground, name: str = "甲") -> Account:
    account = here.account("agent", here.staff[name])
    here.staff[name].refresh_from_db()
    return account


def raised(ruling: Ruling, by: Account | None = None, *, at: Any = IN_TIME) -> Appeal:
    return appeal_raise(charge=charge_of(ruling), reason="当天不在班", by=by, at=at)


def decide(
    appeal: Appeal, state: str = State.APPROVED, by: Account | None = None, answer: str = ""
) -> Appeal:
    return appeal_decide(appeal=appeal, state=state, answer=answer, by=by, at=IN_TIME)


def test_an_appeal_on_the_last_day_waits_and_moves_no_money(here: Ground, ruling: Ruling) -> None:
    manager, by = here.account("manager"), owner(here)
    appeal = raised(ruling, by)
    assert (appeal.state, appeal.staff, appeal.asked_by) == (State.ASKED, here.staff["甲"], by)
    assert standing()["甲"] == D("-500.00")
    assert FactChange.objects.filter(source=FactChange.Source.CASE, at=IN_TIME, month=OCTOBER).exists()
    (told,) = Notice.objects.filter(account=manager)
    assert told.kind == "case" and told.url == f"/cases/{ruling.case_id}/"


def test_an_appeal_that_is_granted_takes_the_charge_back(here: Ground, ruling: Ruling) -> None:
    by = owner(here)
    appeal = decide(raised(ruling, by), by=here.account("gm"))
    assert appeal.state == State.APPROVED
    assert standing() == {"甲": D(0), "乙": D("-333.33"), "丙": D("-166.67")}
    assert Notice.objects.get(account=by).text == "您的申诉已批准"
    assert decide(appeal).state == State.APPROVED  # again changes nothing
    assert MoneyEntry.objects.count() == 4


def test_an_appeal_that_is_refused_leaves_the_charge(here: Ground, ruling: Ruling) -> None:
    appeal = raised(ruling)
    assert refused(AppealRefused, lambda: decide(appeal, State.REFUSED)).field == "answer"
    decide(appeal, State.REFUSED, answer="班表上有你")
    assert standing()["甲"] == D("-500.00") and MoneyEntry.objects.count() == 3
    assert "不能再决定" in str(refused(AppealRefused, lambda: decide(appeal)))


def test_after_its_time_nobody_appeals(here: Ground, ruling: Ruling) -> None:
    refusal = refused(AppealRefused, lambda: raised(ruling, at=moment("2026-10-16 00:00")))
    assert "申诉期限到2026-10-15为止，已经过了；" in str(refusal) and refusal.field == "charge"


def test_nobody_appeals_twice_or_for_somebody_else(here: Ground, ruling: Ruling) -> None:
    other = owner(here, "乙")
    assert "只能对本人" in str(refused(AppealRefused, lambda: raised(ruling, other)))
    appeal = raised(ruling)
    assert "已经申诉过（待审批）" in str(refused(AppealRefused, lambda: raised(ruling)))
    decide(appeal, State.REFUSED, answer="不")
    assert "已经申诉过（未批准）" in str(refused(AppealRefused, lambda: raised(ruling)))
    with pytest.raises(IntegrityError, match="appeal_once"), transaction.atomic():
        Appeal.objects.create(staff=appeal.staff, charge=appeal.charge, reason="再", asked_at=IN_TIME)


def test_an_appeal_needs_a_reason_that_fits(here: Ground, ruling: Ruling) -> None:
    for reason in (" ", "长" * 201):
        refusal = refused(
            AppealRefused,
            lambda reason=reason: appeal_raise(charge=charge_of(ruling), reason=reason, by=None, at=IN_TIME),
        )
        assert refusal.field == "reason"


def test_one_that_was_withdrawn_may_be_raised_again_in_time(here: Ground, ruling: Ruling) -> None:
    by, other = owner(here), owner(here, "乙")
    appeal = raised(ruling, by)
    assert refused(AppealRefused, lambda: appeal_withdraw(appeal=appeal, by=other, at=IN_TIME))
    later = moment("2026-10-15 23:59:30")
    appeal_withdraw(appeal=appeal, by=by, at=later)
    assert FactChange.objects.filter(source=FactChange.Source.CASE, at=later).exists()
    assert raised(ruling, by).state == State.ASKED


def test_who_decided_the_ruling_or_recorded_the_case_does_not_decide_the_appeal(here: Ground) -> None:
    recorder, decider, third = (here.account("manager") for _ in range(3))
    ruling = proposed(here, case=here.case(recorded_by=recorder))
    appeal = raised(ruling_decide(ruling=ruling, accept=True, by=decider, at=DECIDED))
    for by in (recorder, decider):
        refusal = refused(AppealRefused, lambda by=by: decide(appeal, by=by))
        assert str(refusal).startswith("作出裁定或登记案件的人不能决定申诉；")
    assert decide(appeal, by=third).decided_by == third


def test_who_may_not_does_not_decide_nor_the_person_concerned(here: Ground, ruling: Ruling) -> None:
    appeal = raised(ruling)
    own = here.account("manager")
    Staff.objects.filter(pk=here.staff["甲"].pk).update(account=own)
    stranger = ground().account("manager")
    for by in (here.account("supervisor"), here.account("hr"), stranger, own):
        refusal = refused(AppealRefused, lambda by=by: decide(appeal, by=by))
        assert "您不能决定此人的申诉" in str(refusal) and refusal.field == "by"


def test_a_reversed_ruling_leaves_nothing_to_appeal(here: Ground, ruling: Ruling) -> None:
    appeal = raised(ruling)
    ruling_reverse(ruling=ruling, reason="改判", by=None, at=IN_TIME)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer) == (State.APPROVED, "裁定已撤销")
    assert standing() == {"甲": D(0), "乙": D(0), "丙": D(0)}
    assert "裁定已撤销" in str(
        refused(
            AppealRefused,
            lambda: appeal_raise(charge=charge_of(ruling, "乙"), reason="错", by=None, at=IN_TIME),
        )
    )


def test_a_granted_appeal_is_not_taken_back_twice_by_a_reversal(here: Ground, ruling: Ruling) -> None:
    decide(raised(ruling))
    ruling_reverse(ruling=ruling, reason="改判", by=None, at=IN_TIME)
    assert standing() == {"甲": D(0), "乙": D(0), "丙": D(0)}
    assert MoneyEntry.objects.count() == 6


def test_a_charge_in_an_approved_month_is_not_appealed(here: Ground) -> None:
    late = moment("2026-10-31 10:00")
    ruling = decided(here, at=late)
    settled(here.department, OCTOBER)
    before_approval = charge_appeal(charge=charge_of(ruling, "乙"), reason="错", by=None, at=late)
    assert before_approval.state == State.ASKED
    approved(here.department, OCTOBER)

    def act() -> Any:
        return charge_appeal(charge=charge_of(ruling), reason="错", by=None, at=moment("2026-11-02 10:00"))

    refusal = refused(AppealRefused, act)
    assert "这一笔已在批准的工资里；" in str(refusal)


def test_a_charge_decided_after_its_month_was_approved_is_appealed_until_the_next(here: Ground) -> None:
    approved(here.department, OCTOBER)
    ruling = decided(here, at=moment("2026-11-20 10:00"))
    charge_appeal(charge=charge_of(ruling, "乙"), reason="错", by=None, at=moment("2026-11-21 10:00"))
    approved(here.department, NOVEMBER)
    assert "已在批准的工资里" in str(
        refused(
            AppealRefused,
            lambda: charge_appeal(
                charge=charge_of(ruling), reason="错", by=None, at=moment("2026-11-22 10:00")
            ),
        )
    )
