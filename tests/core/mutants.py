"""Deliberate faults of the core, each a replacement in one source file, that the properties must notice.

A copy of the package with the fault in it is imported under a name of its own. Where a fault no longer
applies because the source has changed, `faulty_core` says so: update the fault, do not drop it.

Those of the lossy rules are in `lossy_mutants`.
"""

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import specsim.core

SOURCE = Path(specsim.core.__file__).parent


class Fault(NamedTuple):
    name: str
    file: str
    old: str
    new: str


TOKEN, BLOCK, RESIDUAL = "rules/token.py", "rules/block.py", "rules/residual.py"
TRAVERSAL, K_SEQ = "rules/traversal.py", "rules/k_seq.py"
RATIO = "minimum(ratio(at(target[:, :-1], draft.tokens), at(draft.laws, draft.tokens), 1), 1)"
GAINED = "ratio(gained, drafted[:, j], 1)"

FAULTS = [
    # token
    Fault("token accepts with target / draft uncapped", TOKEN, RATIO, RATIO[8:-4]),
    Fault(
        "token accepts with draft / target",
        TOKEN,
        RATIO,
        "minimum(ratio(at(draft.laws, draft.tokens), at(target[:, :-1], draft.tokens), 1), 1)",
    ),
    Fault("token accepts what the target likes better", TOKEN, RATIO, f"1 * ({RATIO} == 1)"),
    Fault("token verifies with the row of the next position", TOKEN, "target[:, :-1]", "target[:, 1:]"),
    Fault("token stops one node late", TOKEN, "reach[:, :-1] * (1 - chance)", "reach[:, 1:] * (1 - chance)"),
    Fault("token keeps going after a rejection", TOKEN, "xp.cumulative_prod(chance, axis=-1)", "chance"),
    Fault(
        "siblings are accepted uncapped",
        TOKEN,
        "1]), chance[:, child - 1], 1), 1)",
        "1]), chance[:, child - 1], 1), 9)",
    ),
    Fault("siblings face the whole target again", TOKEN, "if before is not None:", "if False:"),
    Fault(
        "siblings face the residual of their own law",
        TOKEN,
        "draft.laws[:, before - 1]",
        "draft.laws[:, child - 1]",
    ),
    Fault(
        "sibling residual is not normalised",
        TOKEN,
        "normalised(positive(owed - law), owed)",
        "positive(owed - law)",
    ),
    Fault(
        "sibling residual is not clipped",
        TOKEN,
        "normalised(positive(owed - law), owed)",
        "normalised(owed - law, owed)",
    ),
    Fault(
        "the last residual forgets earlier siblings",
        TOKEN,
        "left.append(owed)",
        "left.append(target[:, node])",
    ),
    Fault("the last residual takes the first sibling's law", TOKEN, "below[-1] - 1", "below[0] - 1"),
    # block
    Fault("block weight is not capped", BLOCK, f"minimum({GAINED}, 1)", GAINED),
    Fault(
        "block weight is NaN where target / draft overflows",
        BLOCK,
        GAINED,
        "weight[-1] * " + GAINED.replace("gained", "wanted[:, j]"),
    ),
    Fault("block weight forgets the tokens before", BLOCK, "weight[-1] * wanted[:, j]", "wanted[:, j]"),
    Fault(
        "block holds with its weight, not with the excess",
        BLOCK,
        "ratio(gathered, gathered + (1 - weights[:, :-1]), 1)",
        "weights[:, :-1]",
    ),
    Fault("block excess is not weighted", BLOCK, "weights[:, j, None] * target[:, j]", "target[:, j]"),
    Fault(
        "block hold loses small excesses to rounding",
        BLOCK,
        "gathered + (1 - weights[:, :-1])",
        "gathered + 1 - weights[:, :-1]",
    ),
    Fault(
        "block stops at the first failure",
        BLOCK,
        "xp.cumulative_prod(xp.flip(1 - holds, axis=-1), axis=-1)",
        "xp.flip(xp.cumulative_prod(holds, axis=-1), axis=-1)",
    ),
    Fault(
        "block stops in reversed order",
        BLOCK,
        "return holds * xp.concat(",
        "return xp.flip(holds, axis=-1) * xp.concat(",
    ),
    Fault(
        "block residual is not weighted",
        BLOCK,
        "residual_rows(target, draft, last, weights)",
        "residual_rows(target, draft, last)",
    ),
    # several drafts at one position
    Fault(
        "naive tree tests all children but the first",
        "rules/naive_tree.py",
        "if above not in draft.parent[:j]",
        "if above in draft.parent[:j]",
    ),
    Fault("hub tests its drawn child last", "rules/hub.py", "below[::-1][:1] + below[:-1]", "below"),
    Fault("hub tests a child that was not drawn", "rules/hub.py", "[below[-1] - 1 for", "[below[0] - 1 for"),
    Fault("k-SEQ does not scale", K_SEQ, "<= one, one, high)", "<= one, one, one)"),
    Fault("k-SEQ scales by k", K_SEQ, "in range(STEPS)", "in range(0)"),
    Fault("k-SEQ takes the bound from below", K_SEQ, "<= one, one, high)", "<= one, one, low)"),
    Fault("k-SEQ scales the residual only", K_SEQ, "scale[-1] * at(law, drafted)", "at(law, drafted)"),
    Fault("k-SEQ residual owes for one try", K_SEQ, "rows(tries, nodes)[..., None] * accepted", "accepted"),
    Fault("k-SEQ takes siblings of several laws", "rules/rule.py", "check_one_law(self.name, draft)", "pass"),
    Fault("a hub draws no child", "draft.py", 'return "distinct" if children', 'return "top" if children'),
    # traversal
    Fault(
        "traversal weight is not capped",
        TRAVERSAL,
        "minimum(ratio(gained, chance[:, child - 1], 1), 1)",
        "ratio(gained, chance[:, child - 1], 1)",
    ),
    Fault("traversal weight forgets the path", TRAVERSAL, "gained = before * at(", "gained = at("),
    Fault("traversal tests parents first", TRAVERSAL, "parents_first[::-1]", "parents_first"),
    Fault(
        "traversal keeps the weight of a node whose child failed",
        TRAVERSAL,
        "_after_failure(total(excess)[:, 0], before)",
        "before",
    ),
    Fault("traversal excess is not weighted", TRAVERSAL, "before[:, None] * owed", "owed"),
    Fault("traversal residual is not weighted", TRAVERSAL, ", xp.stack(scale, axis=1))", ")"),
    Fault(
        "the next child faces the whole target again",
        TRAVERSAL,
        "owed if excess is None else normalised(excess, owed)",
        "owed",
    ),
    Fault("what is owed is not normalised", TRAVERSAL, "normalised(excess, owed)", "excess"),
    Fault("traversal keeps several nodes", TRAVERSAL, "remaining * (1 - holds[node])", "remaining"),
    Fault(
        "traversal corrects by the first child's law",
        TRAVERSAL,
        "offspring[-1] - 1 if",
        "offspring[0] - 1 if",
    ),
    Fault(
        "traversal loses small excesses to rounding",
        TRAVERSAL,
        "excess + (1 - weight)",
        "excess + 1 - weight",
    ),
    # residual
    Fault("the correction comes from the target", RESIDUAL, "asked - rows(draft.laws, child)", "asked"),
    Fault("the correction comes from |target - draft|", RESIDUAL, "positive((asked", "abs((asked"),
    Fault(
        "the correction comes from (draft - target)_+",
        RESIDUAL,
        "asked - rows(draft.laws, child)",
        "rows(draft.laws, child) - asked",
    ),
    Fault("the bonus comes from the draft", RESIDUAL, "owed * zeros", "rows(draft.laws, child) * zeros"),
    Fault("the bonus comes from the last residual", RESIDUAL, " * inner)", ")"),
    Fault(
        "an empty residual is divided by its sum",
        RESIDUAL,
        "return excess + owed * zeros(total(excess))",
        "return excess",
    ),
    # match, greedy, batch
    Fault(
        "match verifies the draft's law",
        "rules/match.py",
        "Draft(draft.tokens, chosen, draft.parent)",
        "draft",
    ),
    Fault("greedy takes the least likely", "rules/greedy.py", ".argmax(", ".argmin("),
    Fault("batch corrects from the first residual", "rules/batch.py", "rows[:, place]", "rows[:, 0]"),
    # arrays
    Fault("invert selects a token of weight 0", "arrays.py", "running <= level", "running < level"),
    Fault("invert selects a token of weight 0 in torch", "arrays.py", 'side="right"', 'side="left"'),
    Fault(
        "invert takes weights for a law",
        "arrays.py",
        "level = uniforms * whole",
        "level = uniforms + 0 * whole",
    ),
    Fault(
        "invert may run off the end",
        "arrays.py",
        "return xp.minimum(level, xp.nextafter(whole, xp.zeros_like(whole)))",
        "return level",
    ),
    Fault(
        "invert sums in the precision of the weights", "arrays.py", "axis=-1, dtype=xp.float64)", "axis=-1)"
    ),
    Fault(
        "point masses of ints make floats of fractions", "arrays.py", "zero = 0 * like[..., :1]", "zero = 0"
    ),
    Fault(
        "one row of the batch serves all",
        "arrays.py",
        ".arange(x.shape[0], **_device(x))[:, None], index]",
        ".zeros(1, dtype=int)[:, None], index]",
    ),
    # plan
    Fault("law is the residual alone", "plan.py", "plan.stop[..., None] * plan.residual", "plan.residual"),
    Fault("one uniform selects node and token", "plan.py", "uniforms[..., 1]", "uniforms[..., 0]"),
    Fault("draw skips the check of its uniforms", "plan.py", "    check_uniforms(uniforms, 2)\n", ""),
    # grow
    Fault(
        "distinct siblings are not renormalised",
        "grow.py",
        "normalised(law * untried, normalised(untried, untried))",
        "law * untried",
    ),
    Fault(
        "exhausted siblings have no law",
        "grow.py",
        "normalised(law * untried, normalised(untried, untried))",
        "normalised(law * untried, untried)",
    ),
    Fault("siblings need not differ", "grow.py", "if shape.parent[i] == above]", "if False]"),
    Fault(
        "the draft declares a law that it did not draw from",
        "grow.py",
        "(*laws, law)",
        "(*laws, base[above])",
    ),
    Fault("chances of drafts are not multiplied", "grow.py", "weight * chance[row]", "weight"),
    Fault(
        "laws of earlier nodes get out of step",
        "grow.py",
        "base = {node: one[row] for node, one in base.items()}",
        "base = dict(base)",
    ),
    Fault("scores belong to the node before", "grow.py", "length + node - 1", "length + max(node - 2, 0)"),
    Fault(
        "top children are the least likely",
        "grow.py",
        "xp.argmax(law - 2 * tried",
        "xp.argmin(law + 2 * tried",
    ),
    Fault("drafts are drawn with another node's uniforms", "grow.py", "uniforms[:, node]", "uniforms[:, 0]"),
    # checks
    Fault("negative entries pass", "checks.py", "(lowest >= 0) & ", ""),
    Fault("any sum passes", "checks.py", "(abs(sums - 1) <= tolerance(laws))", "(sums == sums)"),
    Fault("draft laws are not checked", "checks.py", '    check_laws(draft.laws, "draft law")\n', ""),
    Fault(
        "an id equal to the size of the vocabulary passes",
        "checks.py",
        "high >= vocabulary",
        "high > vocabulary",
    ),
    Fault("negative ids pass", "checks.py", "low < 0 or high", "high"),
    Fault(
        "a drafted token of law 0 passes",
        "checks.py",
        "at(draft.laws, draft.tokens) == 0",
        "at(draft.laws, draft.tokens) < 0",
    ),
    Fault("a uniform of 1 passes", "checks.py", "(uniforms < 1)", "(uniforms <= 1)"),
    Fault("chain rules take trees", "checks.py", "if not is_chain(draft.parent):", "if False:"),
    Fault("parents may come later", "draft.py", "0 <= above <= j", "0 <= above"),
]


@contextmanager
def faulty_core(fault: Fault, folder: Path) -> Iterator[ModuleType]:
    """A copy of the core with this fault, importable as long as the block lasts."""
    name = "core_" + re.sub(r"\W+", "_", fault.name)
    shutil.copytree(SOURCE, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / name / fault.file
    source = file.read_text()
    if source.count(fault.old) == 0:
        raise LookupError(
            f"{fault.file} has changed: {fault.old!r} is no longer in it; update {fault.name!r}"
        )
    file.write_text(source.replace(fault.old, fault.new))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for loaded in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[loaded]
