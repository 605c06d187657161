"""The errors that a user may see: one clear line each, saying what is wrong and what to do."""

LONGEST = 2000
"""Characters of a message."""


class HeadroomError(Exception):
    """Something a user can act on; the message is the whole story, in one line.

    The command line prints it and exits with code 2, an operator reports it. Anything else that is raised is a
    bug in Headroom and keeps its traceback. Names out of files are part of many messages: line breaks and what steers
    a terminal become blanks, and the middle of what nobody would read is left out.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(str(message)))


def one_line(text: str) -> str:
    """Give a message as one line of at most `LONGEST` characters that can all be shown."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 500]} … {text[-400:]}"
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


class InputError(HeadroomError):
    """What was handed in cannot be used: a file, an option, a mesh."""


class OutputError(HeadroomError):
    """The result cannot be written where it was asked for."""


class WeightsError(HeadroomError):
    """A bundled model file is missing, damaged or from another version."""


class Cancelled(HeadroomError):
    """The user stopped the work; nothing was written."""
