"""Fetch the two texts the built-in pair learns from, from Debian packages, and split them.

Technical prose: the reStructuredText sources in ``python3.11-doc`` (PSF-2.0).
Plain English: the World English Bible in ``sword-text-web`` (public domain).

Needs ``apt-get`` and ``dpkg`` on the path, nothing but the standard library otherwise::

    python models/fetch_text.py --out work

writes ``work/text/{docs,english}.{train,heldout}.jsonl`` (one document a line: its name and its text)
and ``work/text/provenance.json`` with the SHA-256 of every package and of every file written.
"""

import argparse
import hashlib
import html
import json
import re
import struct
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

PACKAGES = {"docs": "python3.11-doc", "english": "sword-text-web"}
LICENCES = {"docs": "PSF-2.0", "english": "public domain"}

# Whole files and whole books are held out, so that no sentence of them is ever trained on.
HELDOUT_DOCS = """
c-api/dict faq/design howto/sorting library/heapq library/pathlib library/statistics library/textwrap
reference/simple_stmts tutorial/classes
"""
HELDOUT_BOOKS = "Ruth Jonah Eccl Hos Tob Phil Jas 1John"
HELDOUT = {"docs": set(HELDOUT_DOCS.split()), "english": set(HELDOUT_BOOKS.split())}
SKIPPED = {"license"}  # quotes the licences of other people's code

Document = tuple[str, str]  # name, text


def download(package: str, folder: Path) -> tuple[Path, Path]:
    """Return the ``.deb`` of a package and the folder it was unpacked into."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
    deb = next(folder.glob(f"{package}_*.deb"))
    unpacked = folder / package
    subprocess.run(["dpkg", "-x", str(deb), str(unpacked)], check=True)
    return deb, unpacked


def docs(root: Path) -> Iterator[Document]:
    """Yield each reStructuredText page once (symbolic links are not followed)."""
    sources = next(p for p in sorted(root.rglob("_sources")) if p.is_dir() and not p.is_symlink())
    for path in sorted(sources.rglob("*.rst.txt")):
        name = path.relative_to(sources).as_posix().removesuffix(".rst.txt")
        if name not in SKIPPED and not path.is_symlink():
            yield name, path.read_text(encoding="utf-8")


def english(root: Path) -> Iterator[Document]:
    """Yield each chapter, named like ``Ruth.1``, as plain text."""
    folder = next(root.rglob("ot.bzz")).parent
    for testament in ("ot", "nt"):
        name, verses = "", [""]
        for verse in _verses(folder, testament):
            opened = re.search(r'<chapter [^>]*osisID="([^"]+)"[^>]*sID', verse)
            if opened:
                yield from _chapter(name, verses)
                name, verses = opened[1], [""]
            elif name and '<div canonical="true"' not in verse:
                verses.append(verse)
        yield from _chapter(name, verses)


def _verses(folder: Path, testament: str) -> Iterator[str]:
    # *.bzs: (offset, packed size, size) of each zlib block; *.bzv: (block, start, size) of each verse
    packed = (folder / f"{testament}.bzz").read_bytes()
    blocks = [
        zlib.decompress(packed[start : start + size]) if size else b""
        for start, size, _ in struct.iter_unpack("<III", (folder / f"{testament}.bzs").read_bytes())
    ]
    for block, start, size in struct.iter_unpack("<IIH", (folder / f"{testament}.bzv").read_bytes()):
        if size:
            yield blocks[block][start : start + size].decode("utf-8")


def _chapter(name: str, verses: list[str]) -> Iterator[Document]:
    text = plain(" ".join(verses))
    if name and len(text) > 200:
        yield name, text


def plain(markup: str) -> str:
    """Strip OSIS markup: footnotes and headings go, paragraphs and lines of verse stay."""
    text = re.sub(r"<note\b.*?</note>(?=[\w<])|<note\b.*?</note>", " ", markup, flags=re.S)
    text = re.sub(r"<title\b.*?</title>|<speaker\b.*?</speaker>", " ", text, flags=re.S)
    text = re.sub(r'<div [^>]*sID="[^"]*" type="x-p"/>|<lg sID', r"\n\n\g<0>", text)
    text = re.sub(r"<l [^>]*sID|<lb\b|<item\b", r"\n\g<0>", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    text = re.sub(r"[ \t\u00a0]+", " ", text)
    text = re.sub(r" ([,.;:?!’”])", r"\1", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def is_heldout(domain: str, name: str) -> bool:
    """Tell whether a document belongs to the part that is never trained on."""
    return (name.split(".")[0] if domain == "english" else name) in HELDOUT[domain]


def write(path: Path, documents: list[Document]) -> dict[str, int | str]:
    """Write documents as JSON lines and return what identifies the file."""
    lines = (json.dumps({"name": n, "text": t}, ensure_ascii=False) + "\n" for n, t in documents)
    content = "".join(lines).encode()
    path.write_bytes(content)
    size = sum(len(text.encode()) for _, text in documents)
    return {"sha256": sha256(content), "documents": len(documents), "text_bytes": size}


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def fetch(domain: str, out: Path) -> dict[str, object]:
    """Fetch one domain, write its two parts, return its provenance."""
    deb, unpacked = download(PACKAGES[domain], out / "packages")
    documents = list({"docs": docs, "english": english}[domain](unpacked))
    parts = {
        "train": [d for d in documents if not is_heldout(domain, d[0])],
        "heldout": [d for d in documents if is_heldout(domain, d[0])],
    }
    return {
        "package": deb.name,
        "sha256": sha256(deb.read_bytes()),
        "licence": LICENCES[domain],
        "heldout_names": sorted(HELDOUT[domain]),
        "files": {p: write(out / "text" / f"{domain}.{p}.jsonl", d) for p, d in parts.items()},
    }


def main() -> None:
    """Fetch both domains into the folder given by ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for packages and text")
    out = parser.parse_args().out
    (out / "text").mkdir(parents=True, exist_ok=True)
    provenance = {domain: fetch(domain, out) for domain in PACKAGES}
    (out / "text" / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
    print(json.dumps(provenance, indent=2))


if __name__ == "__main__":
    main()
