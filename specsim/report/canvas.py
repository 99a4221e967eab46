"""Where figures are drawn: a row of panels in the common style, closed again when it is done.

A closed figure is out of pyplot's hands. A notebook shows it as the value of a cell, once; a script saves it;
a loop over a hundred figures leaves none behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 3.5, 2.7
"""Of one panel, in inches: a column of a two-column page."""


@contextmanager
def canvas(columns: int = 1, width: float = WIDTH, height: float = HEIGHT) -> Iterator[tuple["Figure", Any]]:
    """A figure and its panels side by side, (columns,) axes, each of this width and height in inches.

    >>> with canvas(2) as (figure, (left, right)):
    ...     lines = left.plot([0, 1], [1, 0])
    >>> len(figure.axes)
    2
    """
    with style() as plt:
        figure, axes = plt.subplots(1, columns, figsize=(columns * width, height), squeeze=False)
        try:
            yield figure, axes[0]
        finally:
            plt.close(figure)
