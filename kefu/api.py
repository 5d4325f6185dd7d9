"""The map of the API under /api/v1/: resources, their description, and a page on which people read it."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from commissions.api import MetricViewSet, OrderViewSet
from imports.api import ImportViewSet
from payroll.api import PayslipViewSet, SettlementViewSet
from payroll.splits_api import OrderSplitViewSet
from penalties.api import IncidentAppealViewSet, IncidentViewSet, ProposalViewSet
from penalties.fund_api import FundCountViewSet, FundTransactionViewSet
from people.alias_api import AliasViewSet
from people.api import DepartmentViewSet, StaffViewSet
from people.token_auth import TokenAuthentication
from rules.api import LibraryProvisionViewSet, ProvisionViewSet, RulebookViewSet, VersionViewSet
from shifts.api import LeaveBalanceViewSet

app_name = "api"

router = SimpleRouter()
for prefix, viewset, name in (
    ("departments", DepartmentViewSet, "department"),
    ("staff", StaffViewSet, "staff"),
    ("aliases", AliasViewSet, "alias"),
    ("rulebooks", RulebookViewSet, "rulebook"),
    ("library-provisions", LibraryProvisionViewSet, "library-provision"),
    ("versions", VersionViewSet, "version"),
    ("provisions", ProvisionViewSet, "provision"),
    ("incidents", IncidentViewSet, "incident"),
    ("incident-appeals", IncidentAppealViewSet, "incident-appeal"),
    ("fund-transactions", FundTransactionViewSet, "fund-transaction"),
    ("fund-counts", FundCountViewSet, "fund-count"),
    ("proposals", ProposalViewSet, "proposal"),
    ("orders", OrderViewSet, "order"),
    ("order-splits", OrderSplitViewSet, "order-split"),
    ("metrics", MetricViewSet, "metric"),
    ("imports", ImportViewSet, "import"),
    ("leave-balances", LeaveBalanceViewSet, "leave-balance"),
    ("settlements", SettlementViewSet, "settlement"),
    ("payslips", PayslipViewSet, "payslip"),
):
    router.register(prefix, viewset, basename=name)


class NothingHere(APIView):
    """An address that does not exist is told as a problem, too."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound


# The description is read by systems with their token and by people who are signed in; the resources take
# tokens only, so that no page of another site can act through somebody's session.
READERS = [TokenAuthentication, SessionAuthentication]
docs = SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api:docs"), name="root"),
    path("", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(authentication_classes=READERS), name="schema"),
    path("docs/", login_required(docs), name="docs"),
    re_path(r"^", NothingHere.as_view()),
]
