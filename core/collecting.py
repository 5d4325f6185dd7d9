"""Python's garbage collection during work that makes very many objects at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 200_000


@contextmanager
def new_objects_alone() -> Iterator[None]:
    """Inside, collections look through what is made inside only, and after many new objects, not after 700.

    Each full collection would otherwise walk over everything that the process has loaded, several hundred
    thousand objects that stand since its start; and what is made inside nearly all stays until the end.
    """
    usual = gc.get_threshold()
    # Somebody further out, or another thread, has begun. How many objects stand frozen would tell it too, yet
    # Python counts them one by one.
    if usual[0] == MANY:
        yield
        return
    gc.freeze()
    gc.set_threshold(MANY, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.freeze()  # what was made inside goes among what is old without being looked through
        gc.unfreeze()
