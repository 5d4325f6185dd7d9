"""The rulebook library: every file is well formed, every provision fits its kind, and key figures hold."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.kinds import KINDS, Kind, parse_kind
from rules.kinds.base import Occurrence
from rules.kinds.cases import CaseType
from rules.kinds.fines_and_awards import IncidentKind
from rules.kinds.sales import Commission, Guarantee
from rules.kinds.target import Target, unfit_names
from rules.library import RulebookError, read_rulebook
from rules.models import ProvisionFields

PROJECT_DIR = Path(__file__).resolve().parents[2]
LIBRARY = PROJECT_DIR / "fixtures" / "rulebooks"
CATALOGUE = PROJECT_DIR.parent / "shared" / "catalog"
FILES = sorted(LIBRARY.glob("*.yaml"))
BOOK_KEYS = ["id", "name", "trade", "edition", "provisions"]
REQUIRED = ["code", "title", "clause", "kind", "params"]
OPTIONAL = ["roles", "window", "basis", "confirm", "collection", "covers"]
# Books that hold their source whole; the others hold what it says of shifts, attendance, complaints and the
# day's work.
WHOLE = {"s000-01", "s000-03", "s000-05", "s000-06", "s000-07", "s000-09", "s000-11"}
WHOLE |= {"s002-15", "s002-17", "s004-01", "s004-05", "s004-10"}
WORK_KINDS = {"shift_pattern", "rest_rule", "late_rule", "absence_rule", "leave_rule"}
WORK_AREAS = {"handover", "memo", "meeting"}
# Books with every provision about complaints.
COMPLAINTS = WHOLE | {"s000-04", "s000-08", "s004-07"}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def read(path: Path) -> dict[str, Any]:
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(book, dict)
    return book


def provision(code: str) -> dict[str, Any]:
    """The provision of that code in whichever rulebook holds it."""
    (found,) = [each for path in FILES for each in read(path)["provisions"] if each["code"] == code]
    return found


def kind_of(code: str) -> Kind:
    """The provision's kind; it has no blank figure."""
    found = provision(code)
    kind, blanks = parse_kind(found["kind"], found["params"])
    assert blanks == []
    return kind


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def assessed(code: str, times: int, **facts: Any) -> list[Any]:
    """What `times` incidents of one person in one window come to."""
    kind = kind_of(code)
    assert isinstance(kind, IncidentKind)
    occurrences = [Occurrence(id=n, on=date(2026, 10, n), **facts) for n in range(1, times + 1)]
    for each in occurrences:
        kind.check(each)
    return kind.assess(occurrences)


def test_library_is_not_empty():
    assert FILES


@each_file
def test_file_is_named_after_its_rulebook_and_has_the_documented_keys(path: Path):
    book = read(path)
    assert list(book) == BOOK_KEYS
    assert book["id"] == path.stem
    assert book["name"] and book["trade"]
    assert isinstance(book["edition"], int) and book["edition"] >= 1
    for each in book["provisions"]:
        assert list(each) == REQUIRED + [key for key in OPTIONAL if key in each], each["code"]


@each_file
def test_codes_and_titles_name_one_provision_each(path: Path):
    book = read(path)
    codes = Counter(each["code"] for each in book["provisions"])
    titles = Counter(each["title"] for each in book["provisions"])
    assert [code for code, n in codes.items() if n > 1] == []
    assert [title for title, n in titles.items() if n > 1] == []
    assert all(code.startswith(f"{book['id']}-") for code in codes)


@each_file
def test_every_provision_fits_its_kind_and_the_common_choices(path: Path):
    for each in read(path)["provisions"]:
        kind, _blanks = parse_kind(each["kind"], each["params"])
        assert type(kind) is KINDS[each["kind"]]
        assert each.get("window", "month") in ProvisionFields.Window.values, each["code"]
        assert each.get("basis", "discipline") in ProvisionFields.Basis.values, each["code"]
        assert each.get("confirm", "manager") in ProvisionFields.Confirm.values, each["code"]
        assert each["clause"].endswith("。"), each["code"]


@each_file
def test_no_figure_is_a_float(path: Path):
    for each in read(path)["provisions"]:
        assert not [leaf for leaf in leaves(each["params"]) if isinstance(leaf, float)], each["code"]


