"""Who works where, who signs in, what came in from files, and what each is told."""

from people.models.access import AccessLog, ApiToken, IdempotencyKey
from people.models.imports import FactChange, HeaderMapping, ImportBatch, RowChange, Upload
from people.models.logins import GroupPermission, LoginGroup, TwoStep, TwoStepRemoval
from people.models.organisation import Account, AccountDepartment, AccountGroup, Department, Staff, Team, Term
from people.notices.models import CHOSEN_KINDS, Channel, Notice, NoticeChoice, NoticeDelivery, NoticeKind
from people.roles import Post, Role, Tier

__all__ = [
    "CHOSEN_KINDS",
    "AccessLog",
    "Account",
    "AccountDepartment",
    "AccountGroup",
    "ApiToken",
    "Channel",
    "Department",
    "FactChange",
    "GroupPermission",
    "HeaderMapping",
    "IdempotencyKey",
    "ImportBatch",
    "LoginGroup",
    "Notice",
    "NoticeChoice",
    "NoticeDelivery",
    "NoticeKind",
    "Post",
    "Role",
    "RowChange",
    "Staff",
    "Team",
    "Term",
    "Tier",
    "TwoStep",
    "TwoStepRemoval",
    "Upload",
]
