"""Spreadsheets in the browser: uploaded, recognised, checked, confirmed, imported, undone."""
