"""The administration pages of payroll."""

from payroll.admin import filings as filings
from payroll.admin import pay as pay
from payroll.admin import periods as periods
