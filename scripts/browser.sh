#!/bin/sh
# Prints the Chromium that tests and screenshots use: EVSIM_BROWSER, or one on PATH; exit code 1 when there is none.
# `scripts/browser.sh --install` first installs Debian's where there is none, as root, in bounded time.
set -eu

find_browser() {
    for name in ${EVSIM_BROWSER:-chromium chromium-browser google-chrome google-chrome-stable}; do
        # Ubuntu's chromium-browser may be a stub that only names a snap: it must run.
        if path=$(command -v "$name") && "$path" --version >/dev/null 2>&1; then
            printf '%s\n' "$path"
            return 0
        fi
    done
    return 1
}

install_browser() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    export DEBIAN_FRONTEND=noninteractive
    timeout 120 apt-get -qq update >&2 &&
        timeout 300 apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >&2
}

find_browser && exit 0
if [ "${1:-}" = --install ] && install_browser && find_browser; then
    exit 0
fi
echo "no Chromium here: install one (Debian: apt install chromium) or set EVSIM_BROWSER to its path" >&2
exit 1
