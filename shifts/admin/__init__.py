"""The administration pages of shifts."""

from shifts.admin import attendance as attendance
from shifts.admin import holidays as holidays
from shifts.admin import rosters as rosters
