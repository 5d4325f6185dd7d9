"""The anonymous ballot: who may vote and has, and apart from it how many votes each answer has.

There is no row for a vote. Neither table has a time or a history, and none may be added.
"""

import pgtrigger
from django.db import models

from people.models import Staff
from promotions.models.rounds import Candidate

# As many votes as people who voted, whenever a transaction ends: none is lost, none comes from nowhere.
_COUNTS_MATCH = """
    IF (SELECT yes + no + abstained FROM promotions_ballotcount WHERE candidate_id = NEW.candidate_id)
        IS DISTINCT FROM
        (SELECT count(*) FROM promotions_ballotvoter WHERE candidate_id = NEW.candidate_id AND has_voted)
    THEN
        RAISE EXCEPTION '票数与投票人数不符' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""
# The answers change while the ballot is open, and by one vote more alone.
_WHILE_OPEN = """
    IF NEW.candidate_id <> OLD.candidate_id OR NEW.yes < OLD.yes OR NEW.no < OLD.no
        OR NEW.abstained < OLD.abstained
        OR NEW.yes + NEW.no + NEW.abstained <> OLD.yes + OLD.no + OLD.abstained + 1
        OR NOT EXISTS (
            SELECT FROM promotions_candidate c JOIN promotions_reviewround r ON r.id = c.round_id
            WHERE c.id = NEW.candidate_id AND r.state = 'voting'
        )
    THEN
        RAISE EXCEPTION '投票没有开始或已经结束' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


def _counts_match(operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="counts_match",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=_COUNTS_MATCH,
    )


class BallotVoter(models.Model):
    """Who may vote about a candidate, and whether they have; not how, and not when."""

    candidate = models.ForeignKey(
        Candidate, verbose_name="候选人", on_delete=models.PROTECT, related_name="voters"
    )
    staff = models.ForeignKey(
        Staff, verbose_name="投票人", on_delete=models.PROTECT, related_name="ballot_marks"
    )
    has_voted = models.BooleanField("已投票", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "投票人"
        default_permissions = ()  # nobody opens these rows
        ordering = ["candidate", "staff"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "staff"], name="promotions_ballotvoter_once")
        ]
        triggers = [
            _counts_match(pgtrigger.Insert | pgtrigger.UpdateOf("has_voted")),
            pgtrigger.ReadOnly(name="voter_stays", fields=["candidate", "staff"]),
            pgtrigger.Protect(
                name="voted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__has_voted=True, new__has_voted=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.staff)


class BallotCount(models.Model):
    """How many votes each answer about a candidate has. It is read once the ballot is closed, not before."""

    candidate = models.OneToOneField(
        Candidate, verbose_name="候选人", on_delete=models.PROTECT, related_name="ballot"
    )
    yes = models.PositiveIntegerField("同意", default=0)
    no = models.PositiveIntegerField("不同意", default=0)
    abstained = models.PositiveIntegerField("弃权", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "票数"
        default_permissions = ()
        triggers = [
            _counts_match(pgtrigger.Insert | pgtrigger.Update),
            pgtrigger.Trigger(
                name="while_open", when=pgtrigger.Before, operation=pgtrigger.Update, func=_WHILE_OPEN
            ),
        ]

    def __str__(self) -> str:
        return str(self.candidate)

    @property
    def total(self) -> int:
        return self.yes + self.no + self.abstained
