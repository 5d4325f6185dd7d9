from appraisals.services.grades import grade_record, grades_confirm
from appraisals.services.sheets import (
    item_score,
    sheet_answer,
    sheet_comment,
    sheet_sign,
    sheet_take_back,
    sheets_close,
    sheets_publish,
)

__all__ = [
    "grade_record",
    "grades_confirm",
    "item_score",
    "sheet_answer",
    "sheet_comment",
    "sheet_sign",
    "sheet_take_back",
    "sheets_close",
    "sheets_publish",
]
