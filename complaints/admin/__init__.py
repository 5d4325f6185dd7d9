"""The administration pages of complaints."""

from complaints.admin import cases as cases
from complaints.admin import clocks as clocks
from complaints.admin import losses as losses