@each_file
def test_text_has_no_parameters_and_conduct_lists_its_points_in_the_clause(path: Path):
    for each in read(path)["provisions"]:
        if each["kind"] == "text":
            assert each["params"] == {}, each["code"]
        if each["kind"] == "conduct":
            assert each["params"]["codes"], each["code"]
            assert all(f"{point} " in each["clause"] for point in each["params"]["codes"]), each["code"]


@each_file
def test_deadlines_and_duties_name_provisions_of_their_own_book(path: Path):
    kinds = {each["code"]: each["kind"] for each in read(path)["provisions"]}
    for each in read(path)["provisions"]:
        if each["kind"] == "case_deadline":
            assert {kinds.get(code) for code in each["params"].get("types", [])} <= {"case_type"}, each[
                "code"
            ]
        missed = each["params"].get("missing") or each["params"].get("missed")
        assert missed is None or KINDS[kinds[missed]].takes_incidents, each["code"]


@each_file
def test_targets_and_guarantees_name_provisions_of_their_own_book(path: Path):
    kinds = {each["code"]: KINDS[each["kind"]] for each in read(path)["provisions"]}
    for each in read(path)["provisions"]:
        kind, _ = parse_kind(each["kind"], each["params"])
        if isinstance(kind, Target):
            assert unfit_names(kind, kinds.get) == [], each["code"]
        if isinstance(kind, Guarantee):
            assert kinds[kind.of] is Commission, each["code"]


@each_file
def test_every_step_of_a_case_can_come_to_an_end(path: Path):
    for each in read(path)["provisions"]:
        kind, _ = parse_kind(each["kind"], each["params"])
        if isinstance(kind, CaseType):
            ended: set[str] = {"closed", "declined"}
            for _ in kind.steps:
                ended |= {step.code for step in kind.steps if ended & {way.to for way in step.decisions}}
            assert ended >= {step.code for step in kind.steps}, each["code"]


@pytest.mark.skipif(not CATALOGUE.is_dir(), reason="the catalogue of source rules is not on this machine")
def test_every_entry_that_a_rulebook_should_hold_is_in_it():
    missing = []
    for source in sorted(CATALOGUE.glob("*.yaml")):
        for book in yaml.safe_load(source.read_text(encoding="utf-8"))["rulebooks"]:
            path = LIBRARY / f"{book['id']}.yaml"
            if path.exists():
                served = {
                    code
                    for each in read(path)["provisions"]
                    for code in [each["code"], *each.get("covers", [])]
                }
                missing += [
                    entry["id"]
                    for entry in book["entries"]
                    if entry["id"] not in served
                    and (
                        book["id"] in WHOLE
                        or entry["kind"] in WORK_KINDS
                        or entry["area"] in WORK_AREAS
                        or (book["id"] in COMPLAINTS and entry["area"] == "complaint")
                    )
                ]
    assert missing == []


@pytest.mark.parametrize(
    ("code", "amounts", "proposals"),
    [
        ("s000-01-06", ["-50.00", "-100.00", "0"], {3: ("termination",)}),
        ("s000-03-01f", ["-10.00", "-20.00", "0"], {3: ("termination",)}),
        ("s000-03-06b", ["-50.00", "-100.00", "0"], {3: ("termination",)}),
        ("s000-06-06", ["-100.00", "-200.00", "0"], {3: ("termination",)}),
        (
            "s000-06-01f",
            ["-30.00", "-50.00", "-80.00", "0", "0"],
            {4: ("withhold_pay",), 5: ("termination",)},
        ),
        (
            "s000-06-03b",
            ["-50.00", "-100.00", "-200.00", "0", "0"],
            {4: ("withhold_pay",), 5: ("termination",)},
        ),
        ("s000-07-4b-04", ["-20.00", "-40.00", "-80.00", "-160.00"], {}),
        ("s000-11-54", ["0", "0", "0"], {3: ("termination",)}),
        ("s004-01-5-02", ["-50.00", "-100.00", "0"], {3: ("termination", "withhold_pay")}),
        ("s002-01-04.2", ["0", "0"], {1: ("termination",)}),
        ("s002-09-22", ["0", "0"], {1: ("warning",)}),
        ("s002-09-23", ["0", "0"], {1: ("termination",)}),
        ("s002-11-17", ["0", "0"], {1: ("warning",)}),
        ("s002-11-18", ["0", "0"], {1: ("termination",)}),
        ("s002-12-05.1", ["0", "0"], {1: ("warning",)}),
        ("s002-12-05.1.2", ["0", "0"], {1: ("termination",)}),
        ("s002-15-19", ["0", "0"], {1: ("warning",)}),
        ("s002-15-20", ["0", "0"], {1: ("major_demerit",)}),
        ("s002-15-20.2", ["0", "0"], {1: ("termination",)}),
        ("s002-19-20", ["0", "0"], {1: ("major_demerit",)}),
        ("s002-22-10", ["-10.00", "-10.00"], {}),
    ],
)
def test_repeated_offence_costs_and_suggests_what_the_rulebook_says(code, amounts, proposals):
    results = assessed(code, len(amounts))
    assert [each.money for each in results] == [Decimal(amount) for amount in amounts]
    assert {n: each.proposals for n, each in enumerate(results, 1) if each.proposals} == proposals


