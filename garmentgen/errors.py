"""The one error a user is meant to read."""


class UserError(ValueError):
    """Something the user gave cannot be used; the message says what was expected, what came and what to do.

    The command line prints the message alone (no traceback) and exits with 2; the demo shows it as a notice.
    """
