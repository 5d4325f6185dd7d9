from appraisals.selectors.grades import grades_held

__all__ = ["grades_held"]
