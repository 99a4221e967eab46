"""One round of speculative decoding, for one text or for several side by side.

One round, for a text of L tokens of which the target has read L - 1:

    draft    the drafter grows a tree behind the text, each token by inverting its law at one uniform; how
             deep, the text's pace decides (`lengths`)
    verify   the target reads the last token and the drafted ones: n + 1 laws from one pass
    decide   the rule turns both into a plan, two uniforms draw from it (last kept node, next token)
    emit     the tokens on the path to that node, and the next one, join the text
    settle   both sessions keep that path only; the emitted token is read with the next draft

Tokens come to the host once per round, and one by one if they decide how many there will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log

import numpy as np

from ..core import rules
from ..core.arrays import Array, namespace
from ..core.draft import Draft, Shape, paths, shortened
from ..core.plan import Plan, draw
from ..models.sessions import Session
from .drafter import Drafter
from .generation import Round
from .groups import Group, arranged, grouped, needed
from .lengths import Pace
from .placing import Place
from .text import Text, unread
from .timing import seconds as now
from .watching import Watch


@dataclass(frozen=True)
class Decoder:
    """What all rounds share: the target's session, the drafter, the shape of drafts, where arrays live.

    looks: whether drafted tokens decide how many there will be.
    keep_plans, logprobs: whether to keep each round's stop law, and the target's log-probabilities.
    """

    reader: Session
    drafter: Drafter
    shape: Shape
    place: Place
    looks: bool
    keep_plans: bool
    logprobs: bool

    def depths(self, texts: Sequence[Text], paces: Sequence[Pace]) -> list[int]:
        """How deep each text may draft."""
        wanted = [min(pace.longest(), max(0, text.room - 1)) for text, pace in zip(texts, paces)]
        return [*map(min, wanted, self.drafter.most(texts, wanted))]

    def lay_out(self, depths: Sequence[int], uniforms: np.ndarray) -> "Layout":
        """The tree in which texts draft to these depths, on their rows of uniforms (B, n * each + 2)."""
        shape = shortened(self.shape, max(depths))
        groups = grouped(shape, depths)
        laid = self.place(arranged(uniforms, groups, self.drafter.each))
        return Layout(shape, groups, needed(groups), laid)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these texts only."""
        self.reader.select(rows)
        self.drafter.select(rows)


@dataclass(frozen=True)
class Layout:
    """The common tree, which texts are alike, which nodes each needs (None: all), and its uniforms."""

    shape: Shape
    groups: Sequence[Group]
    there: np.ndarray | None
    uniforms: Array


@dataclass(frozen=True)
class Outcome:
    """What became of a text: nodes drafted, the path kept, in the common tree, the ids emitted.

    stop: the chances of stopping, where asked for. full: whether the path ends in a leaf of the draft.
    """

    drafted: int
    path: tuple[int, ...]
    ids: list[int]
    stop: np.ndarray | None
    full: bool


def play_round(
    decoder: Decoder,
    texts: Sequence[Text],
    paces: Sequence[Pace],
    uniforms: np.ndarray,
    verify: rules.Verify,
) -> Array:
    """Let each text that has room take one round, on the first of its row of uniforms (B, n * each + 2).

    Returns the target's laws at the end of each text and at every drafted node, (B, n + 1, V).
    """
    start = now()
    watch = Watch(paces, decoder.depths(texts, paces))
    laid = decoder.lay_out(watch.depths, uniforms)
    if decoder.looks:
        proposal = watch.draft(decoder.drafter, texts, laid.shape, laid.there, laid.uniforms)
        laid = decoder.lay_out(watch.depths, uniforms)
    else:
        proposal = decoder.drafter.propose(texts, laid.shape, laid.there, laid.uniforms)
    drafted = now()
    laws = _target_laws(decoder, texts, proposal, laid.there)
    plans = [verify(*_part(laws, proposal, group, len(texts))) for group in laid.groups]
    found = _drawn(plans, proposal, [laid.uniforms[group.rows, -2:] for group in laid.groups])
    verified = now()
    outcomes = _outcomes(found, laid.groups, plans if decoder.keep_plans else None, len(proposal.parent))
    logs = _logprobs(laws, outcomes) if decoder.logprobs else [()] * len(texts)
    emitted = [text.append(one.ids, own) for text, one, own in zip(texts, outcomes, logs)]
    decoder.reader.settle([one.path for one in outcomes])
    decoder.drafter.settle([one.path for one in outcomes])
    seconds = (drafted - start, verified - drafted, now() - verified)
    for text, pace, one, count, chances in zip(texts, paces, outcomes, emitted, watch.chances):
        if count:
            text.rounds.append(Round(one.drafted, len(one.path), count, *seconds, one.stop, one.full))
            pace.learn(text.rounds[-1], chances, max(watch.depths))
    return laws


