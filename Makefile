# Two commands matter: `make demo` and `make test`. Both set everything up on a machine that has only Python 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
JOBS ?= 2

# Several threads beside any other busy process can cost a factor of 20 on few cores.
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1
export MPLBACKEND = Agg

.PHONY: help demo test deep bench format clean

help:
	@echo "make demo    set up, run the study of the built-in pair, write figure, record and page into out/"
	@echo "make test    set up, run every check: format, lint, types, tests, doctests, README, notebooks;"
	@echo "             in two processes, or as many as JOBS says: make test JOBS=8"
	@echo "make deep    the property tests with 1,000 examples each"
	@echo "make bench   the benchmarks, each against a named peer"
	@echo "make format  format and fix what can be fixed"
	@echo "make clean   remove the virtual environment and all output"

$(STAMP): pyproject.toml constraints-cpu.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --progress-bar off -e '.[dev]' -c constraints-cpu.txt
	@$(BIN)/python -c "import sys, torch; cuda = torch.version.cuda; \
	  sys.exit(f'A CUDA build of torch ({torch.__version__}) arrived; the CPU build of constraints-cpu.txt was meant. Remove $(VENV) and see README, Installation.') if cuda and '$(ALLOW_CUDA)' != '1' else print('torch', torch.__version__, 'on the CPU' if not cuda else 'with CUDA')"
	@touch $@

demo: $(STAMP)
	$(BIN)/specsim study --out out

test: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n $(JOBS)

deep: $(STAMP)
	$(BIN)/python -m pytest -q -n $(JOBS) --hypothesis-profile explore --timeout 3600

bench: $(STAMP)
	for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) out build *.egg-info .hypothesis .mypy_cache .ruff_cache
