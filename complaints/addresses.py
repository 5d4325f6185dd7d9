"""Where the pages of complaints stand: for notices and traces, which know a case by its number alone."""

MY_CHARGES = "/me/charges/"


def case_url(pk: int) -> str:
    """The page of a case."""
    return f"/cases/{pk}/"
