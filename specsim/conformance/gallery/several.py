"""Wrong ways with several candidates for one position. All of them are right if there is only one."""

from typing import Any

from .exhibit import exhibit
from .reference import Rows, below, draw, owed


@exhibit("M25", "siblings", "plausible", contract="tree", seen_by="two candidates for one position")
def siblings_face_the_whole_target(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """Each candidate is tested against the target as it was, as if none had been rejected before.

    After a rejection the target owes less of what that candidate's law covers.
    """
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        for j in candidates:
            if rng.random() * draft[j][tokens[j]] < target[node][tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(target[node], draft[j])
        else:
            break
    return [*kept, draw(left, rng)]


@exhibit(
    "M26",
    "siblings",
    "SafeAILab/EAGLE #74 (EAGLE itself renormalises)",
    contract="tree",
    how="distinct",
    seen_by="two candidates drawn without replacement",
)
def siblings_of_a_law_not_renormalised(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """Candidates are drawn without replacement, and each is tested with the first one's law.

    The second was drawn from the law without the first, renormalised. With replacement this is right.
    """
    kept: list[int] = []
    node, left = 0, target[0]
    while candidates := below(parent, node):
        law = draft[candidates[0]]
        for j in candidates:
            if rng.random() * law[tokens[j]] < left[tokens[j]]:
                kept, node, left = [*kept, tokens[j]], j + 1, target[j + 1]
                break
            left = owed(left, law)
            left = left / left.sum()
        else:
            break
    return [*kept, draw(left, rng)]


@exhibit(
    "M27",
    "siblings",
    "foundation-model-stack/fms-extras #12",
    contract="tree",
    seen_by="two candidates for one position",
)
def siblings_each_meet_a_new_sample(
    target: Rows, draft: Rows, tokens: Any, parent: Any, rng: Any
) -> list[int]:
    """Each candidate is compared with a new sample of the target, and the first match wins.

    One sample for all candidates is exact. With one for each, what was drafted has several chances.
    """
    kept: list[int] = []
    node, own = 0, draw(target[0], rng)
    while candidates := below(parent, node):
        for j in candidates:
            if own == tokens[j]:
                kept, node, own = [*kept, tokens[j]], j + 1, draw(target[j + 1], rng)
                break
            own = draw(target[node], rng)
        else:
            break
    return [*kept, own]
