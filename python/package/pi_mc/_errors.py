"""The exceptions of pi_mc. A value of the wrong type is a plain TypeError, and a file that cannot be written a plain
OSError."""


class Error(Exception):
    """Anything that pi_mc refuses or fails at."""

    __module__ = "pi_mc"


class InvalidError(Error, ValueError):
    """A value out of range, or values that do not go together. The message says what was expected."""

    __module__ = "pi_mc"


class MergeError(Error, ValueError):
    """Results that do not add up, or cannot be averaged."""

    __module__ = "pi_mc"


class MissingError(MergeError):
    """Darts are missing: see `missing`, or `merge` what is there with `partial=True`."""

    __module__ = "pi_mc"


class FailedError(Error, RuntimeError):
    """The operating system refused a thread, or a worker process failed."""

    __module__ = "pi_mc"
