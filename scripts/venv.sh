#!/bin/sh
# Makes .venv when it is missing or too old, and installs one requirements file into it: scripts/venv.sh FILE
# Needs only Python >= 3.11 with venv; what is missing is named. PYTHON=... chooses another interpreter.
set -eu
cd "$(dirname "$0")/.."
requirements=$1

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then
            printf '%s' "$name"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null) || found="no python3"
    fail "Python 3.11 or later is needed; here is $found." \
        "Debian, Ubuntu: apt install python3 python3-venv (older releases: python3.11 python3.11-venv)" \
        "macOS: brew install python"
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "The venv module of $python is missing." \
            "Debian, Ubuntu: apt install python3-venv (or python$version-venv)"
    fi
    echo "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_venv
fi
echo "installing $requirements"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements" ||
    fail "pip could not install $requirements: the reason stands above."
