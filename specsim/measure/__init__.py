"""What a real pair really does, and the study that sets it beside theory and simulation.

>>> from specsim.models import load_pair
>>> study = run_study(load_pair("bernoulli"), Settings(rules=("block",), gammas=(2,)), progress=False)
>>> study.rows[0].exact
2.2222222222222223
"""

from .record import Costs, Row, Study
from .settings import Settings
from .study import run_study

__all__ = ["Costs", "Row", "Settings", "Study", "run_study"]
