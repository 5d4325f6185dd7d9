"""How many random examples a run plays: few each time, more where somebody asks (THOROUGH=10 make test)."""

import os


def examples(few: int) -> int:
    return few * int(os.environ.get("THOROUGH", "1"))
