"""Reading and writing spreadsheets: a plain library without models that knows no other app."""
