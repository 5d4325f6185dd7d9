from django.urls import path

from complaints.views import statistics

urlpatterns = [
    path("cases/statistics/", statistics.case_statistics, name="case_statistics"),
    path("cases/statistics/export", statistics.case_statistics_export, name="case_statistics_export"),
]
