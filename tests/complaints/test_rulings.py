"""What a case cost and who bears it: two people, whole shares, members of the day of closing."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from complaints.errors import RulingRefused
from complaints.models import Case, CaseEvent, CasePart, Loss, ResponsibleParty, Ruling
from complaints.services.rulings import (
    Party,
    loss_record,
    ruling_decide,
    ruling_propose,
    ruling_reverse,
)
from notices.models import Notice
from penalties.models import MoneyEntry, SourceKind
from people.models import FactChange, Staff
from people.services import staff_leave, staff_terms_change
from tests import factories
from tests.complaints.losses import (
    CLOSED,
    DECIDED,
    SHARE,
    Ground,
    charged,
    decided,
    ground,
    proposed,
    refused,
    share,
    standing,
    together,
)
from tests.payroll import months
from tests.payroll.months import moment

D = Decimal
State = Ruling.State


@pytest.fixture
def here(db: None) -> Ground:
    return ground()


def decide(ruling: Ruling, by: Any = None, *, accept: bool = True, answer: str = "") -> Ruling:
    return ruling_decide(ruling=ruling, accept=accept, answer=answer, by=by, at=DECIDED)


def test_a_decided_ruling_charges_everybody_by_base_points(here: Ground) -> None:
    ruling = decided(here)
    assert ruling.state == State.DECIDED and ruling.charged_on == date(2026, 10, 10)
    assert charged(ruling) == {"甲": D("500.00"), "乙": D("333.33"), "丙": D("166.67")}
    assert standing() == {"甲": D("-500.00"), "乙": D("-333.33"), "丙": D("-166.67")}
    entries = MoneyEntry.objects.filter(source_kind=SourceKind.CASE_SHARE)
    assert {each.work_date for each in entries} == {date(2026, 10, 10)}
    assert {each.source_id for each in entries} == set(ruling.charges.values_list("pk", flat=True))
    assert {each.appeal_until for each in ruling.charges.all()} == {date(2026, 10, 15)}
    change = FactChange.objects.get(source=FactChange.Source.CASE)
    assert (change.month, change.at) == (date(2026, 10, 1), DECIDED)


def test_nothing_is_charged_by_a_proposal(here: Ground) -> None:
    ruling = proposed(here)
    assert (ruling.amount, ruling.provision.code) == (D("1000.00"), "x-loss")
    assert not MoneyEntry.objects.exists() and not ruling.charges.exists()
    assert not FactChange.objects.filter(source=FactChange.Source.CASE).exists()


def test_the_rest_of_a_division_goes_to_the_last_where_the_provision_says_so(db: None) -> None:
    here = ground(share(remainder="last"))
    ruling = decided(here, together(here, "丙", "甲", "乙"))
    assert charged(ruling) == {"丙": D("166.66"), "甲": D("500.00"), "乙": D("333.34")}


def test_a_loss_charged_on_approval_counts_from_the_day_of_the_decision(db: None) -> None:
    here = ground(share(charged="approval"))
    ruling = decided(here, at=moment("2026-11-02 23:59"))
    assert ruling.charged_on == date(2026, 11, 2)
    assert FactChange.objects.get(source=FactChange.Source.CASE).month == date(2026, 11, 1)


def test_a_team_bears_by_its_members_and_points_of_the_day_of_closing(here: Ground) -> None:
    staff_terms_change(
        staff=here.staff["乙"], on=date(2026, 10, 11), team=factories.team(here.department, "售前"),
        by=None, at=DECIDED,
    )  # fmt: skip
    staff_leave(staff=here.staff["丙"], last_day=date(2026, 10, 9), by=None, at=DECIDED)
    ruling = decided(here, Party(D(100), team=factories.team(here.department, "售后")))
    assert charged(ruling) == {"甲": D("600.00"), "乙": D("400.00")}
    assert set(ruling.parties.get().members.values_list("staff__name", flat=True)) == {"甲", "乙"}


def test_the_department_bears_by_everybody_with_points(here: Ground) -> None:
    months.agent(here.department, "1004", name="丁")
    ruling = decided(here, Party(D(100), department=True))
    assert charged(ruling) == {"甲": D("500.00"), "乙": D("333.33"), "丙": D("166.67"), "丁": D(0)}
    assert set(standing()) == {"甲", "乙", "丙"}


def test_persons_and_a_team_bear_their_percents(here: Ground) -> None:
    team = Party(D("40"), team=factories.team(here.department, "售后"))
    ruling = decided(here, together(here, "甲", percent=D("60")), team)
    assert charged(ruling) == {"甲": D("800.00"), "乙": D("133.33"), "丙": D("66.67")}


def test_a_part_of_the_loss_may_be_shared(here: Ground) -> None:
    case = here.case()
    for amount in ("600.00", "400.00"):
        loss_record(case=case, amount=D(amount), basis="退货", by=None, at=DECIDED)
    parties = [together(here, "甲")]
    ruling = ruling_propose(
        case=case, parties=parties, reason="漏发", amount=D("250.00"), by=None, at=DECIDED
    )
    assert charged(decide(ruling)) == {"甲": D("250.00")}


def test_the_rules_are_those_of_the_day_of_receipt(here: Ground) -> None:
    months.publish(here.department, {**SHARE, "code": "x-new"}, on=date(2026, 10, 4))
    assert proposed(here).provision.code == "x-loss"
    late = factories.case(here.department, CLOSED, received_at=moment("2026-10-05 09:00"))
    assert proposed(here, case=late).provision.code == "x-new"


def test_a_ruling_that_is_not_accepted_makes_room_for_another(here: Ground) -> None:
    first = proposed(here)
    refusal = refused(RulingRefused, lambda: decide(first, accept=False, answer=" "))
    assert refusal.field == "answer"
    decide(first, accept=False, answer="归责不准")
    second = ruling_propose(
        case=first.case, parties=[together(here, "甲")], reason="再查", by=None, at=DECIDED
    )
    assert charged(decide(second)) == {"甲": D("1000.00")}


@pytest.mark.parametrize("percent", ["49.99", "50.01"])
def test_shares_that_are_not_100_percent_are_refused(here: Ground, percent: str) -> None:
    case = here.case()
    loss_record(case=case, amount=D("100.00"), basis="退货", by=None, at=DECIDED)
    parties = [together(here, "甲", percent=D("50")), together(here, "乙", percent=D(percent))]
    refusal = refused(
        RulingRefused,
        lambda: ruling_propose(case=case, parties=parties, reason="错", by=None, at=DECIDED),
    )
    assert f"合计为{D(50) + D(percent)}%" in str(refusal) and "100%" in str(refusal)
    assert refusal.field == "percent"


def test_the_database_itself_wants_100_percent(here: Ground) -> None:
    ruling = proposed(here)
    with pytest.raises(IntegrityError, match="100%"), transaction.atomic():
        ResponsibleParty.objects.create(ruling=ruling, percent=D("0.01"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("amount", ["0", "-5.00", "0.001", "NaN", "Infinity", "10000000000"])
def test_a_loss_that_is_no_amount_is_refused(here: Ground, amount: str) -> None:
    case = here.case()
    refusal = refused(
        RulingRefused, lambda: loss_record(case=case, amount=D(amount), basis="退货", by=None, at=DECIDED)
    )
    assert refusal.field == "amount"


def test_a_loss_needs_a_basis_and_is_above_zero_in_the_database_too(here: Ground) -> None:
    case = here.case()
    refusal = refused(
        RulingRefused, lambda: loss_record(case=case, amount=D("5.00"), basis=" ", by=None, at=DECIDED)
    )
    assert refusal.field == "basis"
    for wrong in ({"amount": D(0), "basis": "退货"}, {"amount": D(1), "basis": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Loss.objects.create(case=case, at=DECIDED, **wrong)


def test_losses_are_closed_while_a_ruling_stands(here: Ground) -> None:
    ruling = proposed(here)

    def record() -> Any:
        return loss_record(case=ruling.case, amount=D("5.00"), basis="补", by=None, at=DECIDED)

    assert "待裁定" in str(refused(RulingRefused, record))
    decide(ruling)
    assert "已裁定" in str(refused(RulingRefused, record))
    ruling_reverse(ruling=ruling, reason="漏记", by=None, at=DECIDED)
    assert record().amount == D("5.00")


@pytest.mark.parametrize(("state", "closed"), [("declined", CLOSED), ("merged", None)])
def test_a_case_that_was_declined_or_merged_costs_nothing(here: Ground, state: str, closed: Any) -> None:
    other = here.case()
    case = factories.case(
        here.department, closed, state=state, merged_into=other if state == "merged" else None
    )
    refused(
        RulingRefused, lambda: loss_record(case=case, amount=D("5.00"), basis="退货", by=None, at=DECIDED)
    )
    refused(
        RulingRefused,
        lambda: ruling_propose(case=case, parties=[together(here, "甲")], reason="错", by=None, at=DECIDED),
    )


def wrong_parties(here: Ground) -> dict[str, list[Party]]:
    other = ground()
    elsewhere = other.staff["甲"]
    jia = here.staff["甲"]
    team = factories.team(here.department, "售后")
    return {
        "没有写责任方": [],
        "只能是个人、小组、部门中的一种": [Party(D(100), staff=(jia,), team=team)],
        "比例0%": [Party(D(0), staff=(jia,)), Party(D(100), team=team)],
        "过细": [Party(D("33.33333"), staff=(jia,)), Party(D("66.66667"), team=team)],
        "不属于": [Party(D(100), staff=(elsewhere,))],
        "写了两次": [Party(D(50), staff=(jia,)), Party(D(50), staff=(jia,))],
    }


@pytest.mark.parametrize(
    "said", ["没有写责任方", "只能是个人、小组、部门中的一种", "比例0%", "过细", "不属于", "写了两次"]
)
def test_parties_that_cannot_be_are_refused(here: Ground, said: str) -> None:
    case = here.case()
    loss_record(case=case, amount=D("100.00"), basis="退货", by=None, at=DECIDED)
    parties = wrong_parties(here)[said]
    refusal = refused(
        RulingRefused,
        lambda: ruling_propose(case=case, parties=parties, reason="错", by=None, at=DECIDED),
    )
    assert said in str(refusal) and refusal.field in ("parties", "percent")


def test_a_proposal_needs_a_loss_a_reason_and_one_provision(here: Ground) -> None:
    case = here.case()

    def propose(**given: Any) -> Any:
        given = {"reason": "错", **given}
        return ruling_propose(case=case, parties=[together(here, "甲")], by=None, at=DECIDED, **given)

    assert "还没有登记损失" in str(refused(RulingRefused, propose))
    loss_record(case=case, amount=D("100.00"), basis="退货", by=None, at=DECIDED)
    assert refused(RulingRefused, lambda: propose(reason="")).field == "reason"
    assert refused(RulingRefused, lambda: propose(amount=D("100.01"))).field == "amount"
    assert refused(RulingRefused, lambda: propose(amount=D("0"))).field == "amount"
    assert refused(RulingRefused, lambda: propose(provision_code="x-none")).field == "provision_code"
    propose()
    assert "已有归责" in str(refused(RulingRefused, propose))


def test_without_a_provision_or_with_several_nobody_guesses(db: None) -> None:
    none = ground(months.FINE)
    assert "没有损失分担条款" in str(_no_rule(none))
    several = ground(SHARE, {**SHARE, "code": "x-other"})
    assert "x-loss、x-other" in str(_no_rule(several))


def _no_rule(here: Ground) -> Any:
    case = here.case()
    loss_record(case=case, amount=D("1.00"), basis="退货", by=None, at=DECIDED)
    return refused(
        RulingRefused,
        lambda: ruling_propose(case=case, parties=[together(here, "甲")], reason="错", by=None, at=DECIDED),
    )


def _refused_at_both(here: Ground, *parties: Party, is_upheld: bool = True) -> Any:
    """What nobody could decide: refused to who proposes it for a closed case, else at the decision."""
    case = here.case(None)
    ruling = proposed(here, *parties, case=case)
    closed = {"state": Case.State.CLOSED, "closed_at": CLOSED, "is_upheld": is_upheld}
    Case.objects.filter(pk=case.pk).update(**closed)
    refusal = refused(RulingRefused, lambda: decide(ruling))
    other = here.case(is_upheld=is_upheld)
    loss_record(case=other, amount=D("1.00"), basis="退货", by=None, at=DECIDED)
    at_once = refused(
        RulingRefused,
        lambda: ruling_propose(case=other, parties=parties, reason="错", by=None, at=DECIDED),
    )
    assert (str(at_once), at_once.field) == (str(refusal), refusal.field)
    return refusal


def test_several_named_persons_need_base_points(here: Ground) -> None:
    here.staff["丁"] = months.agent(here.department, "1004", name="丁")
    refusal = _refused_at_both(here, together(here, "甲", "丁"))
    assert "丁在结案日2026-10-10没有基点" in str(refusal) and refusal.field == "parties"
    assert charged(decided(here, together(here, "丁"))) == {"丁": D("1000.00")}


def test_a_team_in_which_nobody_has_points_cannot_share(here: Ground) -> None:
    new = factories.team(here.department, "新组")
    for number in ("1005", "1006"):
        months.agent(here.department, number, team=new)
    assert "没有基点" in str(_refused_at_both(here, Party(D(100), team=new)))


def test_a_team_without_members_on_the_day_of_closing_is_refused(here: Ground) -> None:
    empty = factories.team(here.department, "空组")
    refusal = _refused_at_both(here, together(here, "甲", percent=D(60)), Party(D(40), team=empty))
    assert "小组“空组”在结案日2026-10-10没有成员" in str(refusal)


def test_a_case_that_is_open_or_unfounded_is_not_decided(here: Ground) -> None:
    ruling = proposed(here, case=here.case(None))
    refusal = refused(RulingRefused, lambda: decide(ruling))
    assert "处理中，还不能裁定；请先结案" in str(refusal) and refusal.field == "case"
    assert "不成立" in str(_refused_at_both(here, together(here, "甲"), is_upheld=False))


def test_who_recorded_or_proposed_does_not_decide(here: Ground) -> None:
    recorder, proposer, decider = (here.account("manager") for _ in range(3))
    ruling = proposed(here, case=here.case(recorded_by=recorder), by=proposer)
    for by in (recorder, proposer):
        refusal = refused(RulingRefused, lambda by=by: decide(ruling, by))
        assert str(refusal) == "登记或提出的人不能裁定；请由别人裁定"
        with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
            Ruling.objects.filter(pk=ruling.pk).update(decided_by=by)
    assert decide(ruling, decider).decided_by == decider


def test_who_investigated_the_case_or_bears_the_loss_does_not_decide(here: Ground) -> None:
    ruling = proposed(here)
    investigator = here.account("manager")
    CasePart.objects.create(case=ruling.case, part="investigator", account=investigator, at=DECIDED)
    assert "登记或调查" in str(refused(RulingRefused, lambda: decide(ruling, investigator)))
    own = here.account("manager")
    Staff.objects.filter(pk=here.staff["甲"].pk).update(account=own)
    assert "由自己承担" in str(refused(RulingRefused, lambda: decide(ruling, own)))


def test_permissions_to_record_propose_and_decide(here: Ground) -> None:
    case = here.case()
    agent = here.account("agent", here.staff["甲"])
    lead, supervisor = here.account("lead", here.staff["乙"]), here.account("supervisor")

    def record(by: Any) -> Any:
        return loss_record(case=case, amount=D("10.00"), basis="退货", by=by, at=DECIDED)

    def propose(by: Any) -> Any:
        return ruling_propose(case=case, parties=[together(here, "甲")], reason="错", by=by, at=DECIDED)

    assert refused(RulingRefused, lambda: record(lead)).field == "by"
    type(case).objects.filter(pk=case.pk).update(holder=here.staff["甲"])
    record(agent)
    for by in (agent, lead):
        assert refused(RulingRefused, lambda by=by: propose(by)).field == "by"
    ruling = propose(supervisor)
    stranger = ground().account("manager")
    for by in (agent, here.account("hr"), stranger):
        assert "您不能裁定" in str(refused(RulingRefused, lambda by=by: decide(ruling, by)))
    decide(ruling, here.account("gm"))
    refusal = refused(
        RulingRefused, lambda: ruling_reverse(ruling=ruling, reason="错", by=supervisor, at=DECIDED)
    )
    assert refusal.field == "by"


def test_those_concerned_are_told(here: Ground) -> None:
    proposer, manager = here.account("supervisor"), here.account("manager")
    agent = here.account("agent", here.staff["甲"])
    ruling = proposed(here, by=proposer)
    (waits,) = Notice.objects.filter(account=manager)
    assert (waits.kind, waits.url) == ("case", f"/cases/{ruling.case_id}/")
    decide(ruling, manager)
    (told,) = Notice.objects.filter(account=agent)
    assert (told.kind, told.url) == ("charge", "/me/charges/") and "500.00元" in told.text
    assert Notice.objects.filter(account=proposer, kind="case").count() == 1


def test_a_reversal_takes_back_what_stands_and_says_why(here: Ground) -> None:
    manager = here.account("manager")
    ruling = decided(here)
    refusal = refused(
        RulingRefused, lambda: ruling_reverse(ruling=ruling, reason=" ", by=manager, at=DECIDED)
    )
    assert refusal.field == "reason"
    before = list(MoneyEntry.objects.order_by("pk").values())
    ruling_reverse(ruling=ruling, reason="另有责任人", by=manager, at=moment("2026-11-05 09:00"))
    assert standing() == {"甲": D(0), "乙": D(0), "丙": D(0)}
    assert list(MoneyEntry.objects.order_by("pk").values())[:3] == before
    back = MoneyEntry.objects.filter(reverses__isnull=False)
    assert {(each.work_date, each.by) for each in back} == {(date(2026, 10, 10), manager)}
    event = CaseEvent.objects.get(case=ruling.case)
    assert (event.note, event.by) == ("责任裁定已撤销：另有责任人", manager)
    assert FactChange.objects.filter(month=date(2026, 10, 1), at=moment("2026-11-05 09:00")).exists()
    refused(RulingRefused, lambda: ruling_reverse(ruling=ruling, reason="再", by=manager, at=DECIDED))
    second = ruling_propose(
        case=ruling.case, parties=[together(here, "乙")], reason="改判", by=None, at=DECIDED
    )
    decide(second)
    assert standing() == {"甲": D(0), "乙": D("-1000.00"), "丙": D(0)}


def test_a_ruling_is_not_decided_twice(here: Ground) -> None:
    ruling = proposed(here)
    decide(ruling)
    assert "已裁定" in str(refused(RulingRefused, lambda: decide(ruling, accept=False, answer="不")))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told_that_it_is_decided() -> None:
    here = ground()
    ruling = proposed(here)
    both_ready = threading.Barrier(2)
    outcomes: list[str] = []

    def act(accept: bool) -> None:
        try:
            both_ready.wait(timeout=10)
            decide(ruling, accept=accept, answer="看过")
            outcomes.append("decided")
        except RulingRefused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[accept]) for accept in (True, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["decided", "这一归责已裁定，不能再裁定；刷新页面看最新的结果"]
    assert standing() == {"甲": D("-500.00"), "乙": D("-333.33"), "丙": D("-166.67")}
