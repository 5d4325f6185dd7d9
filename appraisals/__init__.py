"""Appraisals: schemes of metrics and weights, sheets to discuss and sign, ranking, grades of quarters."""
