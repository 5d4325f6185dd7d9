"""The administration pages of people."""

from people.admin import identity as identity
from people.admin import logins as logins
from people.admin import organisation as organisation
from people.admin import proration as proration
