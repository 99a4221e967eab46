"""The page of the gallery is what its code writes, and the pictures show the laws."""

from pathlib import Path

import pytest

from specsim.conformance.gallery import GALLERY
from specsim.conformance.gallery.laws import due, emitted
from specsim.report.gallery_page import LENGTH, page, row
from specsim.report.gallery_picture import contact_sheet, panel, picture

DOCS = Path(__file__).parents[2] / "docs"
QUICK = ["M07", "M23", "M31", "M43", "M47", "M49", "X11", "X13", "C2", "C4"]


def test_every_exhibit_is_on_the_page():
    text = (DOCS / "gallery.md").read_text()
    assert [id for id in GALLERY if f"\n| {id} |" not in text] == []
    assert text.count("\n| ") == len(GALLERY) + 3
    assert (DOCS / "gallery.png").stat().st_size > 50_000


@pytest.mark.parametrize("id", QUICK)
def test_a_line_of_the_page_is_what_comes_out(id):
    assert row(GALLERY[id], emitted(GALLERY[id], LENGTH)) in (DOCS / "gallery.md").read_text()


def test_the_page_counts_what_is_on_it():
    laws = {id: due(GALLERY[id], LENGTH) for id in ("M01", "X11", "C2")}
    assert "2 decoders that are wrong, each in one place, and 1 that are exact" in page(laws)


def test_a_picture_shows_the_token_that_is_furthest_off():
    assert panel(GALLERY["M31"]).title == "token 2"
    assert panel(GALLERY["M47"], 2).emitted == {"crash": 1.0}
    figure = picture(GALLERY["M18"], 2)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == pytest.approx([0.099, 0.3668, 0.0735, 0.4607, 0.4535, 0.2724, 0.0454, 0.2287])


def test_a_contact_sheet_has_a_panel_for_each_exhibit():
    panels = {id: panel(GALLERY[id], 2) for id in ("M23", "C2", "M47")}
    figure = contact_sheet(panels, columns=2)
    assert [axis.get_title().split()[0] for axis in figure.axes if axis.axison] == list(panels)
