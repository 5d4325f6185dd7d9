"""Template filters for provisions (`{% load rules %}`)."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from rules.kinds.labels import BLANK

register = template.Library()


@register.filter
def blanks(words: str) -> SafeString:
    """Figures in words with every blank one marked 待填."""
    pieces = str(words).split(BLANK)
    marked = [("", piece) for piece in pieces[:1]]
    marked += [('<mark class="blank">待填</mark>', piece) for piece in pieces[1:]]
    return format_html_join("", "{}{}", ((SafeString(mark), piece) for mark, piece in marked))
