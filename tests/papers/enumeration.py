"""Pseudo-code as a generator, and its exact law.

A program yields the law of each random choice, is sent the index that was chosen, and returns its result:

    def coin_twice():
        first = yield [Fraction(1, 2), Fraction(1, 2)]
        second = yield [Fraction(1, 2), Fraction(1, 2)]
        return first + second

`outcomes(coin_twice)` runs it along every sequence of choices: {0: 1/4, 1: 1/2, 2: 1/4}. So a published
algorithm can be written down line by line, and its law is exact.
"""

from collections import Counter
from collections.abc import Callable, Generator, Hashable, Sequence
from fractions import Fraction

Law = Sequence[Fraction]
Program = Callable[[], Generator[Law, int, Hashable]]


def outcomes(program: Program) -> dict[Hashable, Fraction]:
    """Each result of the program with its probability."""
    found: Counter = Counter()
    todo: list[tuple[tuple[int, ...], Fraction]] = [((), Fraction(1))]
    while todo:
        choices, chance = todo.pop()
        running = program()
        try:
            law = next(running)
            for choice in choices:
                law = running.send(choice)
        except StopIteration as end:
            found[end.value] += chance
        else:
            todo += [((*choices, i), chance * p) for i, p in enumerate(law) if p]
    return dict(found)


def flip(chance: Fraction) -> list[Fraction]:
    """The law of a coin: index 1 with this chance."""
    return [1 - chance, chance]


def positive_part(law: Law, other: Law) -> list[Fraction]:
    """norm((law - other)_+)."""
    owed = [max(a - b, Fraction(0)) for a, b in zip(law, other)]
    return [a / sum(owed) for a in owed]
