"""Triggers by which the database itself refuses to change what was written once."""

from collections.abc import Iterable, Mapping

import pgtrigger

# Rows are inserted and nothing else.
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# Rows may go, with what brought them; what they say never changes.
UNCHANGED = pgtrigger.Protect(name="unchanged", operation=pgtrigger.Update)


def moves_only(field: str, moves: Mapping[str, Iterable[str]]) -> pgtrigger.Trigger:
    """A state that goes only from each of `moves` to those beside it; staying is no move."""
    pairs = [(before, after) for before, others in moves.items() for after in others]
    return pgtrigger.FSM(name="moves", field=field, transitions=pairs)


def sums_to(whole: int, column: str, *, of: str, per: str, refusal: str) -> pgtrigger.Trigger:
    """Rows of the table `of` with the same `per` have all of something together.

    Looked at when the transaction ends; `refusal` is what is said where `column` does not sum to `whole`.
    """
    return pgtrigger.Trigger(
        name="shares_sum_to_whole",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=f"""
        IF (SELECT sum({column}) FROM {of} WHERE {per} = NEW.{per}) <> {whole} THEN
            RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
    )
