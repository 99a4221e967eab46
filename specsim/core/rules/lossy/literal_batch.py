"""Batch verification as its published pseudo-code says, taken literally: one draft, and the residual twice.

In the listing the branch that replaces a rejected token stands inside the loop over drafts, so that drafts
after the first are never tried; and the target has become the residual before the residual is taken of it:

    first = norm((target - draft)_+),   replacement = norm((first - draft)_+).

It is biased. The proof in the same paper uses the version that is exact, `rules.batch`.
"""

from ...arrays import Array, normalised, positive
from ..rule import Rule
from .over_accept import opt
from .token_wise import lossy, replacement_rows
