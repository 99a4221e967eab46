"""Deliberate faults of the lossy rules, which `lossy_properties` must notice; see `mutants`."""

from .mutants import Fault

LENIENT, THRESHOLD, TOKEN_WISE, OVER_ACCEPT, CACTUS, LITERAL, MENTORED, CASCADE = (
    f"rules/lossy/{name}.py"
    for name in (
        "lenient",
        "threshold",
        "token_wise",
        "over_accept",
        "cactus",
        "literal_batch",
        "mentored",
        "cascade",
    )
)

LOSSY_FAULTS = [
    Fault(
        "lenience multiplies the target",
        LENIENT,
        "kept_share(target, of_kind(share, draft) * draft)",
        "kept_share(of_kind(share, draft) * target, draft)",
    ),
    Fault(
        "lenience is forgotten",
        LENIENT,
        "kept_share(target, of_kind(share, draft) * draft)",
        "kept_share(target, draft)",
    ),
    Fault(
        "the scaled correction is not scaled",
        LENIENT,
        "positive(target - of_kind(share, draft) * draft)",
        "positive(target - draft)",
    ),
    Fault(
        "the unchanged correction is scaled",
        LENIENT,
        "positive(target - draft)",
        "positive(target - of_kind(share, draft) * draft)",
    ),
    Fault(
        "the target is no correction",
        LENIENT,
        "lambda target, draft: target,",
        "lambda target, draft: draft,",
    ),
    Fault("a threshold must be exceeded", THRESHOLD, "target >= of_kind", "target > of_kind"),
    Fault(
        "a threshold is the draft's",
        THRESHOLD,
        "target >= of_kind(share, target)",
        "draft >= of_kind(share, target)",
    ),
    Fault(
        "a threshold corrects from the residual",
        THRESHOLD,
        "accept, lambda target, draft: target)",
        "accept, lambda target, draft: namespace(target).clip(target - draft, 0, 1))",
    ),
    Fault("typical acceptance has no cap", THRESHOLD, ", max=float(cap))", ", max=1.0)"),
    Fault(
        "typical acceptance has the cap alone",
        THRESHOLD,
        "float(share) * xp.exp(-entropy(floats))",
        "1.0 + 0 * floats",
    ),
    Fault(
        "typical acceptance counts entropy in bits",
        THRESHOLD,
        "xp.exp(-entropy(floats))",
        "xp.exp(-entropy(floats) / 0.6931)",
    ),
    Fault("typical acceptance takes the sign of entropy wrong", THRESHOLD, "return -total(", "return total("),
    Fault(
        "over-acceptance adds to the draft",
        OVER_ACCEPT,
        "kept_share(target + of_kind(share, target), draft)",
        "kept_share(target, draft + of_kind(share, target))",
    ),
    Fault("OPT and UNO are one", OVER_ACCEPT, "positive(target - accept(target, draft) * draft)", "target"),
    Fault(
        "UNO samples the draft",
        OVER_ACCEPT,
        "SOURCE, accept, lambda target, draft: target)",
        "SOURCE, accept, lambda target, draft: draft)",
    ),
    Fault("the target on rejection is lenient", OVER_ACCEPT, "_generous(0)", '_generous("0.1")'),
    Fault("a cascade defers where the draft is surer", CASCADE, "surer > of_kind", "surer < of_kind"),
    Fault(
        "a cascade defers to whom is surer",
        CASCADE,
        "of_kind(share, target) * total(positive(target - draft))",
        "0 * total(target)",
    ),
    Fault("a cascade does not defer", CASCADE, "* (target - draft)", "* 0"),
    Fault("cactus lifts by half", CACTUS, "2 * budget * spread", "budget * spread"),
    Fault("cactus forgets 1 - target", CACTUS, "chance * (1 - chance)", "chance"),
    Fault(
        "cactus corrects from the target",
        CACTUS,
        "positive(others + hot * lifted[..., None] - draft)",
        "positive(target - draft)",
    ),
    Fault(
        "cactus does not scale the others down", CACTUS, " * ratio(1 - lifted, 1 - before, 0)[..., None]", ""
    ),
    Fault(
        "the printed batch is mended",
        LITERAL,
        "normalised(positive(residual[:, :1] - draft.laws[:, last - 1 : last]), residual[:, :1])",
        "residual[:, :1]",
    ),
    Fault(
        "mentored decoding spends nothing",
        MENTORED,
        "high = 1 + 0 * total(target)\n    low = 0 * high",
        "high = low = 1 + 0 * total(target)",
    ),
    Fault(
        "mentored decoding takes the bound from the wrong side",
        MENTORED,
        "xp.where(within, low, middle), xp.where(within, middle, high)",
        "xp.where(within, middle, low), xp.where(within, high, middle)",
    ),
    Fault(
        "mentored decoding counts the capped tokens as kept",
        MENTORED,
        "inside + capped * _log(most) - lifted",
        "inside - lifted",
    ),
    Fault("mentored decoding counts the lifted tokens as kept", MENTORED, " - lifted * _log(least)", ""),
    Fault(
        "mentored decoding does not cap",
        MENTORED,
        "capped = ratio(minimum(most * draft, target), most, draft)",
        "capped = draft",
    ),
    Fault("mentored decoding does not lift", MENTORED, "xp.where(floor > capped, floor, capped)", "capped"),
    Fault(
        "mentored decoding spares nothing that the target excludes",
        MENTORED,
        "spare = draft * zeros(target)",
        "spare = 0 * draft",
    ),
    Fault(
        "lossy rules keep everything at the end",
        TOKEN_WISE,
        "kept_share(allowed: Array, draft: Array) -> Array:",
        "kept_share(draft: Array, allowed: Array) -> Array:",
    ),
    Fault(
        "lossy rules correct at the last node too",
        TOKEN_WISE,
        "(nodes < last)[..., None]",
        "(nodes <= last)[..., None]",
    ),
    Fault(
        "lossy rules verify with the row of the next position",
        TOKEN_WISE,
        "accept(target[:, :-1], draft.laws)",
        "accept(target[:, 1:], draft.laws)",
    ),
    Fault(
        "lossy rules aim at the last row too",
        TOKEN_WISE,
        "target[:, -1:]], axis=1), draft)",
        "target[:, :1]], axis=1), draft)",
    ),
    Fault("what aims forgets the residual", TOKEN_WISE, "positive(aimed - draft)", "aimed"),
    Fault(
        "a lossy rule calls itself exact", TOKEN_WISE, "Rule(kernel, exact=False", "Rule(kernel, exact=True"
    ),
    Fault("a lossy rule hides what it is", TOKEN_WISE, 'f"lossy:{name}{given}"', 'f"{name}{given}"'),
    Fault("parameters are not checked", TOKEN_WISE, "not low <= found <= high", "False"),
    Fault("too many parameters pass", "rules/lossy/__init__.py", "len(given) > len(takes)", "False"),
]
