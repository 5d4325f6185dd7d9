from django.urls import path

from complaints.views import notices, statistics

urlpatterns = [
    path("cases/statistics/", statistics.case_statistics, name="case_statistics"),
    path("cases/statistics/export", statistics.case_statistics_export, name="case_statistics_export"),
    path("cases/notices/", notices.case_notices, name="case_notices"),
    path("cases/charges/<int:pk>/notice/", notices.charge_notice, name="charge_notice"),
]
