"""The board of a department, a person's page, and certifying a criterion."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import yaml
from django.test import Client
from django.utils import timezone

from appraisals.services import grade_record
from commissions.models import Metric
from penalties.models import OpeningBalance
from people.models import Account, Department, Staff
from people.services import staff_terms_change, staff_transfer
from promotions.board import board_of
from promotions.errors import AttestationRefused
from promotions.facts import facts_of
from promotions.ladder import rungs_of
from promotions.models import Attestation
from promotions.selectors.rounds import evidence_of
from promotions.services import attestation_record
from rules.library import RulebookError
from rules.services import rulebook_adopt, rulebooks_load, version_publish
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

SINCE = date(2020, 1, 1)
OCTOBER_END = date(2026, 10, 31)
UP = {
    "code": "x-up",
    "title": "升中级",
    "kind": "promotion",
    "params": {
        "from": "junior",
        "to": "intermediate",
        "all_of": [
            {"average_rank": {"metric": "appraisal_score", "top": 2, "months": 2}},
            {"attested": "独立接待"},
            {"attested": "带过新人"},
        ],
    },
}
DOWN = {
    "code": "x-down",
    "title": "降初级",
    "kind": "demotion",
    "params": {
        "from": "intermediate",
        "to": "junior",
        "any_of": [
            {"grades": {"grade": "B", "count": 2, "consecutive": True}},
            {"grades": {"grade": "C", "or_worse": True}},
        ],
    },
}
TABLE = {
    "code": "x-pay",
    "title": "级别薪资",
    "kind": "base_pay",
    "params": {"table": {"junior": "2200.00", "intermediate": "2500.00"}},
}


@pytest.fixture(autouse=True)
def in_november(monkeypatch):
    """The whole clock, not only its date: services are given the moment."""
    noon = datetime(2026, 11, 5, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)


@pytest.fixture
def department() -> Department:
    department = factories.department("D1")
    publish(department, UP, DOWN, TABLE)
    return department


def publish(department: Department, *provisions: dict) -> None:
    version_publish(
        department=department, effective_on=SINCE, rulebooks=[], provisions=provisions, by=None, at=WHEN
    )


@pytest.fixture
def people(department) -> list[Staff]:
    """1001 to 1003 junior with 90, 80, 70 in September and October; 1004 intermediate with B, B."""
    team = factories.team(department)
    rows = [factories.staff(department, f"{1001 + n}", tier="junior", team=team) for n in range(3)]
    rows.append(factories.staff(department, "1004", tier="intermediate"))
    for staff, value in zip(rows, (90, 80, 70), strict=False):
        scored(staff, value)
    for quarter in (date(2026, 4, 1), date(2026, 7, 1)):
        grade_record(staff=rows[3], quarter=quarter, grade="B", by=None, at=WHEN)
    return rows


def scored(staff: Staff, value: int) -> None:
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        Metric.objects.create(
            **{"department": staff.department, "staff": staff, "month": month, "code": "appraisal_score"},
            **{"value": value, "as_of": month, "source": "test", "at": WHEN},
        )


@pytest.fixture
def manager(department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def browser(manager) -> Client:
    return browser_of(manager)


def browser_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def attest(staff: Staff, item: str = "", **more: object) -> Attestation:
    given = {"code": "x-up", "answer": True, "note": "见过", "on": date(2026, 10, 10), "by": None, "at": WHEN}
    return attestation_record(staff=staff, item=item, **{**given, **more})


def sent(**more: str) -> dict[str, str]:
    return {"what": "x-up\t独立接待", "answer": "yes", "on": "2026-11-04", "note": "旁听两次", **more}


def test_the_board_says_who_is_ready_close_and_at_risk(people, manager, browser):
    attest(people[0])
    attest(people[1], "独立接待", on=date(2026, 10, 12))
    rows = board_of(manager, people[0].department, OCTOBER_END)
    assert [row.states for row in rows] == [{"ready"}, {"close"}, set(), {"risk"}]
    page = browser.get("/ladder/").content.decode()
    assert "截至 2026-10-31" in page
    assert [number in page for number in ("1001", "1002", "1003", "1004")] == [True] * 4
    for state, number in (("ready", "1001"), ("close", "1002"), ("risk", "1004")):
        shown = browser.get("/ladder/", {"state": state})
        assert [str(staff.number) for staff, _ in shown.context["rows"]] == [number]
    shown = browser.get("/ladder/", {"sort": "risk"}).context["rows"]
    assert shown[0][0].number == "1004"
    shown = browser.get("/ladder/", {"sort": "lacking", "q": "100"}).context["rows"]
    assert [staff.number for staff, _ in shown] == ["1001", "1002", "1003", "1004"]
    book = openpyxl.load_workbook(
        BytesIO(b"".join(browser.get("/ladder/export?state=risk").streaming_content))
    )
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "1004" in cells and "1001" not in cells
    assert any("季度等级连续2次为B" in str(cell) for cell in cells)


def test_queries_do_not_grow_with_people(department, people, manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        _, few = facts_of(department, OCTOBER_END)
    for n in range(20):
        scored(factories.staff(department, f"{2000 + n}", tier="junior"), 60)
    with django_assert_max_num_queries(12):
        _, many = facts_of(department, OCTOBER_END)
    assert len(many) == len(few) + 20


def test_pages_ask_a_fixed_number_of_queries(people, browser, django_assert_max_num_queries):
    for path, most in (("/ladder/", 18), (f"/ladder/{people[0].pk}/", 16), ("/ladder/export", 16)):
        with django_assert_max_num_queries(most):
            assert browser.get(path).status_code == 200


def test_a_persons_page_gives_each_criterion_its_evidence_and_what_the_next_level_pays(people, browser):
    page = browser.get(f"/ladder/{people[1].pk}/").content.decode()
    assert "2026-09至2026-10月均考核得分80，第2名（3人有名次）" in page
    assert page.count("还没有人认定") == 2 and "缺资料" in page
    assert "现 2,200.00 元" in page and "中级客服 2,500.00 元" in page
    third = browser.get(f"/ladder/{people[2].pk}/").content.decode()
    assert "第3名" in third and "最早 2026-11-30" in third
    down = browser.get(f"/ladder/{people[3].pk}/").content.decode()
    assert "2026年第2季度 B，2026年第3季度 B" in down and "条件成立" in down


def test_the_page_of_another_month_shows_how_it_stood_then(people, browser):
    page = browser.get(f"/ladder/{people[1].pk}/", {"month": "2026-08"}).content.decode()
    assert "截至 2026-08-31" in page and "没有人导入过考核得分" in page


def test_everybody_sees_the_own_ladder_and_nobody_elses(people):
    own = factories.account("agent", staff=people[0])
    client = browser_of(own)
    page = client.get("/me/ladder/").content.decode()
    assert "第1名" in page and "登记认定" not in page
    assert client.get(f"/ladder/{people[1].pk}/").status_code == 404
    assert [staff.number for staff, _ in client.get("/ladder/").context["rows"]] == ["1001"]
    other = factories.account("manager", factories.department("D2"))
    assert browser_of(other).get(f"/ladder/{people[0].pk}/").status_code == 404


def test_a_lead_sees_and_certifies_the_own_team(people, department):
    lead = factories.staff(department, "1009", role="lead", team=factories.team(department))
    client = browser_of(factories.account("lead", staff=lead))
    assert {staff.number for staff, _ in client.get("/ladder/").context["rows"]} == {
        "1001",
        "1002",
        "1003",
        "1009",
    }
    assert client.post(f"/ladder/{people[0].pk}/attest", sent()).status_code == 302
    assert client.post(f"/ladder/{people[3].pk}/attest", sent()).status_code == 404
    assert Attestation.objects.get().staff == people[0]


def test_what_is_certified_is_sent_as_the_page_has_it_and_shown_in_its_month(people, browser):
    person = people[0]
    form = browser.get(f"/ladder/{person.pk}/").context["form"]
    values = [value for value, _ in form.fields["what"].choices]
    assert len(values) == 2 and not any(set(value) & {"\r", "\n"} for value in values)  # sent otherwise
    said = browser.post(f"/ladder/{person.pk}/attest?month=2026-10", sent(what=values[1]), follow=True)
    assert "截至 2026-11-05" in said.content.decode() and "旁听两次" in said.content.decode()
    empty = browser.post(f"/ladder/{person.pk}/attest?month=2026-09", sent(note="")).content.decode()
    assert "请写依据" in empty and "截至 2026-09-30" in empty
    assert Attestation.objects.get().item == "带过新人"


def test_certifying_twice_says_it_once_and_the_newest_counts(people, browser, department):
    for _ in range(2):
        assert browser.post(f"/ladder/{people[0].pk}/attest", sent()).status_code == 302
    assert Attestation.objects.count() == 1
    browser.post(f"/ladder/{people[0].pk}/attest", sent(answer="no", note="不行"))
    page = browser.get(f"/ladder/{people[0].pk}/", {"month": "2026-11"}).content.decode()
    assert "认定不符合：不行" in page and "旁听两次" not in page
    lacking = browser.post(f"/ladder/{people[0].pk}/attest", sent(note=" "))
    assert "请写依据" in lacking.content.decode()
    late = browser.post(f"/ladder/{people[0].pk}/attest", sent(on="2026-12-01"))
    assert "还没有到" in late.content.decode()
    assert Attestation.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "x-down"}, "没有要认定的条件"),
        ({"code": "x-none"}, "没有要认定的条件"),
        ({"item": "唱歌"}, "没有“唱歌”这一项"),
        ({"note": "  "}, "须写依据"),
        ({"on": date(2019, 12, 31)}, "不在职"),
    ],
)
def test_a_word_that_cannot_be_given_is_refused(people, given, said):
    with pytest.raises(AttestationRefused, match=said):
        attest(people[0], **given)
    assert not Attestation.objects.exists()


def test_nobody_certifies_the_own_person(people, department):
    staff = factories.staff(department, "1010", tier="junior")
    account = factories.account("manager", department, staff=staff)
    with pytest.raises(AttestationRefused, match="不能认定自己"):
        attest(staff, by=account)
    agent = factories.account("agent", staff=people[1])
    with pytest.raises(AttestationRefused, match="不能认定此人"):
        attest(people[0], by=agent)
    assert not Attestation.objects.exists()


def test_what_was_before_a_transfer_counts_but_for_places(people, department):
    there = factories.department("D3")
    publish(there, UP, DOWN)
    attest(people[0])
    moved = staff_transfer(staff=people[0], to=there, on=date(2026, 10, 16), by=None, at=WHEN)
    old = staff_transfer(staff=people[3], to=there, on=date(2026, 10, 16), by=None, at=WHEN)
    rules, facts = facts_of(there, OCTOBER_END)
    [up] = rungs_of(facts[moved.pk], rules)
    assert up.since == SINCE
    rank, *words = up.parts[0].answers
    assert [each.verdict for each in words] == ["met", "met"]
    # The scores came along; in September the places were of the other department.
    assert rank.evidence == "2026-09至2026-10月均考核得分90，第1名（1人有名次）"
    [down] = rungs_of(facts[old.pk], rules)
    assert down.verdict == "met"


def test_the_tier_counts_from_the_first_of_its_terms(people, department):
    staff_terms_change(staff=people[3], on=date(2026, 7, 1), tier="junior", by=None, at=WHEN)
    staff_terms_change(staff=people[3], on=date(2026, 8, 1), tier="intermediate", by=None, at=WHEN)
    staff_terms_change(staff=people[3], on=date(2026, 9, 1), base_pay=Decimal(2600), by=None, at=WHEN)
    _, facts = facts_of(department, OCTOBER_END, only=[people[3].pk])
    assert facts[people[3].pk].since["intermediate"] == date(2026, 8, 1)
    assert list(facts) == [people[3].pk]


def test_an_opening_balance_says_since_when_the_tier_is_held(people, department):
    OpeningBalance.objects.create(
        staff=people[3], kind="tier", code="intermediate", on=date(2026, 7, 1), value=1, at=WHEN
    )
    rules, facts = facts_of(department, OCTOBER_END, only=[people[3].pk])
    assert facts[people[3].pk].since["intermediate"] == date(2026, 7, 1)
    [down] = rungs_of(facts[people[3].pk], rules)
    assert down.verdict == "not_met"  # of the two quarters one was before


def test_ladders_of_two_rulebooks_from_one_level_are_told_at_adoption(department, tmp_path):
    for code in ("b", "c"):
        step = {**UP, "code": f"{code}-1", "clause": "升中级。", "roles": ["agent"]}
        book = {"id": code, "name": f"制度{code}", "trade": "网店", "edition": 1, "provisions": [step]}
        (tmp_path / f"{code}.yaml").write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    rulebooks_load(directories=[tmp_path], at=WHEN)
    other = factories.department("D4")
    given = {"department": other, "effective_on": SINCE, "by": None, "at": WHEN}
    assert rulebook_adopt(rulebook="b", **given).collisions == ()
    [told] = rulebook_adopt(rulebook="c", **given).collisions
    assert told.in_words() == "初级客服的晋升有2种规定：《制度b》（b-1）；《制度c》（c-1）"


def test_a_step_to_another_way_round_is_refused_when_published(department):
    wrong = {**UP, "params": {**UP["params"], "to": "trial"}}
    with pytest.raises(RulebookError, match="x-up：初级客服到试用不是晋升"):
        publish(department, wrong)
    assert department.versions.count() == 1


def test_a_candidate_of_a_review_comes_with_what_the_rules_ask(people) -> None:
    one = people[0]
    found = evidence_of([one], from_tier="junior", to_tier="intermediate", on=OCTOBER_END)[one.pk]
    assert [each["title"] for each in found][1:] == ["经认定：独立接待", "经认定：带过新人"]
    assert {each["verdict"] for each in found} <= {"met", "not_met", "missing"}
    assert evidence_of([one], from_tier="senior", to_tier="intermediate", on=OCTOBER_END)[one.pk] == []
