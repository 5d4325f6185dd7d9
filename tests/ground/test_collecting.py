"""Work that makes very many objects is not slowed by those that stood before it."""

import gc
from collections.abc import Iterator

import pytest

from core.collecting import new_objects_alone


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """The tests themselves leave what they have loaded out of collections."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_what_stood_before_is_left_alone_until_the_end() -> None:
    with new_objects_alone():
        held = gc.get_freeze_count()
        made: list[object] = []
        with new_objects_alone():
            made.append(made)
        assert gc.get_freeze_count() == held > 1000
        del made
        assert gc.collect() >= 1
    assert gc.get_freeze_count() == 0


def test_a_failure_ends_it_too() -> None:
    with pytest.raises(ValueError, match="gone wrong"), new_objects_alone():
        raise ValueError("gone wrong")
    assert gc.get_freeze_count() == 0
