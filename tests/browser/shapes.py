"""What a page is built of, so that a page that another role is shown alike need not be looked at twice."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
TELLING = ("type", "role")
# Classes by which the administration names a field or a column; they look alike.
NAMES = ("field-", "column-", "model-", "app-", "action-")


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.above: list[str] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        classes = [each for each in (known.get("class") or "").split() if not each.startswith(NAMES)]
        told = [known.get(each) or "" for each in TELLING]
        here = " ".join([tag, *told, *classes, *sorted(known.keys() & NAMED)])
        self.found.add(" > ".join([*self.above[-2:], here]))
        if tag not in VOID:
            self.above.append(here)

    def handle_endtag(self, tag: str) -> None:
        while self.above and self.above.pop().partition(" ")[0] != tag:
            pass


NAMED = {"data-label", "aria-label", "aria-labelledby", "aria-describedby", "disabled", "open", "required"}


def shape(html: str) -> frozenset[str]:
    """Every element with the two above it, by tag, class and how it is named; no words, no ids."""
    reader = _Shape()
    reader.feed(html)
    return frozenset(reader.found)
