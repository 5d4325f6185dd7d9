"""The permission table: what the groups get, and that the document says the same."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from people.permissions import ACTIONS, GROUP_ACTIONS, GROUP_LABELS, matching, patterns_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@pytest.mark.django_db
def test_sync_gives_groups_exactly_the_table_however_often_it_runs(capsys):
    hr = Group.objects.get(name="hr")
    hr.permissions.add(Permission.objects.get(codename="approve_pay"))
    call_command("sync_groups")
    call_command("sync_groups")
    actions = {code for code, _ in ACTIONS}
    for group in Group.objects.all():
        held = set(group.permissions.values_list("codename", flat=True))
        assert held & actions == set(GROUP_ACTIONS[group.name]), group.name
    assert "登录组的权限已更新" in capsys.readouterr().out


@pytest.mark.django_db
def test_every_pattern_stands_for_a_permission():
    names = [
        f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")
    ]
    idle = {
        pattern for group in GROUP_ACTIONS for pattern in patterns_of(group) if not matching(pattern, names)
    }
    assert idle == set()


def test_nobody_both_pays_out_and_approves():
    for actions in GROUP_ACTIONS.values():
        assert not {"approve_pay", "mark_paid"} <= set(actions)


def test_document_shows_the_table_of_the_code():
    rows = [
        line.split("|")[1:-1] for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if "|" in line
    ]
    cells = [[cell.strip() for cell in row] for row in rows]
    header = next(row for row in cells if row[0] == "权限")
    assert header[1:] == list(GROUP_LABELS.values())
    table = {row[0]: [bool(cell) for cell in row[1:]] for row in cells if row[0] in dict(ACTIONS).values()}
    assert table == {
        label: [code in GROUP_ACTIONS[group] for group in GROUP_LABELS] for code, label in ACTIONS
    }
