"""What a case cost and who bears it: recorded, proposed, decided, taken back; appeals decided."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from complaints.forms.losses import LossForm, RulingForm
from complaints.models import Appeal, Case, Ruling
from complaints.selectors.types import share_rules
from complaints.services import rulings as services
from complaints.services.appeals import appeal_decide
from complaints.views.work import case_and_powers, take
from people.web import account_of, do, typed


@require_POST
def case_loss(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the case cost."""
    case, powers = case_and_powers(request, pk)
    if not powers.works:
        raise Http404
    now = timezone.now()
    form = LossForm(request.POST, request.FILES, case=case, now=now)

    def act() -> None:
        given = form.cleaned_data
        services.loss_record(
            case=case,
            amount=given["amount"],
            basis=given["basis"],
            files=given["attached"],
            by=account_of(request),
            at=now,
        )

    return take(request, case, "loss", form, act, "已登记损失。")


@require_POST
def case_ruling(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose who bears the losses."""
    case, powers = case_and_powers(request, pk)
    if not powers.steers:
        raise Http404
    now = timezone.now()
    form = RulingForm(request.POST, case=case, rules=share_rules(case), now=now)

    def act() -> None:
        services.ruling_propose(
            case=case,
            parties=form.parties(),
            reason=form.cleaned_data["reason"],
            provision_code=form.cleaned_data.get("provision_code", ""),
            by=account_of(request),
            at=now,
        )

    return take(request, case, "ruling", form, act, "已提出归责，等有权的人裁定。")


@require_POST
def ruling_decide(request: HttpRequest, pk: int, ruling: int) -> HttpResponse:
    """Accept or refuse a proposal, as the button says."""
    case, row = _ruling(request, pk, ruling)
    decision = request.POST.get("decision", "")
    if decision not in ("accept", "refuse"):
        raise Http404
    is_yes = decision == "accept"
    return _then(
        request,
        case,
        lambda: services.ruling_decide(
            ruling=row,
            accept=is_yes,
            answer=typed(request, "answer"),
            by=account_of(request),
            at=timezone.now(),
        ),
        "已裁定，各人承担的已记入台账。" if is_yes else "已记下不采纳。",
    )


@require_POST
def ruling_reverse(request: HttpRequest, pk: int, ruling: int) -> HttpResponse:
    """Take a decided ruling back."""
    case, row = _ruling(request, pk, ruling)
    return _then(
        request,
        case,
        lambda: services.ruling_reverse(
            ruling=row, reason=typed(request, "reason"), by=account_of(request), at=timezone.now()
        ),
        "裁定已撤销，各人承担的已冲回。",
    )


@require_POST
def case_appeal(request: HttpRequest, pk: int, appeal: int) -> HttpResponse:
    """Grant or refuse what somebody says against a share."""
    case, powers = case_and_powers(request, pk)
    if not powers.decides_appeals:
        raise Http404
    row = get_object_or_404(Appeal, pk=appeal, charge__ruling__case=case)
    decision = request.POST.get("decision", "")
    if decision not in ("approved", "refused"):
        raise Http404
    return _then(
        request,
        case,
        lambda: appeal_decide(
            appeal=row,
            state=decision,
            answer=typed(request, "answer"),
            by=account_of(request),
            at=timezone.now(),
        ),
        "申诉已批准，这一笔已冲回。" if decision == "approved" else "申诉已答复：不批准。",
    )


def _ruling(request: HttpRequest, pk: int, ruling: int) -> tuple[Case, Ruling]:
    case, powers = case_and_powers(request, pk)
    if not powers.decides:
        raise Http404
    return case, get_object_or_404(Ruling, pk=ruling, case=case)


def _then(request: HttpRequest, case: Case, act: Callable[[], object], said: str) -> HttpResponse:
    return do(request, act, said, "case", case.pk, refused_as="没有办成：")
