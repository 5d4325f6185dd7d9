from django.urls import path

from payroll.views import (
    cash,
    claims,
    me,
    me_commission,
    objections,
    payslips,
    period_parts,
    periods,
    preview,
)

MONTH = "pay/<str:code>/<month:month>/"
# Parts of a month end without a slash: what ends with one is somebody's number.
urlpatterns = [
    path("pay/", periods.pay, name="pay"),
    path(MONTH, periods.pay_period, name="pay_period"),
    path(f"{MONTH}progress", periods.pay_progress, name="pay_progress"),
    path(f"{MONTH}step/<slug:key>", periods.pay_step, name="pay_step"),
    path(f"{MONTH}export", periods.pay_export, name="pay_export"),
    path(f"{MONTH}differences", period_parts.pay_differences, name="pay_differences"),
    path(f"{MONTH}checks", period_parts.pay_checks, name="pay_checks"),
    path(f"{MONTH}history", period_parts.pay_history, name="pay_history"),
    path(f"{MONTH}manual", period_parts.pay_manual, name="pay_manual"),
    path(f"{MONTH}manual/<int:pk>/withdraw", period_parts.pay_manual_withdraw, name="pay_manual_withdraw"),
    path(f"{MONTH}<path:number>/", payslips.pay_slip, name="pay_slip"),
    path(f"{MONTH}<path:number>/orders", payslips.pay_slip_orders, name="pay_slip_orders"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("fund/fines/<int:pk>/<int:staff_id>/pay", cash.fund_fine_pay, name="fund_fine_pay"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/decide", claims.claim_decide, name="claim_decide"),
    path("me/pay/", me.me_pay, name="me_pay"),
    path("me/pay/<month:month>/", me.me_slip, name="me_slip"),
    path("me/pay/<month:month>/orders", me.me_slip_orders, name="me_slip_orders"),
    path("me/pay/<month:month>/lines/<int:pk>/object", me.me_object, name="me_object"),
    path("me/objections/", me.me_objections, name="me_objections"),
    path("me/ledger/", me.me_ledger, name="me_ledger"),
    path("me/ledger/next", me.me_next, name="me_next"),
    path("me/commission/", me_commission.me_commission, name="me_commission"),
    path("me/commission/so-far", me_commission.me_commission_so_far, name="me_commission_so_far"),
    path("me/commission/unclaimed", me_commission.me_unclaimed, name="me_unclaimed"),
    path("me/commission/unclaimed/<int:pk>/claim", me_commission.me_claim, name="me_claim"),
    path("rules/<str:code>/draft/preview", preview.rules_preview, name="rules_preview"),
]
