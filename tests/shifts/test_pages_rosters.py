"""Pages of rosters and patterns: who sees them, what they do, how much they ask of the database."""

import gzip
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from core.periods import first_of, shift_months
from people.services import staff_terms_change
from rules.leave_types import LeaveType
from shifts.models import Leave, PatternHours, Roster, RosterChange, RosterDay, ShiftPattern
from shifts.planning.plan import REST
from shifts.services.rosters import roster_assign, roster_open
from tests import factories
from tests.no_queue import queue_down
from tests.shifts.planned import AT, NOVEMBER, planned, signed_in

pytestmark = pytest.mark.django_db
QUERIES = 16
PATTERN = {
    "name": "中班", "code": "M", "colour": 3, "punches": 2, "minimum_staff": 1,
    "hours-TOTAL_FORMS": 1, "hours-INITIAL_FORMS": 0,
    "hours-0-from_day": "01-01", "hours-0-starts_at": "12:00", "hours-0-ends_at": "21:00",
}  # fmt: skip


@pytest.fixture
def place():
    return planned(3)


@pytest.fixture
def manager(client, place):
    client.force_login(place.manager)
    return client


def url(place, name="roster", *args):
    return reverse(name, args=[place.department.code, "2026-11", *args]) + f"?team={place.team.pk}"


def cell(place, staff, day, was, becomes):
    return f"{staff.pk}:{day}:{was}:{becomes}"


def text(response):
    return response.content.decode()


def test_the_grid_shows_people_days_and_what_is_broken(manager, place):
    place.plan("D" * 8, "D-", "E-")
    page = text(manager.get(url(place)))
    assert page.count("<tr data-staff=") == 3
    assert "101 员工101 11-01至11-08连续上班8天，至多6天（r-rest）" in page
    assert 'role="grid"' in page and "草稿" in page
    assert " style=" not in page


def test_fifty_people_for_a_month_take_few_queries_and_bytes(client, django_assert_max_num_queries):
    place = planned(50)
    RosterDay.objects.bulk_create(
        RosterDay(roster=place.roster, staff=staff, work_date=NOVEMBER + timedelta(days=i))
        for staff in place.people
        for i in range(30)
    )
    client.force_login(place.manager)
    with django_assert_max_num_queries(QUERIES):
        response = client.get(url(place))
    assert text(response).count("<tr data-staff=") == 50
    assert len(gzip.compress(response.content)) < 40_000
    lead = signed_in(factories.staff(place.department, team=place.team, role="lead"), "lead")
    client.force_login(lead)
    with django_assert_max_num_queries(QUERIES):
        assert client.get(url(place)).status_code == 200


def test_hours_that_nobody_attends_and_shifts_in_which_nobody_can_eat(client, django_assert_max_num_queries):
    """The other team's evenings, in a draft, serve the department; its people on leave do not."""
    service = {"service": [{"start": "08:30", "end": "24:00"}]}
    place = planned(
        50,
        [
            {"code": "r-service", "kind": "shift_pattern", "params": service},
            {
                "code": "r-blank",
                "kind": "shift_pattern",
                "params": {"service": [{"start": None, "end": None}]},
            },
            {"code": "r-post", "kind": "rest", "params": {"minimum_on_post": 1}},
        ],
    )
    place.plan("DDDD", *["DDD"] * 49)
    other = factories.team(place.department, "B")
    mates = [factories.staff(place.department, number, team=other) for number in ("901", "902")]
    roster_assign(
        roster=roster_open(department=place.department, team=other, month=NOVEMBER),
        changes=[*place.changes(mates[0], "EE"), *place.changes(mates[1], "D-E")],
        by=None,
        at=AT,
    )
    Leave.objects.create(
        staff=mates[0], starts_on=NOVEMBER + timedelta(days=1), days=Decimal(1), type=LeaveType.SICK
    )
    client.force_login(place.manager)
    with django_assert_max_num_queries(QUERIES):
        page = text(client.get(url(place)))
    assert "11-01 17:30" not in page and "11-03 17:30" not in page
    assert "<li>11-02 17:30至24:00无人值守（应08:30至24:00）（r-service）</li>" in page
    assert '<th scope="col" class="wrong" title="11-02 17:30至24:00无人值守' in page
    assert "<li>11-04白班吃饭时无人留守（至少1人）（r-post）</li>" in page
    assert page.count("（r-post）") == 1
    book = load_workbook(io.BytesIO(b"".join(client.get(url(place, "roster_export")).streaming_content)))
    said = [row[0] for row in book["提示"].values]
    assert "11-02 17:30至24:00无人值守（应08:30至24:00）（r-service）" in said


