"""What every app's refusals have in common."""


class Refused(ValueError):
    """A service refuses and has changed nothing.

    The message is Chinese: why, and after a semicolon what to do instead. Each app has subclasses of its
    own, one a noun (`<app>/errors.py`), so that a caller catches what it can answer and nothing else.
    """

    @property
    def reason(self) -> str:
        """Why, without what to do."""
        return str(self).partition("；")[0]

    @property
    def remedy(self) -> str:
        """What to do instead; empty where the message does not say."""
        return str(self).partition("；")[2]
