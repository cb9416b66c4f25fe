# make run and make test are all that a newcomer needs; `make` alone lists the rest.

PYTHON ?= python3
BIN := .venv/bin
SANDBOX ?= auto
ARGS ?=
JOBS ?= 2

# The theme's notice about its successor is known: the site builds with that, too (tests/course).
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check attack attack-peers engine site serve bench faults lock generate clean

help:  ## list the targets
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 14

setup:  ## make .venv ready for running
	@$(PYTHON) scripts/setup.py labs

setup-dev:  ## make .venv ready for tests, linters and the site
	@$(PYTHON) scripts/setup.py dev

run: setup  ## grade an example class of lab 02 into results/example
	@$(BIN)/grader example --sandbox $(SANDBOX) $(ARGS)

test: setup-dev  ## all tests that this machine can run; ARGS="-k name" chooses, JOBS=1 runs one at a time
	$(BIN)/python -m pytest -rfEsx -n $(JOBS) --dist loadfile $(ARGS)

check: setup-dev  ## format, lint, types, generated files up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy grader scripts
	$(BIN)/grader build --check
	$(BIN)/python scripts/lab_pages.py --check
	$(BIN)/python scripts/course_figures.py --check
	$(BIN)/python scripts/quizzes.py --check
	$(BIN)/python scripts/progress.py --check
	$(BIN)/python scripts/cluster_numbers.py --check
	$(BIN)/python scripts/coverage.py --check
	$(BIN)/python scripts/slides.py --check
	$(BIN)/python scripts/reference.py --check
	$(BIN)/python scripts/data_page.py --check
	$(BIN)/python scripts/attack_page.py --check

attack: setup-dev  ## the whole catalogue of misbehaviour against the grader; ARGS="--rows 1,2" chooses
	$(BIN)/python -m tests.misbehaviour.attack $(ARGS)

attack-peers: setup-dev  ## the same forgeries against nbgrader and otter-grader, installed into .peers/
	$(BIN)/python -m benchmarks.attack_peers $(ARGS)

engine: setup  ## bring a container engine and the images (Debian, Ubuntu; root)
	@sh scripts/engine.sh

site: setup-dev  ## build the course's site into site/
	$(BIN)/mkdocs build --strict
	$(BIN)/python scripts/search_index.py site
	$(BIN)/python scripts/downloads.py site

serve: setup-dev  ## show the course's site while you write
	$(BIN)/mkdocs serve

bench: setup-dev  ## how fast grading is on this machine, beside other graders; about an hour (ARGS="lab02 --hand-ins 60": a part)
	$(BIN)/python -m benchmarks $(ARGS)

faults: setup-dev  ## kill the grader at every crash point, with many seeds; ARGS="--containers"
	$(BIN)/python -m benchmarks.faults $(ARGS)

lock:  ## write requirements/*.txt again from pyproject.toml (needs uv)
	sh scripts/lock.sh

generate: setup-dev  ## write again what is generated: starters, pages, figures, reference
	$(BIN)/grader build
	$(BIN)/python scripts/lab_pages.py
	$(BIN)/python scripts/course_figures.py
	$(BIN)/python scripts/quizzes.py
	$(BIN)/python scripts/progress.py
	$(BIN)/python scripts/cluster_numbers.py
	$(BIN)/python scripts/coverage.py
	$(BIN)/python scripts/slides.py
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/data_page.py
	$(BIN)/python scripts/attack_page.py

clean:  ## remove caches and what interrupted commands left; results stay
	@[ ! -x $(BIN)/grader ] || $(BIN)/grader clean
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage build site
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
