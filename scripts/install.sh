#!/bin/sh
# Installs what is missing for `make demo` or `make test`: Debian packages by apt, Python packages in .venv.
#
#   scripts/install.sh demo|test
#
# Quick when nothing changed. Whoever may not use apt is told what is missing and the one line that an administrator runs; it goes on
# where that is possible. PYTHON names the interpreter to build .venv with (default: the first python3 from 3.11 on).
set -eu
cd "$(dirname "$0")/.."
purpose=${1-}
case $purpose in
    demo) lock=requirements/run.txt ;;
    test) lock=requirements/dev.txt ;;
    *) echo "usage: scripts/install.sh demo|test" >&2; exit 2 ;;
esac

# Python installs nothing under a path of Japanese letters where no locale was chosen.
set -- # what would be run with it
. scripts/utf8.sh

say() { echo "install: $*"; }
give_up() { say "$*" >&2; exit 1; }

# Other programs' words go here; they are shown when something failed, and kept then.
log=
open_log() { [ -n "$log" ] || log=$(mktemp); }
trap '[ -z "$log" ] || rm -f "$log"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

failed() {
    trap - EXIT
    if grep -qiE 'name resolution|failed to establish|unreachable|refused|timed out|dns error|error sending request|proxy' "$log"; then
        give_up "the index of Python packages cannot be reached: no network, or a proxy that https_proxy does not name (see $log)"
    fi
    say "$1; the last lines of $log:" >&2
    grep -v '^WARNING: Location ' "$log" | tail -n 12 >&2
    exit 1
}

# ---- what is missing -------------------------------------------------------------------------------------------------

find_python() {
    for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$python"; return; }
    done
    return 0
}

has_uv() { uv --version >/dev/null 2>&1; }

# Whole, and in its place: one that was moved along with the checkout starts programs of the old one.
venv_works() {
    [ "$(cat .venv/.place 2>/dev/null)" = "$(pwd)" ] && [ -x .venv/bin/ebid-tui ] && .venv/bin/python -c '' 2>/dev/null || return 1
    while read -r package; do [ -e "$package" ] || return 1; done 2>/dev/null <.venv/.packages
}
venv_takes_packages() { venv_works && { has_uv || .venv/bin/python -c 'import pip' 2>/dev/null; }; }

# Found out by looking, not by names: other interpreters than Debian's bring venv and headers along. pyscard comes as source.
missing_for_python() {
    python=$(find_python)
    [ -n "$python" ] || { echo python3 python3-venv python3-dev; python=false; }
    venv_takes_packages || has_uv || [ "$python" = false ] || "$python" -c 'import ensurepip; ensurepip.version()' 2>/dev/null || echo python3-venv
    ! .venv/bin/python -c 'import smartcard' 2>/dev/null || return 0
    command -v gcc >/dev/null || echo gcc
    [ -e /usr/include/stdlib.h ] || echo libc6-dev
    [ -e /usr/include/PCSC/winscard.h ] || echo libpcsclite-dev
    include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))' || true)
    [ -z "$include" ] || [ -e "$include/Python.h" ] || echo python3-dev
}

# Of these packages the ones that are not installed; nothing where that cannot be known.
not_installed() {
    command -v dpkg-query >/dev/null || return 0
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        echo "$installed" | grep -qx "installed $package" || echo "$package"
    done
}

whatever_is_missing() {
    # shellcheck disable=SC2086
    found=$(not_installed $useful; [ "$state" = "$wanted" ] || missing_for_python)
    # shellcheck disable=SC2086,SC2116
    echo $found
}

# ---- Debian ----------------------------------------------------------------------------------------------------------

may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# Nothing for root; sudo where it asks nobody, or somebody is there to be asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@" 2>/dev/null
    fi
}

# The tests run an sshd of their own on loopback. Where Debian's comes in with them, it must not open the machine to the network: the
# file that its start scripts look for keeps it off. One that was installed before stays as it is.
install_packages() {
    say "Debian packages: $*"
    open_log
    # shellcheck disable=SC2016
    as_root sh -c '
        exec 2>&1
        case " $* " in *" openssh-server "*) mkdir -p /etc/ssh && touch /etc/ssh/sshd_not_to_be_run ;; esac
        apt-get update -qq || echo "the list of packages could not be renewed"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"' sh "$@" >"$log" || tail -n 5 "$log" >&2
}

