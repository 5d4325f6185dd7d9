"""One's own page: the ballots in which one still votes, what was decided about the own grade."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core.paging import page_of
from people.models import Term
from people.web import account_of, do, own_staff
from promotions import services
from promotions.models import BallotVoter, ReviewRound
from promotions.selectors.ballots import votes_open_to
from promotions.selectors.changes import changes_visible_to
from promotions.services.ballots import ANSWERS

MOST_BALLOTS = 20


@require_safe
def me_grades(request: HttpRequest) -> HttpResponse:
    """The own tier, whom one may vote on, and the own changes of grade, 50 to a page; eight queries."""
    account, staff = account_of(request), own_staff(request)
    own = changes_visible_to(account).filter(staff__account=account)
    term = Term.objects.filter(staff=staff, valid__contains=timezone.localdate()).first()
    shown = {
        "term": term,
        "votes": list(votes_open_to(account)[:MOST_BALLOTS]),
        "answers": list(ANSWERS.items()),
        "page": page_of(request, own.select_related("staff", "candidate__round").order_by("-id")),
    }
    return render(request, "promotions/me.html", shown)


@require_POST
@sensitive_post_parameters("answer")
def me_grade_vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Vote on a candidate of one's team; pressed again it says that the vote was cast."""
    account = account_of(request)
    begun = ReviewRound.State.VOTING, ReviewRound.State.VOTED, ReviewRound.State.CLOSED
    rows = BallotVoter.objects.filter(staff__account=account, candidate__round__state__in=begun)
    mark = get_object_or_404(rows.select_related("candidate__round"), candidate=pk)
    return do(
        request,
        lambda: services.vote_cast(
            candidate=mark.candidate, answer=request.POST.get("answer", ""), by=account
        ),
        "您的一票已计入；系统不记谁投了什么。",
        "me_grades",
        refused_as="没有投票：",
    )
