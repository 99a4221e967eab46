"""Drafts made for a target: `distill` fits a small network to a large one.

A draft is good if its laws are near the target's where the two will meet. So the target writes texts, and
reads some; its states there are kept (lessons); a small network is built around the best narrow head
(projection) and brought near, first in its states, then in its laws (fitting), by the loss that decides how
many drafted tokens are kept (losses). Alpha is measured before and after on texts that nobody has seen.

>>> Recipe(width=64, loss="tv").layers
2
"""

from .distilling import Recipe, distill
from .fitting import Stage

__all__ = ["Recipe", "Stage", "distill"]
