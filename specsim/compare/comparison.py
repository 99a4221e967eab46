"""A comparison: every rule on every shape, by theory and by simulation."""

from dataclasses import asdict

from ..core import as_shape
from ..measure.record import environment
from ..models import Pair
from ..shapes import read_shape
from .candidates import candidates, usual_shapes
from .listed import can_be_listed, listed
from .options import Options
from .record import Comparison
from .sampled import sampled


def compare(pair: Pair, options: Options | None = None, progress: bool | None = False) -> Comparison:
    """Compare rules on a pair: tokens per round, and total variation from the target's law.

    progress: show a bar; None for terminals only. Raises ValueError for unknown names, and for a rule that
    takes none of the shapes.

    >>> from specsim.models import load_pair
    >>> found = compare(load_pair("toy"), Options(2, ("block",), ("chain:2",), rounds=1000))
    >>> round(found.entries[0].tokens.theory.mean, 6), round(found.most["chain:2"], 6), found.agrees
    (2.25, 2.25, True)
    """
    options = options or Options()
    shapes = [as_shape(read_shape(text)) for text in options.shapes]
    shapes = shapes or usual_shapes(options.drafted, pair.vocab_size)
    chosen = candidates(options.rules, shapes, options.strengths)
    small = can_be_listed(pair, max(len(shape.parent) for shape in shapes))
    found = (listed if small else sampled)(pair, chosen, options, progress)
    return Comparison(pair.name, asdict(options), environment=environment(), **found._asdict())
