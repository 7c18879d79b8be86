"""The one exception of the package."""


class AttnError(Exception):
    """What was asked for cannot be compiled or run.

    The text is the compiler's or the launcher's own: "expected X to be Y, but
    got Z". Everything that goes wrong for a reason that the caller can change
    is of this type.
    """
