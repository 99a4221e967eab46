"""The page of the gallery: every exhibit with what it does to the law, and one sheet of pictures.

    python -m specsim.report.gallery_page docs

writes docs/gallery.md and docs/gallery.png. It takes a few minutes: every number is computed.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..conformance.gallery import GALLERY
from ..conformance.gallery.exhibit import Exhibit
from ..conformance.gallery.laws import TREE, Law, distance, due, emitted, grouped
from .gallery_picture import contact_sheet, number, panel

LENGTH = 5

HEAD = """# A gallery of decoders

{wrong} decoders that are wrong, each in one place, and {right} that are exact although they look suspicious.
The kit is measured by them: it has to fail every one of the first and pass every one of the second.

Each is one short function against one of the contracts of `specsim.conformance.gallery.contracts`, and starts
from the same correct decoder, so that the difference is the fault. Read one with

```python
from specsim.conformance import GALLERY

print(GALLERY["M16"].story)
print(GALLERY["M16"].code)
```

**TV 1** and **TV 5** are the exact total variation between the law of the first token, or of the first five,
and what it should be, on toy pairs that are written down in `specsim.conformance.gallery.toys`: for verifiers
and drafters four tokens, three of them drafted per round, the laws of the first token overlapping by 0.6455;
for trees the same with the candidates {tree}; for whole generators three tokens, one or two drafted per
round; for batches two tokens and the joint law of two requests. They rank how hard a fault is to see, nothing
more. Where they are 0, no law of texts shows the fault, and something else has to be looked at.

![Law of one token of every exhibit](gallery.png)

*Grey: what the target writes; in colour: what comes out, at the token where it is furthest off, and by how
much. Green: the law is right.*
"""

SECTIONS = {
    "M": "Seen in published code",
    "X": "Further ways to be wrong",
    "C": "Controls: exact, and must pass",
}


def first(law: Law) -> Law:
    """The law of the first token of each text."""
    return grouped(law, _first)


def _first(text: Any) -> Any:
    if not isinstance(text, tuple):
        return text
    return tuple(one[:1] for one in text) if isinstance(text[0], tuple) else text[:1]


def row(exhibit: Exhibit, law: Law) -> str:
    """One line of the table."""
    wanted = due(exhibit, LENGTH)
    bias = [distance(first(law), first(wanted)), distance(law, wanted)]
    cells = [exhibit.id, exhibit.title.replace("|", "\\|"), *map(number, bias), exhibit.source]
    if not exhibit.exact:
        cells += [str(exhibit.kind), exhibit.seen_by]
    return f"| {' | '.join(cells)} |"


def page(laws: dict[str, Law]) -> str:
    """The whole page in Markdown."""
    wrong = sum(not GALLERY[id].exact for id in laws)
    parts = [HEAD.format(wrong=wrong, right=len(laws) - wrong, tree=TREE)]
    for letter, title in SECTIONS.items():
        more = "" if letter == "C" else " kind | seen by |"
        rows = [row(GALLERY[id], law) for id, law in laws.items() if id.startswith(letter)]
        head = f"| id | what it does | TV 1 | TV 5 | source |{more}"
        parts.append("\n".join([f"## {title}\n", head, "|---" * (head.count("|") - 1) + "|", *rows, ""]))
    return "\n".join(parts)


def write(folder: Path, exhibits: Iterable[Exhibit]) -> None:
    """Write gallery.md and gallery.png into a folder."""
    laws = {one.id: emitted(one, LENGTH) for one in exhibits}
    (folder / "gallery.md").write_text(page(laws))
    panels = {id: panel(GALLERY[id], LENGTH, law) for id, law in laws.items()}
    contact_sheet(panels).savefig(folder / "gallery.png", dpi=110)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"), GALLERY.values())
