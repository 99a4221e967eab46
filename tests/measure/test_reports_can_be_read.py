"""The report in a terminal of 80 columns, the record, the figure and the page."""

import io
import json
import re

import pytest
from rich.console import Console

from specsim.measure import Settings, run_study
from specsim.models import load_pair
from specsim.report.study import write_study


@pytest.fixture(scope="module")
def written(word_pair, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    chosen = Settings(rules=("token", "block"), gammas=(1, 3), prompts=4, tokens=12, file=str(word_pair[1]))
    study = run_study(word_pair[0], chosen, progress=False)
    return study, write_study(study, folder), folder


def test_the_terminal_report_fits_80_columns_and_cuts_nothing(written):
    console = Console(width=80, file=io.StringIO())
    console.print(written[1])
    text = console.file.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "agree" in text


def test_the_record_holds_every_row(written):
    record = json.loads((written[2] / "study.json").read_text())
    assert [row["gamma"] for row in record["rows"]] == [1, 3, 1, 3]
    assert record["environment"]["python"]


def test_the_page_stands_alone(written):
    page = (written[2] / "study.html").read_text()
    assert not re.search(r"(src|href)=.?(http|/)", page)
    assert "data:image/png;base64," in page
    assert "<th>held-out</th>" in page
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)
    for row in written[0].rows:
        assert f"{row.exact:.3f}" in page


def test_a_study_without_text_has_no_speed_table(tmp_path):
    study = run_study(load_pair("toy"), Settings(("token",), (2,), tokens=60), progress=False)
    write_study(study, tmp_path)
    assert "<h2>Speed</h2>" not in (tmp_path / "study.html").read_text()