@pytest.mark.parametrize(
    ("code", "window"),
    [
        ("s000-01-06", "month"),
        ("s000-03-01f", "employment"),
        ("s000-03-06b", "month"),
        ("s000-06-01f", "month"),
        ("s000-06-03b", "employment"),
        ("s000-07-4b-04", "month"),
        ("s000-11-54", "employment"),
        ("s004-01-5-02", "employment"),
    ],
)
def test_repeated_offence_is_counted_over_the_window_the_clause_names(code, window):
    assert provision(code)["window"] == window


@pytest.mark.parametrize(
    ("seconds", "cost"), [(1, "0"), (29, "0"), (30, "-5.00"), (59, "-5.00"), (90, "-15.00")]
)
def test_late_greeting_costs_five_yuan_for_each_full_thirty_seconds_beyond_the_allowance(seconds, cost):
    (result,) = assessed("s000-03-06", 1, magnitude=Decimal(seconds))
    assert result.money == Decimal(cost)


@pytest.mark.parametrize(
    ("code", "by", "commission"),
    [
        ("s000-05-r-02", "0.70", "1000.00"),
        ("s000-05-r-02", "0.7001", "1500.00"),
        ("s002-17-05.2", "69.99", "0.00"),
        ("s002-17-05.2", "70", "150.00"),
        ("s002-17-05.2", "74.99", "150.00"),
        ("s002-17-05.2", "80", "250.00"),
        ("s002-17-05.2", "90", "350.00"),
    ],
)
def test_commission_on_one_hundred_thousand_follows_its_bracket(code, by, commission):
    amount, _steps = kind_of(code).charge(Decimal(100000), Decimal(by))
    assert amount == Decimal(commission)


def test_singles_day_sales_earn_no_commission_in_any_year():
    kind = kind_of("s002-17-05.2")
    assert kind.is_excluded(date(2026, 11, 11))
    assert kind.is_excluded(date(2027, 11, 11))
    assert not kind.is_excluded(date(2026, 11, 12))


@pytest.mark.parametrize(
    ("code", "totals"),
    [
        ("s000-08-2.3-04", [0, 0, 5, 5, 5, 5]),
        ("s000-08-2.3-05", [0, 0, 5, 5, 10, 10]),
        ("s000-08-2.3-06", [1, 2, 5, 6, 10, 11]),
        ("s004-10-5-04", [0, 0, 5, 5, 5, 5]),
        ("s004-10-5-05", [0, 0, 5, 5, 10, 10]),
        ("s004-10-5-06", [1, 2, 5, 6, 10, 11]),
    ],
)
def test_points_deducted_in_a_month_reach_the_totals_of_the_rulebook(code, totals):
    assert [sum(each.points for each in assessed(code, n)) for n in range(1, 7)] == totals


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("s000-08-2.3-00b", "当月得分不高于5分，建议警告"),
        ("s000-08-2.3-00c", "当月得分不高于2分，建议记小过"),
        ("s000-08-2.3-00d", "连续3个月得分不高于5分，建议记大过"),
        ("s000-08-2.3-07", "每次扣0.5至1分，由记录人定（每月基础10分）"),
    ],
)
def test_lines_and_ranges_of_points_say_what_the_rulebook_says(code, said):
    assert kind_of(code).in_words() == said


