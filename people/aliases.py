"""The form in which names of people are compared, however a file writes them."""

import unicodedata

from sheets.values import key_of

_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅●・.", "·"))
# What spreadsheets and chats leave around a number: 9101, or `9101.
_STRAY = " `'\"‘’“”´,，、;；。·\t\u3000"


def tidy(text: str) -> str:
    """What was meant: half-width digits and letters, one space at most, no stray marks around,
    nothing that nobody sees."""
    seen = "".join(
        char for char in unicodedata.normalize("NFKC", text) if char.isprintable() or char.isspace()
    )
    return " ".join(seen.split()).strip(_STRAY)


def alias_key(text: str) -> str:
    """The form in which names, numbers and aliases are compared: width, spaces, case and marks aside."""
    return key_of(tidy(text)).translate(_DOTS)
