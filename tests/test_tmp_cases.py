import sys
from pathlib import Path
import pytest
from workbench.scenarios.document import read_scenarios
from workbench.scenarios.runner import play
CASES=Path('/work/shared/cases')
NAMES=['leave-over-weekend','holiday-leave','whole-month-away','roster-proration','absence-then-leave','full-attendance-annual']
@pytest.mark.django_db
@pytest.mark.parametrize('s',[pytest.param(s,id=n+':'+s['scenario']) for n in NAMES for s in read_scenarios(CASES/f'{n}.yaml')])
def test_case(s):
    assert play(s)==[]
