from appraisals.models.grades import QuarterGrade
from appraisals.models.sheets import ItemScore, Sheet, SheetEvent, SheetPart

__all__ = ["ItemScore", "QuarterGrade", "Sheet", "SheetEvent", "SheetPart"]
