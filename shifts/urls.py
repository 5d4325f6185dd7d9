from django.urls import path

from shifts.views import clock, files, requests

urlpatterns = [
    path("files/<slug:name>", files.attachment, name="attachment"),
    path("me/clock/", clock.me_clock, name="me_clock"),
    path("me/attendance/", clock.me_attendance, name="me_attendance"),
    path("me/corrections/", requests.me_requests, {"kind": "correction"}, name="me_corrections"),
    path("me/outings/", requests.me_requests, {"kind": "outing"}, name="me_outings"),
    path("me/overtime/", requests.me_requests, {"kind": "overtime"}, name="me_overtime"),
    path("me/outings/<int:pk>/return", requests.me_outing_return, name="me_outing_return"),
    path(
        "me/requests/<slug:kind>/<int:pk>/withdraw",
        requests.me_request_withdraw,
        name="me_request_withdraw",
    ),
    path("shifts/requests/", requests.shift_requests, name="shift_requests"),
    path(
        "shifts/requests/<slug:kind>/<int:pk>/decide",
        requests.shift_request_decide,
        name="shift_request_decide",
    ),
]
