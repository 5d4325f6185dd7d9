from django.urls import path

from complaints.views import cases, losses, notices, record, statistics, work

urlpatterns = [
    path("cases/", cases.cases, name="cases"),
    path("cases/export", cases.cases_workbook, name="cases_export"),
    path("cases/new/", record.case_new, name="case_new"),
    path("cases/order", record.case_order, name="case_order"),
    path("cases/people", record.case_people, name="case_people"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/files/<slug:name>", cases.case_file, name="case_file"),
    path("cases/<int:pk>/step", work.case_step, name="case_step"),
    path("cases/<int:pk>/event", work.case_event, name="case_event"),
    path("cases/<int:pk>/assign", work.case_assign, name="case_assign"),
    path("cases/<int:pk>/take", work.case_take, name="case_take"),
    path("cases/<int:pk>/pause", work.case_pause, name="case_pause"),
    path("cases/<int:pk>/resume", work.case_resume, name="case_resume"),
    path("cases/<int:pk>/reopen", work.case_reopen, name="case_reopen"),
    path("cases/<int:pk>/merge", work.case_merge, name="case_merge"),
    path("cases/<int:pk>/callback", work.case_callback, name="case_callback"),
    path("cases/<int:pk>/phone", work.case_phone, name="case_phone"),
    path("cases/<int:pk>/loss", losses.case_loss, name="case_loss"),
    path("cases/<int:pk>/ruling", losses.case_ruling, name="case_ruling"),
    path("cases/<int:pk>/rulings/<int:ruling>/decide", losses.ruling_decide, name="ruling_decide"),
    path("cases/<int:pk>/rulings/<int:ruling>/reverse", losses.ruling_reverse, name="ruling_reverse"),
    path("cases/<int:pk>/appeals/<int:appeal>/decide", losses.case_appeal, name="case_appeal"),
    path("cases/statistics/", statistics.case_statistics, name="case_statistics"),
    path("cases/statistics/export", statistics.case_statistics_export, name="case_statistics_export"),
    path("cases/notices/", notices.case_notices, name="case_notices"),
    path("cases/charges/<int:pk>/notice/", notices.charge_notice, name="charge_notice"),
    path("cases/charges/<int:pk>/letter", notices.charge_letter_pdf, name="charge_letter"),
]