def _target_laws(decoder: Decoder, texts: Sequence[Text], proposal: Draft, there: np.ndarray | None) -> Array:
    """The target's laws at the end of each text and at every drafted node, (B, n + 1, V)."""
    due = [text.room > 0 for text in texts]
    tokens, present = unread(texts, decoder.reader.lengths, due)
    block = namespace(proposal.tokens).concat([decoder.place(tokens), proposal.tokens], axis=1)
    if present is not None or there is not None:
        ends = np.ones(tokens.shape, bool) if present is None else present
        nodes = np.ones(proposal.tokens.shape, bool) if there is None else there
        present = np.concatenate([ends, nodes], axis=1)
    keep = len(proposal.parent) + 1
    return decoder.reader.extend(block, keep=keep, parent=proposal.parent, present=present)


def _part(laws: Array, proposal: Draft, group: Group, texts: int) -> tuple[Array, Draft]:
    """Target laws and draft of one group."""
    if len(group.rows) == texts:
        return laws, proposal
    drafted = [node - 1 for node in group.nodes[1:]]
    tokens, rows = proposal.tokens[group.rows][:, drafted], proposal.laws[group.rows][:, drafted]
    return laws[group.rows][:, list(group.nodes)], Draft(tokens, rows, group.parent)


def _drawn(plans: Sequence[Plan], proposal: Draft, uniforms: Sequence[Array]) -> list[int]:
    """The last kept nodes and the next tokens, (B,) each in the order of groups, and all drafted tokens."""
    xp = namespace(proposal.tokens)
    drawn = [draw(plan, pair) for plan, pair in zip(plans, uniforms)]
    parts = [*(node for node, _ in drawn), *(token for _, token in drawn), xp.reshape(proposal.tokens, (-1,))]
    return xp.concat(parts).tolist()  # the only wait for a device


def _outcomes(
    found: list[int], groups: Sequence[Group], plans: Sequence[Plan] | None, size: int
) -> list[Outcome]:
    """What `_drawn` found, text by text; plans: where stop laws are wanted."""
    members = [(row, group) for group in groups for row in group.rows]
    stops = [row for plan in plans for row in np.asarray(plan.stop.tolist())] if plans else None
    tokens = found[2 * len(members) :]
    outcomes = {}
    for i, (row, group) in enumerate(members):
        path = tuple(group.nodes[node] for node in paths(group.parent)[found[i]])
        ids = [*(tokens[row * size + node - 1] for node in path), found[len(members) + i]]
        full = bool(path) and found[i] not in group.parent
        outcomes[row] = Outcome(len(group.parent), path, ids, stops[i] if stops else None, full)
    return [outcomes[row] for row in range(len(members))]


def _logprobs(laws: Array, outcomes: Sequence[Outcome]) -> list[list[float]]:
    """The log of the target's law at each emitted token; -inf for one that only a lossy rule could emit."""
    steps = [(row, *at) for row, one in enumerate(outcomes) for at in zip((0, *one.path), one.ids)]
    row, node, token = zip(*steps)
    chances = iter(laws[list(row), list(node), list(token)].tolist())
    return [[log(chance) if (chance := next(chances)) else -inf for _ in one.ids] for one in outcomes]
