"""Text that comes from a student's process, made fit to be shown in one line."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """In one line, without control characters and broken unicode: an error's message may hold anything.

    >>> printable("two\\nlines")
    'two lines'
    """
    return "".join(char if char.isprintable() else " " if char.isspace() else "�" for char in text)
