#!/bin/sh
# Writes requirements/*.txt from pyproject.toml. Needs uv on PATH (pip install uv).
set -eu
cd "$(dirname "$0")/.."
compile() {
    out=$1; shift
    uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@" pyproject.toml -o "requirements/$out"
}
# First, since both are installed together: nbgrader's libraries ask for setuptools, too.
printf 'setuptools>=77\n' | uv pip compile --quiet --universal --python-version 3.11 --no-header \
    --no-annotate --no-emit-index-url --no-emit-find-links - -o requirements/build.txt
compile base.txt
compile labs.txt -c requirements/base.txt --extra labs
compile tools.txt -c requirements/labs.txt --extra labs --extra tools
compile dev.txt -c requirements/tools.txt -c requirements/build.txt --extra labs --extra tools --extra site --extra nbgrader --extra cluster --extra dev
compile cluster.txt -c requirements/dev.txt --extra labs --extra cluster
printf 'fastapi\nuvicorn\n' | uv pip compile --quiet --universal --python-version 3.11 --no-header \
    --no-annotate --no-emit-index-url --no-emit-find-links -c requirements/tools.txt - \
    -o requirements/service.txt
