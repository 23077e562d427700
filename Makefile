# Every target sets up what it needs by itself; see scripts/setup.
.PHONY: demo serve test check bench gallery notebooks setup clean

setup:
	@scripts/setup

## The main job on the embedded default: a durable audit of the installed packages, killed in the middle and resumed.
demo: setup
	@.venv/bin/python examples/demo.py

## Conductor's REST API on http://127.0.0.1:8080/api, with the workers of the order example; Ctrl-C ends it.
serve: setup
	@.venv/bin/podium server --workers examples/order.py

## All tests.
test:
	@scripts/setup tests
	@.venv/bin/python -m pytest -n auto --dist worksteal -m "not alone"
	@.venv/bin/python -m pytest -m alone

## Lint, format, types, import contracts, known vulnerabilities of dependencies (where pip-audit can ask).
check: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy podium examples benchmarks scripts
	@.venv/bin/lint-imports
	@.venv/bin/python scripts/house.py --check
	@.venv/bin/python scripts/advisories.py

## The figures of docs/performance.md, measured here and now.
bench: setup
	@.venv/bin/python -m benchmarks

## A page with every picture of the examples and of the corpus: gallery/index.html.
gallery: setup
	@.venv/bin/python scripts/gallery.py

## All notebooks from a fresh kernel, saved with what they give.
notebooks: setup
	@.venv/bin/python scripts/notebooks.py

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-output gallery
