#!/bin/sh
# Pins what pyproject.toml asks for, with all that comes along: requirements.txt to run, requirements-dev.txt to develop.
# Python 3.11 is the reference: what it needs is a superset of what later ones need. Versions already pinned stay;
# `scripts/lock.sh --upgrade` takes the newest, `--upgrade-package NAME` one of them.
set -eu
cd "$(dirname "$0")/.."

[ -x .venv/lock/bin/pip-compile ] || {
    .venv/bin/python -m venv .venv/lock
    .venv/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
}

pin() {
    CUSTOM_COMPILE_COMMAND="make lock" .venv/lock/bin/pip-compile --quiet --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options "$@" pyproject.toml
}

pin "$@" --output-file requirements.txt
pin "$@" --extra dev --constraint requirements.txt --output-file requirements-dev.txt
