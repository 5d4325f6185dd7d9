"""What the page of a case shows of its losses and of who bears them, to whom that is shown."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from complaints.forms.losses import LossForm, ReverseForm, RulingForm
from complaints.models import Appeal, Case, Charge, PartyMember, ResponsibleParty, Ruling
from complaints.selectors.powers import Powers
from complaints.selectors.responsibility import candidates_of
from complaints.selectors.types import share_rules
from people.models import Account

LIVING = (Case.State.OPEN, Case.State.CLOSED)


def losses_shown(case: Case, powers: Powers, account: Account, now: datetime) -> dict[str, Any]:
    """Losses, rulings with their parties and charges, appeals, and the forms that are offered."""
    if not powers.sees_whole:
        may_add = powers.works and case.state in LIVING
        return {"loss_form": LossForm(case=case, now=now) if may_add else None}
    losses = list(case.losses.filter(moved_to__isnull=True).select_related("by").prefetch_related("evidence"))
    rulings = list(_rulings(case))
    stands = next((each for each in rulings if each.state in ("proposed", "decided")), None)
    may_add = powers.works and case.state in LIVING and stands is None
    may_propose = powers.steers and bool(losses) and case.state in LIVING and stands is None
    rules = share_rules(case) if may_propose else []
    return {
        "losses": losses,
        "total": sum((each.amount for each in losses), Decimal(0)),
        "rulings": rulings,
        "stands": stands,
        "loss_form": LossForm(case=case, now=now) if may_add else None,
        "ruling_form": RulingForm(case=case, rules=rules, now=now) if rules else None,
        "lacks_rule": may_propose and not rules,
        "candidates": candidates_of(case) if powers.steers or powers.decides else [],
        "reverse_form": ReverseForm(case=case, now=now),
        "own_account": account.pk,
    }


def _rulings(case: Case) -> Any:
    """The rulings, the latest first; five queries."""
    members = PartyMember.objects.select_related("staff")
    parties = ResponsibleParty.objects.select_related("team").prefetch_related(
        Prefetch("members", queryset=members)
    )
    appeals = Appeal.objects.select_related("decided_by")
    charges = Charge.objects.select_related("staff").prefetch_related(Prefetch("appeals", queryset=appeals))
    rows = Ruling.objects.filter(case=case).select_related("provision", "proposed_by", "decided_by")
    return rows.prefetch_related(Prefetch("parties", queryset=parties), Prefetch("charges", queryset=charges))