def test_more_than_fifty_people_come_in_pages(client):
    place = planned(51)
    client.force_login(place.manager)
    assert text(client.get(url(place))).count("<tr data-staff=") == 50
    assert text(client.get(url(place) + "&page=2")).count("<tr data-staff=") == 1


def test_cells_are_saved_and_the_grid_comes_back(manager, place):
    one, other = place.people[:2]
    cells = [cell(place, one, 1, "", place.slot("D")), cell(place, other, 1, "", REST)]
    response = manager.post(url(place, "roster_assign"), {"cell": cells}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert '<section id="roster"' in text(response)
    assert (place.line(one), place.line(other)) == ("D", "-")


def test_what_another_changed_meanwhile_is_told_and_stays(manager, place):
    one = place.people[0]
    place.plan("E")
    response = manager.post(
        url(place, "roster_assign"),
        {"cell": [cell(place, one, 1, "", place.slot("D"))]},
        headers={"HX-Request": "true"},
    )
    assert "别人刚改过" in text(response)
    assert place.line(one) == "E"


@pytest.mark.parametrize("said", ["", "1:2", "1:99:0:0", "x:1:0:0", f"1:1:{'9' * 30}:0"])
def test_cells_that_no_page_sends_are_refused(manager, place, said):
    assert manager.post(url(place, "roster_assign"), {"cell": [said]}).status_code == 404


def test_a_stale_page_publishes_nothing(manager, place):
    place.plan("DD")
    seen = place.roster.version
    place.plan("..D")
    response = manager.post(url(place, "roster_publish"), {"version": seen}, follow=True)
    assert "有人改过" in text(response)
    place.roster.refresh_from_db()
    assert place.roster.state == Roster.State.DRAFT
    response = manager.post(url(place, "roster_publish"), {"version": place.roster.version}, follow=True)
    assert "已公布" in text(response)
    # The button pressed twice.
    response = manager.post(url(place, "roster_publish"), {"version": place.roster.version}, follow=True)
    assert "无须再公布" in text(response)


def test_a_published_roster_changes_with_a_reason_and_shows_its_history(manager, place):
    place.plan("DD")
    place.publish()
    change = {"cell": [cell(place, place.people[0], 2, place.slot("D"), REST)]}
    assert "须写明理由" in text(manager.post(url(place, "roster_assign"), change, follow=True))
    manager.post(url(place, "roster_assign"), {**change, "reason": "家中有事"})
    assert RosterChange.objects.get().reason == "家中有事"
    assert "家中有事" in text(manager.get(url(place, "roster_history")))
    for name in ("roster_copy", "roster_rotate", "roster_clear", "roster_solve"):
        given = {"cycle": "D", "cycle_days": 28}
        assert "已公布" in text(manager.post(url(place, name), given, follow=True)), name
    assert place.line(place.people[0]) == "D-"


def test_a_rotation_is_filled_and_a_wrong_one_says_why(manager, place):
    response = manager.post(url(place, "roster_rotate"), {"cycle": "D*6 休"}, follow=True)
    assert "填了90格" in text(response)
    assert RosterDay.objects.filter(pattern__isnull=True).count() in range(12, 15)
    response = manager.post(url(place, "roster_rotate"), {"cycle": "Z*6"}, follow=True)
    assert "“Z”不是班次代码" in text(response)
    response = manager.post(url(place, "roster_rotate"), {}, follow=True)
    assert "轮换：" in text(response)


def test_the_month_before_is_copied(manager, place):
    october = roster_open(department=place.department, team=place.team, month=shift_months(NOVEMBER, -1))
    person = place.people[0]
    roster_assign(
        roster=october,
        changes=place.changes(person, "DDDDDD-" * 4, first_of(october.month) + timedelta(days=3)),
        by=None,
        at=AT,
    )
    response = manager.post(url(place, "roster_copy"), {"cycle_days": 28}, follow=True)
    assert "填了30格" in text(response)
    assert place.line(person) == "DDDDDD-" * 4 + "DD"


def test_without_a_queue_the_page_says_so_and_nothing_is_waited_for(manager, place, monkeypatch):
    queue_down(monkeypatch)
    assert "任务队列连不上" in text(manager.post(url(place, "roster_solve"), follow=True))
    place.roster.refresh_from_db()
    assert place.roster.run.state == "failed"
    monkeypatch.undo()
    assert "等待处理" in text(manager.post(url(place, "roster_solve"), follow=True))


def test_a_run_is_queued_once(manager, place):
    response = manager.post(url(place, "roster_solve"), follow=True)
    assert "等待处理" in text(response)
    assert "正在进行" in text(manager.post(url(place, "roster_solve"), follow=True))
    progress = manager.get(url(place, "roster_progress"))
    assert 'hx-trigger="every 2s"' in text(progress)
    run = place.roster.run
    run.state, run.message, run.finished_at = "done", "填了90格", timezone.now()
    run.result = {"fairness": "", "rotation": "", "is_settled": True, "broken": [], "counts": []}
    run.save()
    done = manager.get(url(place, "roster_progress"))
    assert done.headers["HX-Redirect"].startswith("/shifts/")
    assert "各项规定都做到了" in text(done)


def test_a_person_has_a_form_of_their_own(manager, place):
    person = place.people[0]
    place.plan("D")
    address = url(place, "roster_person", person.pk)
    assert text(manager.get(address)).count("<select") == 30
    given = {"was-1": place.slot("D"), "day-1": REST, "was-2": "", "day-2": place.slot("E")}
    assert "已保存" in text(manager.post(address, given, follow=True))
    assert place.line(person) == "-E"
    assert "别人刚改过" in text(manager.post(address, given | {"day-1": place.slot("E")}, follow=True))


def test_the_workbook_has_the_roster_its_counts_and_no_formulas(manager, place):
    place.people[0].name = "=cmd()"
    place.people[0].save()
    place.plan("DE-")
    monday = NOVEMBER.replace(day=2)
    Leave.objects.create(staff=place.people[1], starts_on=monday, days=Decimal(1), type=LeaveType.SICK)
    response = manager.get(url(place, "roster_export"))
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    people = list(book["排班"].values)
    assert people[0][:3] == ("工号", "姓名", "1日日")
    assert people[1][:5] == ("101", "=cmd()", "D", "E", "休")
    assert people[1][-4:] == (2, 1, 1, "16.5")
    assert people[2][3] == "假（病假）"
    assert [row[:3] for row in book["在岗人数"].values][1:] == [("白班", 1, 0), ("晚班", 0, 1)]


def test_unpublished_holidays_are_said(manager, place):
    page = text(manager.get(reverse("roster", args=[place.department.code, "2050-11"])))
    assert "2050年的调休本版本还不知道" in page


def test_other_departments_and_teams_are_not_there(client, place):
    other = planned(1)
    lead = signed_in(factories.staff(place.department, team=place.team, role="lead"), "lead")
    factories.staff(place.department, team=factories.team(place.department, "B"))
    elsewhere = factories.team(place.department, "B").pk
    client.force_login(lead)
    assert client.get(url(place)).status_code == 200
    base = reverse("roster", args=[place.department.code, "2026-11"])
    for address in (
        url(other),
        f"{base}?team={elsewhere}",
        f"{base}?team=none",
        f"{base}?team={other.team.pk}",
        reverse("patterns", args=[place.department.code]),
        reverse("roster_person", args=[place.department.code, "2026-11", other.people[0].pk]),
    ):
        assert client.get(address).status_code == 404, address
    cells = {"cell": [cell(other, other.people[0], 1, "", other.slot("D"))]}
    assert client.post(url(other, "roster_assign"), cells).status_code == 404
    client.post(url(place, "roster_assign"), cells)
    assert not RosterDay.objects.exists()
    for group in ("agent", "hr", "auditor"):
        client.force_login(factories.account(group, place.department))
        for name in ("rosters", "swaps"):
            if group != "agent" or name == "rosters":
                assert client.get(reverse(name)).status_code == 404, (group, name)
        assert client.get(url(place)).status_code == 404


def test_a_lead_has_no_part_in_a_month_before_the_team(client, place):
    """The team began in November; in October everybody, and so the lead, had none."""
    team = factories.team(place.department, "新组")
    lead = factories.staff(place.department, "201")
    someone = factories.staff(place.department, "202")
    account = signed_in(lead, "lead")
    for each, role in ((lead, "lead"), (someone, "agent")):
        staff_terms_change(staff=each, on=NOVEMBER, team=team, role=role, by=None, at=AT)
    october = [place.department.code, "2026-10"]
    client.force_login(account)
    assert client.get(reverse("roster", args=[place.department.code, "2026-11"])).status_code == 200
    assert client.get(reverse("roster", args=october)).status_code == 404
    assert client.get(reverse("roster_export", args=october)).status_code == 404
    cells = {"cell": [cell(place, someone, 1, "", REST)]}
    assert client.post(reverse("roster_assign", args=october), cells).status_code == 404
    assert not RosterDay.objects.exists()
    client.force_login(place.manager)
    assert "202" in text(client.get(reverse("roster", args=october) + "?team=none"))


def test_a_department_with_nobody_yet_has_its_page(client):
    made = planned(0)
    client.force_login(made.manager)
    page = text(client.get(reverse("roster", args=[made.department.code, "2026-11"])))
    assert "这个月没有可排的人" in page


def test_what_is_refused_leaves_no_empty_roster(manager, place):
    def december(name, *args):
        return reverse(name, args=[place.department.code, "2026-12", *args]) + f"?team={place.team.pk}"

    one, day, evening = place.people[0], place.slot("D"), place.slot("E")
    ShiftPattern.objects.update(is_retired=True)
    for name, args, given in (
        ("roster_assign", [], {"cell": [cell(place, one, 1, day, evening)]}),
        ("roster_person", [one.pk], {"was-1": day, "day-1": evening}),
        ("roster_publish", [], {"version": 1}),
        ("roster_rotate", [], {"cycle": "Z*6"}),
        ("roster_solve", [], {}),
    ):
        page = text(manager.post(december(name, *args), given, follow=True))
        assert "message-error" in page, name
    assert not Roster.objects.filter(month=shift_months(NOVEMBER, 1)).exists()


def test_a_draft_asks_for_the_reason_where_days_are_published_elsewhere(manager, place):
    place.plan("D" * 30)
    place.publish()
    person, team = place.people[0], factories.team(place.department, "B")
    staff_terms_change(staff=person, on=NOVEMBER.replace(day=16), team=team, by=None, at=AT)
    there = reverse("roster", args=[place.department.code, "2026-11"]) + f"?team={team.pk}"
    page = text(manager.get(there))
    assert 'name="reason"' in page and "data-published" not in page and "已在原小组公布" in page
    address = reverse("roster_person", args=[place.department.code, "2026-11", person.pk])
    address += f"?team={team.pk}"
    assert 'name="reason"' in text(manager.get(address))
    given = {"was-20": place.slot("D"), "day-20": REST}
    assert "须写明理由" in text(manager.post(address, given, follow=True))
    assert "已保存" in text(manager.post(address, given | {"reason": "调组"}, follow=True))
    assert RosterChange.objects.get().reason == "调组"


def test_the_list_of_rosters_is_of_the_own_teams(client, place, django_assert_max_num_queries):
    roster_open(department=place.department, team=factories.team(place.department, "B"), month=NOVEMBER)
    roster_open(department=planned(0).department, team=None, month=NOVEMBER)
    lead = signed_in(factories.staff(place.department, team=place.team, role="lead"), "lead")
    for account, count in ((lead, 1), (place.manager, 2)):
        client.force_login(account)
        with django_assert_max_num_queries(12):
            page = text(client.get(reverse("rosters")))
        assert page.count('<th scope="row">') == count


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("roster_rotate", {"cycle": "D*6 休"}),
        ("roster_copy", {"cycle_days": 28}),
        ("roster_clear", {}),
        ("roster_assign", None),
        ("patterns_adopt", {}),
        ("pattern_new", PATTERN),
        ("pattern", PATTERN | {"code": "D", "name": "白班"}),
        ("pattern_retire", {"retire": "1"}),
    ],
)
def test_a_button_pressed_twice_does_it_once(manager, place, name, given):
    place.plan("D-")
    code, pattern = place.department.code, place.patterns["D"].pk
    if name.startswith("roster"):
        address = url(place, name)
        given = given if given is not None else {"cell": [cell(place, place.people[1], 1, "", REST)]}
    else:
        address = reverse(name, args=[code, pattern] if name in ("pattern", "pattern_retire") else [code])
    answers, left = [], []
    for _ in range(2):
        answers.append(manager.post(address, given).status_code)
        days = RosterDay.objects.order_by("staff", "work_date")
        left.append(
            [
                [*days.values_list("staff", "work_date", "pattern", "starts_at")],
                [*ShiftPattern.objects.order_by("pk").values_list("code", "name", "is_retired")],
                [*PatternHours.objects.order_by("pattern", "starts_at").values_list("pattern", "starts_at")],
                RosterChange.objects.count(),
            ]
        )
    assert max(answers) < 500
    assert left[0] == left[1]


