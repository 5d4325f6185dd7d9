"""Triggers by which the database itself refuses to change what was written once."""

import pgtrigger

# Rows are inserted and nothing else.
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# Rows may go, with what brought them; what they say never changes.
UNCHANGED = pgtrigger.Protect(name="unchanged", operation=pgtrigger.Update)
