#!/bin/sh
# Makes .venv and installs into it: `setup.sh demo` what the app needs, `setup.sh test` that and what the tests need.
# Called by make when a list of requirements is newer than its stamp. Every failure ends in one line that says what to do.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python # always run as `python -m tool`: the tools' own first lines break on a path with spaces

stop() {
    printf 'garmentgen: %s\n' "$1" >&2
    exit 1
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.12 python3.11 python3.10; fi
    for name in "$@"; do
        if supported "$name"; then
            echo "$name"
            return
        fi
    done
    stop "needs Python 3.10, 3.11 or 3.12, but $1 is $("$1" -V 2>&1 | tail -n 1); install one, or name it: make demo PYTHON=/path/to/python3.11"
}

make_venv() {
    supported $python && return
    [ -w . ] || stop "cannot write to $(pwd), where .venv belongs; copy the folder to a place of your own, or fix its owner"
    found=$(find_python)
    said=$("$found" -m venv --clear .venv 2>&1) ||
        stop "$found could not make .venv ($(echo "$said" | tail -n 1)); on Debian or Ubuntu: apt-get install python3-venv"
}

# Bytecode is written by the first import: of all that comes along, most is never imported.
install() {
    [ -t 1 ] && quiet= || quiet=-q
    $python -m pip install --disable-pip-version-check --no-input --no-compile --retries 2 $quiet "$@" ||
        stop "pip could not install the packages (see above); is this machine offline? Connect it or set PIP_INDEX_URL to a mirror, then run make again"
}

# need COMMAND PACKAGES WHY: through apt where we may, else one line
need() {
    command -v "$1" >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        stop "$1 is missing ($3); on Debian or Ubuntu: sudo apt-get install $2, then make test again"
    echo "garmentgen: installing $2 through apt"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $2 >/dev/null; } ||
        stop "apt-get could not install $2 ($3); see above"
}

case ${1:-} in
demo)
    make_venv
    echo "garmentgen: installing packages into .venv, about 1 GB; this is done once"
    install -r requirements.txt
    touch .venv/.demo
    ;;
test)
    need chromium chromium "the browser tests drive it"
    need c++ g++ "the training kernels are compiled with it"
    make_venv
    echo "garmentgen: installing packages into .venv, about 1 GB, and those of the tests; this is done once"
    install -e '.[test]'
    touch .venv/.demo .venv/.test
    ;;
*) stop "usage: setup.sh demo|test" ;;
esac
