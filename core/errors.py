"""The errors that a user may see: one clear line each, saying what is wrong and what to do."""


class HeadroomError(Exception):
    """Something a user can act on; the message is the whole story, in one line.

    The command line prints it and exits with code 2, an operator reports it. Anything else that is raised is a
    bug in Headroom and keeps its traceback.
    """


class InputError(HeadroomError):
    """What was handed in cannot be used: a file, an option, a mesh."""


class OutputError(HeadroomError):
    """The result cannot be written where it was asked for."""


class WeightsError(HeadroomError):
    """A bundled model file is missing, damaged or from another version."""


class Cancelled(HeadroomError):
    """The user stopped the work; nothing was written."""
