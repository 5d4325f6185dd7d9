"""Several people who do something in the same moment, each on a connection of their own."""

import threading
from collections.abc import Callable

from django.db import connection

from core.errors import Refused


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of each: `done`, or the refusal or error; in any order."""
    both_ready, outcomes = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[], object]) -> None:
        try:
            both_ready.wait(timeout=10)
            act()
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.reason)
        except Exception as error:
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)