# Patterns


def test_patterns_are_taken_over_changed_and_retired(manager, place):
    code = place.department.code
    page = text(manager.post(reverse("patterns_adopt", args=[code]), follow=True))
    assert "没有新的班次；已有、未动：白班、晚班" in page
    hours = {"hours-TOTAL_FORMS": 2, "hours-INITIAL_FORMS": 0}
    given = {
        "name": "中班", "code": "M", "colour": 3, "punches": 2, "minimum_staff": 1,
        "hours-0-from_day": "05-01", "hours-0-starts_at": "12:00", "hours-0-ends_at": "21:00",
        "hours-1-from_day": "10-08", "hours-1-starts_at": "11:30", "hours-1-ends_at": "20:30", **hours,
    }  # fmt: skip
    assert "中班已保存" in text(manager.post(reverse("pattern_new", args=[code]), given, follow=True))
    pattern = ShiftPattern.objects.get(code="M")
    assert [str(each) for each in pattern.hours.all()] == ["12:00–21:00", "11:30–20:30"]
    address = reverse("pattern", args=[code, pattern.pk])
    assert 'value="12:00"' in text(manager.get(address))
    wrong = manager.post(address, given | {"hours-1-from_day": "05-01"})
    assert "自同一天起" in text(wrong)
    wrong = manager.post(address, given | {"hours-1-from_day": "13-01"})
    assert "应为月-日" in text(wrong)
    assert "已有此代码" in text(manager.post(address, given | {"code": "D"}))
    assert PatternHours.objects.filter(pattern=pattern).count() == 2
    manager.post(address, given | {"hours-INITIAL_FORMS": 2, "hours-1-DELETE": "on"})
    assert str(pattern.hours.get()) == "12:00–21:00"
    manager.post(reverse("pattern_retire", args=[code, pattern.pk]), {"retire": "1"})
    pattern.refresh_from_db()
    assert pattern.is_retired and pattern.code == "M"


def test_patterns_of_another_department_are_not_there(manager):
    other = planned(0)
    pattern = other.patterns["D"]
    code = other.department.code
    assert manager.get(reverse("patterns", args=[code])).status_code == 404
    assert manager.get(reverse("pattern", args=[code, pattern.pk])).status_code == 404
    assert manager.post(reverse("pattern_retire", args=[code, pattern.pk])).status_code == 404


def test_the_list_of_patterns_takes_few_queries(manager, place, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = text(manager.get(reverse("patterns", args=[place.department.code])))
    assert page.count('<th scope="row">') == 2
