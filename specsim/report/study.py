"""Writing a study to a folder: record, figure and page."""

from pathlib import Path
from typing import Any

from rich.console import Group

from ..measure.record import Study
from .figures import study_figure
from .page import page
from .style import style
from .tables import study_report


def write_study(study: Study, folder: Path) -> Group:
    """Write study.json, study.png and study.html; return the report for the terminal."""
    folder.mkdir(parents=True, exist_ok=True)
    study.save(folder / "study.json")
    figure: Any = study_figure(study)
    with style() as plt:
        figure.savefig(folder / "study.png")
        (folder / "study.html").write_text(page(study, figure), encoding="utf-8")
        plt.close(figure)
    files = ", ".join(str(folder / f"study.{kind}") for kind in ("json", "png", "html"))
    return Group(study_report(study), f"Written: {files}")
