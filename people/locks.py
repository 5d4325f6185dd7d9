"""The locks that processes take in the database on what only one of them may do at a time."""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """The first number of an advisory lock: what is locked; the second is the id of the row.

    Two kinds under one number would wait for each other wherever their ids happen to be the same.
    """

    SETTLEMENT = 0x6B66  # a run that settles a period
    UPLOAD = 0x6B67  # a worker's check or import of an upload
    UNDO = 0x6B68  # a worker's undoing of an import
    ATTENDANCE = 0x6B69  # the derivation of a department's attendance