def test_streak_of_first_places_pays_fifty_one_hundred_and_then_two_hundred():
    kind = kind_of("s000-05-r-03")
    assert [kind.amount_of(length) for length in range(1, 6)] == [50, 100, 200, 200, 200]


def ways(code: str, step: str) -> list[tuple[str, str | None]]:
    """Where the decisions of a step lead and what they tell the clocks."""
    kind = kind_of(code)
    assert isinstance(kind, CaseType)
    found = kind.step(step)
    assert found is not None
    return [(each.to, each.event) for each in found.decisions]


def test_three_classes_of_complaints_lead_to_three_paths():
    assert ways("s000-09-05", "accept") == [
        ("designate", "accepted"),
        ("opinion", "accepted"),
        ("shipping", "accepted"),
        ("declined", "replied"),
        ("declined", "invalid"),
    ]
    assert ways("s000-09-05", "answer") == [("closed", "replied"), ("countermeasure", "replied")]


def test_a_store_settles_alone_or_with_its_head_or_hands_the_complaint_on():
    assert ways("s000-09-16", "settle") == [("closed", "replied"), ("consult", None)]
    assert ways("s000-09-16", "consult") == [("closed", "replied"), ("accept", None)]
    assert ways("s000-09-16", "accept") == ways("s000-09-05", "accept")


def test_an_inquiry_has_six_points_and_its_report_six_sections():
    kind = kind_of("s000-09-05")
    inquiry, report = kind.step("inquire"), kind.step("report")
    assert len(inquiry.brings) == 7  # how it was inquired, and the six points
    assert [each.name for each in report.brings] == ["发生原因", "经过", "责任人", "结论", "对策", "防范措施"]
    assert len(kind.causes) == 7


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("s000-09-26", "自接到投诉起7天内结案，逾期依次告知主管、部门经理、总经理"),
        ("s000-04-4-2-02b", "自留言或发短信起48小时内打电话，遇答复客户不再计时，逾期依次告知主管"),
        ("s000-08-1.4-02b", "自接到投诉起48小时内发货，遇答复客户不再计时，逾期依次告知主管"),
        ("s004-10-7-02", "自接到投诉起48小时内发货，遇答复客户不再计时，逾期依次告知主管"),
        ("s004-07-4-04", "自接到投诉起2小时内答复客户，逾期依次告知主管"),
        ("s004-07-4-05", "自确认无效起2小时内答复客户，逾期依次告知主管"),
        ("s004-07-5-02", "自服务完成起2个工作日内回访，逾期依次告知主管"),
        ("s000-09-24b", "小过一次扣绩效奖金的30%"),
        ("s000-09-24c", "大过一次扣绩效奖金的100%"),
        ("s000-09-21b", "损失按基点分担，每月至多扣绩效奖金的50%，超出的逐月续扣，扣在结案当月"),
    ],
)
def test_deadlines_losses_and_discipline_say_what_the_rulebook_says(code, said):
    assert kind_of(code).in_words() == said


def test_figure_that_the_source_leaves_open_stays_blank():
    for code, blank in [
        ("s000-09-24", "rate"),
        ("s000-04-4-1-04b", "hours"),
        ("s000-01-09", "amount"),
        ("s002-01-04", "max"),
        ("s002-11-17.2", "max"),
        ("s002-14-06.2", "max"),
        ("s002-15-09", "hours"),
        ("s000-08-2.22-1", "brackets"),
        ("s002-17-04", "table"),
        ("s004-10-4-03", "brackets"),
    ]:
        found = provision(code)
        _kind, blanks = parse_kind(found["kind"], found["params"])
        assert blanks == [blank], code


@pytest.mark.parametrize(
    ("id_", "code", "told"), [("x/1", "x-1", "id 不能含“/”"), ("x", "x 1", "x 1：code 不能含空格")]
)
def test_a_code_that_breaks_addresses_is_refused_with_a_remedy(
    tmp_path: Path, id_: str, code: str, told: str
):
    path = tmp_path / "book.yaml"
    provision = f"{{code: {code}, title: x, kind: fine, params: {{amount: '1.00'}}}}"
    path.write_text(f"id: {id_}\nname: x\nedition: 1\nprovisions: [{provision}]\n", encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        read_rulebook(path)
    assert told in str(refused.value) and "例如把“/”改成“-”" in str(refused.value)
