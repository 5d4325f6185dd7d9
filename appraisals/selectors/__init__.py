from appraisals.selectors.grades import grade_letters, grades_held

__all__ = ["grade_letters", "grades_held"]
