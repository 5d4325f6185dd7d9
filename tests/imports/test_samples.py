"""Every profile has a sample in fixtures/samples, which is recognised as it and comes in as it is."""

from datetime import date
from pathlib import Path

import pytest

from commissions.models import Order
from imports.batches import ImportReport, run_import
from imports.kinds import default_options, loader_of
from imports.models import Upload
from people.models import Department
from rules.models import Provision, Version
from sheets.loading import SHEET_KINDS
from sheets.profiles import Profile, all_profiles
from sheets.questions import QuestionsOpen
from sheets.recognition import recognise
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "samples"
PEOPLE = {"1001": "陈晓", "1002": "林静", "1003": "周敏"}
NOBODY_OF_OURS = "-"
NICKNAMES = {"晓晓": "1001", "静静": "1002"}  # what the shops' tools call them
SHOP, ORDERS = "云上小铺", ("7000000000000000001", "7000000000000000002")  # that the attribution names
PROVISION = {"code": "x-book", "title": "漏记交接", "kind": "fine", "params": {"amount": "20.00"}}


def name_of(profile: Profile) -> str:
    return f"{profile.kind}.{profile.name}"


def sample_of(name: str) -> Path:
    (found,) = sorted(FOLDER.glob(f"{name}.*"))
    return found


@pytest.fixture
def department() -> Department:
    """The people of the samples, and a provision."""
    made = factories.department("D1", name="客服部")
    for number, name in PEOPLE.items():
        factories.staff(made, number, name=name, hired_on=date(2024, 1, 1))
    version = Version.objects.create(department=made, number=1, effective_on=date(2020, 1, 1))
    Provision.objects.create(version=version, position=0, **PROVISION)
    version.published_at = WHEN
    version.save()
    return made


def test_there_is_a_sample_of_every_profile_and_nothing_else() -> None:
    assert {path.name.rsplit(".", 1)[0] for path in FOLDER.iterdir()} == set(map(name_of, all_profiles()))


@pytest.mark.parametrize("profile", all_profiles(), ids=name_of)
def test_a_sample_is_recognised_among_all_kinds(profile: Profile) -> None:
    found = recognise(sample_of(name_of(profile)), kinds=SHEET_KINDS, mappings={})
    assert found.header is not None, [name_of(each) for each in found.candidates]
    assert name_of(found.header.profile) == name_of(profile)
    assert found.header.unknown == ()


@pytest.mark.parametrize("profile", all_profiles(), ids=name_of)
def test_a_sample_comes_in_as_it_is_and_says_what_it_comes_to(
    department: Department, profile: Profile
) -> None:
    Order.objects.bulk_create(
        Order(
            department=department,
            shop=SHOP,
            order_no=number,
            amount=1,
            paid_at=WHEN,
            as_of=date(2026, 10, 31),
        )
        for number in ORDERS
    )
    summary = imported(department, name_of(profile)).summary
    assert summary.rows > 0 and summary.created + summary.changed > 0
    assert summary.totals


def imported(department: Department, name: str) -> ImportReport:
    """The sample, its questions answered as whoever knows the people would."""
    kind = name.split(".")[0]
    account = department.accounts.first() or factories.account("hr", department)
    options = default_options(kind, date(2026, 10, 31)) | {"shop": "演示旗舰店"}
    answers: dict[str, str] = {}
    for _ in range(3):
        upload = Upload(department=department, kind=kind, options=options)
        try:
            return run_import(
                department=department,
                kind=kind,
                path=sample_of(name),
                profile=None,
                by=account,
                at=WHEN,
                dry_run=False,
                load=loader_of(upload, by=account, at=WHEN),
                answers=answers,
            )
        except QuestionsOpen as asked:
            for question in asked.questions:
                known = [number for nick, number in NICKNAMES.items() if nick in question.key]
                answers[question.key] = known[0] if known else NOBODY_OF_OURS
    raise AssertionError(answers)
