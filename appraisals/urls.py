from django.urls import path

from appraisals.views import board, me, quarters, schemes, sheets

urlpatterns = [
    path("appraisals/", board.appraisals, name="appraisals"),
    path("appraisals/export", board.appraisals_export, name="appraisals_export"),
    path("appraisals/publish", board.appraisals_publish, name="appraisals_publish"),
    path("appraisals/close", board.appraisals_close, name="appraisals_close"),
    path("appraisals/schemes", schemes.appraisal_schemes, name="appraisal_schemes"),
    path("appraisals/quarter", quarters.quarter, name="appraisal_quarter"),
    path("appraisals/quarter/export", quarters.quarter_export, name="appraisal_quarter_export"),
    path("appraisals/quarter/confirm", quarters.quarter_confirm, name="appraisal_quarter_confirm"),
    path("appraisals/<month:month>/<int:pk>/", sheets.sheet, name="appraisal_sheet"),
    path("appraisals/<month:month>/<int:pk>/score", sheets.sheet_scored, name="appraisal_score"),
    path("appraisals/<month:month>/<int:pk>/answer", sheets.sheet_answered, name="appraisal_answer"),
    path("appraisals/<month:month>/<int:pk>/back", sheets.sheet_back, name="appraisal_back"),
    path("me/appraisals/", me.me_appraisals, name="me_appraisals"),
    path("me/appraisals/<month:month>/", me.me_appraisal, name="me_appraisal"),
    path("me/appraisals/<month:month>/comment", me.me_appraisal_comment, name="me_appraisal_comment"),
    path("me/appraisals/<month:month>/sign", me.me_appraisal_sign, name="me_appraisal_sign"),
]
