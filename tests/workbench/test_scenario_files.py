"""What `manage.py scenarios` says of files: good ones, failing ones, and ones that are no scenarios."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from people.models import Department, Staff

HEAD = """
provisions: [{code: f, title: 聊天, kind: fine, params: {amount: "10.00"}}]
month: 2026-10
staff: [{number: "1001", name: 甲}]
"""
AT = 'number: "1001", date: 2026-10-05'
INCIDENT = 'facts: {incidents: [{number: "1001", provision: f, date: 2026-10-05}]}\n'
GOOD = f'scenario: 罚一次\n{HEAD}{INCIDENT}expect: {{lines: {{"1001": {{f: "-10.00"}}}}}}\n'
WRONG = f'scenario: 写错了\n{HEAD}{INCIDENT}expect: {{lines: {{"1001": {{f: "-20.00"}}}}}}\n'


def run(*paths: Path) -> tuple[int, list[str], str]:
    """The command's exit code, its lines and what it complains of."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("scenarios", *map(str, paths), stdout=out, stderr=err)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue().splitlines(), err.getvalue()


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_a_scenario_that_holds_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    before = Department.objects.count(), Staff.objects.count()
    assert run(written(tmp_path, GOOD)) == (0, ["1 passed, 0 failed"], "")
    assert (Department.objects.count(), Staff.objects.count()) == before


@pytest.mark.django_db
def test_a_mismatch_is_told_with_file_scenario_and_figures(tmp_path: Path) -> None:
    path = written(tmp_path, f"{GOOD}---\n{WRONG}")
    code, lines, _ = run(path)
    assert code == 1
    assert lines == [f"{path}:写错了: lines.1001.f: expected -20.00, got -10", "1 passed, 1 failed"]


@pytest.mark.django_db
def test_folders_are_searched_and_a_malformed_file_does_not_stop_the_others(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "good.yaml")
    bad = written(tmp_path, "scenario: 没有别的\n", "bad.yaml")
    code, lines, complaint = run(tmp_path)
    assert (code, lines) == (2, ["1 passed, 0 failed"])
    assert str(bad) in complaint and "缺少" in complaint


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenario: a\n  b: [\n", "第2行"),
        ("只有文字\n", "键值表"),
        (f"scenario: a\n{HEAD}expect: {{}}\nextra: 1\n", "extra"),
        (
            f"scenario: a\n{HEAD}facts: {{incidents: [{{provision: f, dato: 1}}]}}\nexpect: {{}}\n",
            "facts.incidents[0]：未知的键 facts.incidents.dato",
        ),
        (f"scenario: a\n{HEAD}expect: {{linse: {{}}}}\n", "expect.linse"),
        (f"scenario: a\n{HEAD}months_rules: [{{provisions: []}}]\nexpect: {{}}\n", "缺少 months_rules.from"),
        (
            f"scenario: a\n{HEAD}expect: {{}}\n".replace("甲", "甲, history: [{from: 2026-10-05, rolle: x}]"),
            "未知的键 staff.history.rolle",
        ),
        (
            f"scenario: a\n{HEAD}expect: {{}}\n"
            "facts: {leave: [{number: 1, from: 2026-10-05, days: 1, type: sick, half: x}]}\n",
            "half 应为 am、pm",
        ),
        (f'scenario: a\n{HEAD}expect: {{lines: {{"1001": {{f: -10.125}}}}}}\n', "10.125"),
        (f'scenario: a\n{HEAD}expect: {{lines: {{"1001": {{f: 十元}}}}}}\n', "lines.1001.f：不是数：十元"),
        (f"scenario: a\n{HEAD}expect: {{}}\n---\nscenario: a\n{HEAD}expect: {{}}\n", "两个场景同名：a"),
        (f"scenario: a\n{HEAD}months: [2026-10]\nexpect: {{}}\n", "month 与 months"),
        (
            f"scenario: a\n{HEAD.replace('month: 2026-10', 'months: [2026-10]')}expect: {{2026-11: {{}}}}\n",
            "2026-11",
        ),
        (f"scenario: a\n{HEAD.replace('2026-10', '十月')}expect: {{}}\n", "不是月份：十月"),
        (
            f"scenario: a\n{HEAD}facts: {{leave: [{{number: 1, days: 1, type: sick, from: 2026-02-30}}]}}\n"
            "expect: {}\n",
            "leave[0]：不是日期：2026-02-30",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{attendance: [{{{AT}, late_minutes: 半}}]}}\nexpect: {{}}\n",
            "attendance[0]：不是数：半",
        ),
        (f"scenario: a\n{HEAD}shifts: [{{code: day, start: '08:30'}}]\nexpect: {{}}\n", "shifts.end"),
        (
            f"scenario: a\n{HEAD}shifts: [{{code: day, start: 八点, end: '17:30'}}]\nexpect: {{}}\n",
            "shifts.start：不是时刻：八点",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{attendance: [{{{AT}, in: '08:00'}}]}}\nexpect: {{}}\n",
            "有 in 或 out 时须写 shift",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{attendance: [{{{AT}, shift: d, absent_days: 1}}]}}\nexpect: {{}}\n",
            "打卡时间与 absent_days 只能写一种",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{metrics: [{{code: sales, value: 1}}]}}\nexpect: {{}}\n",
            "facts.metrics.number",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{reversals: [{{date: 2026-10-05}}]}}\nexpect: {{}}\n",
            "须且只须写一个",
        ),
        (
            f"scenario: a\n{HEAD}facts: {{discipline: [{{number: 1, level: minor}}]}}\nexpect: {{}}\n",
            "facts.discipline",
        ),
        (f"scenario: a\n{HEAD.replace('params', 'parms')}expect: {{}}\n", "provisions.parms"),
        (
            "scenario: a\nmonth: 2026-10\nstaff: [{number: 1, name: 甲}]\nexpect: {}\n",
            "rulebook 与 provisions",
        ),
    ],
)
def test_a_malformed_file_ends_with_two_and_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    code, lines, complaint = run(path)
    assert (code, lines) == (2, ["0 passed, 0 failed"])
    assert str(path) in complaint and said in complaint


