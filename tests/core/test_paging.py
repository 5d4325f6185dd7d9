"""A long list a page at a time."""

import pytest
from django.test import RequestFactory

from core.paging import PAGE, page_of


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [("", 0, PAGE), ("?page=2", PAGE, PAGE), ("?page=3", 2 * PAGE, 7), ("?page=99", 2 * PAGE, 7),
     ("?page=x", 0, PAGE)],
)  # fmt: skip
def test_the_address_names_the_page_and_beyond_the_end_is_the_last(
    asked: str, first: int, count: int
) -> None:
    page = page_of(RequestFactory().get(f"/{asked}"), range(2 * PAGE + 7))
    assert list(page) == list(range(first, first + count))


def test_a_count_that_is_known_is_not_asked_for() -> None:
    class Rows:
        def __getitem__(self, wanted: slice) -> list[int]:
            return list(range(100))[wanted]

    page = page_of(RequestFactory().get("/?page=2"), Rows(), size=30, count=40)
    assert (list(page), page.paginator.num_pages) == (list(range(30, 40)), 2)
