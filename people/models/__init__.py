"""Who works where, who signs in, what came in from files, and what each is told."""

from people.business_roles import Post, Role, Tier
from people.models.access import AccessLog, ApiToken, IdempotencyKey
from people.models.aliases import LONGEST_ALIAS, Alias
from people.models.identity import BankAccount, IdentityDocument, SealedNumber
from people.models.imports import FactChange, ImportBatch, RowChange
from people.models.logins import GroupPermission, LoginGroup, TwoStep, TwoStepRemoval
from people.models.organisation import (
    Account,
    AccountDepartment,
    AccountGroup,
    Department,
    Employer,
    Staff,
    Team,
    Term,
)
from people.models.proration import Proration

__all__ = [
    "LONGEST_ALIAS",
    "AccessLog",
    "Account",
    "AccountDepartment",
    "AccountGroup",
    "Alias",
    "ApiToken",
    "BankAccount",
    "Department",
    "Employer",
    "FactChange",
    "GroupPermission",
    "IdempotencyKey",
    "IdentityDocument",
    "ImportBatch",
    "LoginGroup",
    "Post",
    "Proration",
    "Role",
    "RowChange",
    "SealedNumber",
    "Staff",
    "Team",
    "Term",
    "Tier",
    "TwoStep",
    "TwoStepRemoval",
]
