"""What a real pair really does, and the study that sets it beside theory and simulation.

    measure      alpha, costs, tokens per round and speed: predicted, then measured
    run_study    theory, simulation and measurement side by side, for all rules and shapes

>>> from specsim.models import load_pair
>>> study = run_study(load_pair("bernoulli"), Settings(rules=("block",), gammas=(2,)), progress=False)
>>> study.rows[0].exact
2.2222222222222223
"""

from .measurement import Measurement
from .measuring import measure
from .options import Options
from .record import Costs, Row, Study
from .settings import Settings
from .study import run_study

__all__ = ["Costs", "Measurement", "Options", "Row", "Settings", "Study", "measure", "run_study"]
