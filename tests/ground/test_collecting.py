"""Work that makes very many objects is not slowed by those that stood before it."""

import gc
import weakref
from collections.abc import Iterator
from unittest.mock import Mock, patch

import pytest

from core.collecting import MANY, new_objects_alone


class Ring:
    """Holds itself, so that only a collection removes it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """The tests themselves leave what they have loaded out of collections, and collect as rarely."""
    usual = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*usual)
    gc.freeze()


def test_what_stood_before_is_left_alone_until_the_end() -> None:
    with new_objects_alone():
        made = Ring()
        with new_objects_alone(), patch("gc.get_freeze_count", Mock(side_effect=AssertionError("counted"))):
            pass
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold() == (MANY, 10, 10)
        gone = weakref.ref(made)
        del made
        gc.collect()
        assert gone() is None
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, (700, 10, 10))


def test_a_failure_ends_it_too() -> None:
    with pytest.raises(ValueError, match="gone wrong"), new_objects_alone():
        raise ValueError("gone wrong")
    assert gc.get_freeze_count() == 0