@pytest.mark.django_db
def test_a_path_that_does_not_exist_is_malformed(tmp_path: Path) -> None:
    code, _, complaint = run(tmp_path / "nowhere.yaml")
    assert code == 2 and "nowhere.yaml" in complaint


@pytest.mark.django_db
def test_a_parameter_that_the_kind_does_not_know_fails_the_scenario_by_name(tmp_path: Path) -> None:
    code, lines, _ = run(written(tmp_path, GOOD.replace("amount:", "amout:", 1)))
    assert code == 1
    assert "f：未知参数 amout" in lines[0]


@pytest.mark.django_db
def test_dates_may_be_texts_and_numbers_may_lack_quotes(tmp_path: Path) -> None:
    text = """
scenario: 日期写成文字
provisions: [{code: f, title: 聊天, kind: fine, params: {amount: 10.5}}]
months: ["2026-10", 2026-11]
staff: [{number: 1001, name: 甲, hired_on: "2026-01-01", left_on: null}]
facts:
  incidents:
    - {number: 1001, provision: f, date: "2026-10-05"}
    - {number: 1001, provision: f, date: 2026-11-05}
expect: {2026-10: {lines: {1001: {f: -10.5}}}, "2026-11": {lines: {"1001": {f: "-10.50"}}}}
"""
    assert run(written(tmp_path, text)) == (0, ["1 passed, 0 failed"], "")


@pytest.mark.django_db
def test_a_refusal_that_nobody_expected_is_a_mismatch(tmp_path: Path) -> None:
    code, lines, _ = run(written(tmp_path, GOOD.replace('"1001", provision', '"1009", provision')))
    assert code == 1
    assert any("facts.incidents[0]: expected to be taken" in line and "1009" in line for line in lines)