# What remains missing, in one sentence, and the line.
tell() {
    case " $1 " in
        *" python3-venv "*) so="make $purpose cannot go on" ;;
        *" gcc "* | *"-dev "*)
            so="make demo goes on, without real card readers"
            [ "$purpose" = demo ] || so="make test cannot go on" ;;
        *) so="make demo goes on, without the receipt as a PDF"
            [ "$purpose" = demo ] || so="the tests that need them are skipped" ;;
    esac
    say "missing: $1 ($so); an administrator installs them with" >&2
    echo "apt-get install --no-install-recommends $1" >&2
}

# ---- Python ----------------------------------------------------------------------------------------------------------

make_venv() {
    say "Python environment .venv ($("$python" -c 'import platform; print("Python", platform.python_version())'))"
    rm -rf .venv
    if has_uv; then uv venv --quiet --python "$python" .venv
    else "$python" -m venv .venv
    fi >"$log" 2>&1 || failed "the Python environment could not be made"
}

install_locked() {
    if has_uv; then
        uv pip install --python .venv/bin/python --no-build-isolation "$@"
    else
        .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-compile --no-build-isolation --progress-bar off "$@"
    fi >"$log" 2>&1 || failed "the Python packages could not be installed"
}

compile_bytecode() { .venv/bin/python -m compileall -qq "$@" .venv/lib/python*/site-packages; }

# One that was broken off in the middle has no .place: the next try starts afresh.
install_python() {
    open_log
    venv_takes_packages || make_venv
    rm -f .venv/.place .venv/.installed-*
    say "Python packages of $lock"
    install_locked --require-hashes -r requirements/build.txt
    if [ -n "$without_pyscard" ]; then
        awk '/^[^ ]/ { skip = /^pyscard==/ } !skip' "$lock" >.venv/without-pyscard.txt
        lock=.venv/without-pyscard.txt
    fi
    PATH="$PWD/.venv/bin:$PATH" install_locked --require-hashes -r "$lock"
    install_locked --no-deps --editable .
    compile_bytecode -j 0 2>/dev/null || compile_bytecode || true # where processes cannot share memory; some files are templates
    for package in .venv/lib/python*/site-packages/*; do [ "${package##*/}" = __pycache__ ] || echo "$package"; done >.venv/.packages
    pwd >.venv/.place
}

# ---- all of it -------------------------------------------------------------------------------------------------------

useful=fonts-morisawa-bizud-gothic # for the receipt as a PDF; everything else goes without
[ "$purpose" = demo ] || useful="$useful anthy cups cups-client faketime fonts-hanazono opensc openssh-client openssl pcscd poppler-utils postgresql screen softhsm2 tmux uim-anthy uim-fep vsmartcard-vpcd yubico-piv-tool zbar-tools"
# Nobody is asked to bring an sshd onto a machine: it comes only where it can be kept off (above); its tests say that they are skipped.
[ "$purpose" = demo ] || ! may_install || useful="$useful openssh-server"

wanted=$(cat pyproject.toml requirements/*.in requirements/*.txt scripts/install.sh | sha256sum)
state=
! venv_works || state=$(cat ".venv/.installed-$purpose" 2>/dev/null || true)

missing=$(whatever_is_missing)
if [ -n "$missing" ]; then
    if may_install || { [ -t 0 ] && command -v sudo >/dev/null && [ "${state%% without*}" != "$wanted" ]; }; then
        # shellcheck disable=SC2086
        ! command -v apt-get >/dev/null || install_packages $missing
        missing=$(whatever_is_missing)
    fi
    [ -z "$missing" ] || tell "$missing"
fi

# The demo brings its own cards: it goes on without pyscard, everything else needs it.
without_pyscard=
case " $missing " in
    *" python3-venv "*) exit 1 ;;
    *" gcc "* | *"-dev "*)
        [ "$purpose" = demo ] || exit 1
        without_pyscard=" without pyscard" ;;
esac
if [ "$state" != "$wanted$without_pyscard" ]; then
    if [ ! -w . ] || { [ -e .venv ] && [ ! -w .venv ]; }; then give_up "$(id -un) may not write in $PWD or in its .venv"; fi
    python=$(find_python)
    install_python
    echo "$wanted$without_pyscard" >".venv/.installed-$purpose"
    echo "$wanted$without_pyscard" >.venv/.installed-demo # tests need all that the demo needs
fi

# Without bytecode every start pays for compiling again; where PYTHONDONTWRITEBYTECODE is set nobody else would write it.
.venv/bin/python -m compileall -q ebid_tui
