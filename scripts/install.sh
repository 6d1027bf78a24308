#!/bin/sh
# Installs what is missing for `make demo` or `make test`: Debian packages by apt, Python packages in .venv.
#
#   scripts/install.sh demo|test
#
# Quick when nothing changed. PYTHON names the interpreter to build .venv with (default: the first python3 from 3.11 on).
set -eu
cd "$(dirname "$0")/.."
purpose=$1
case $purpose in
    demo) lock=requirements/run.txt ;;
    test) lock=requirements/dev.txt ;;
    *) echo "usage: scripts/install.sh demo|test" >&2; exit 2 ;;
esac

say() { echo "install: $*"; }

# ---- Debian ----------------------------------------------------------------------------------------------------------

missing_packages() {
    command -v dpkg-query >/dev/null || { echo "$*"; return; }
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        echo "$installed" | grep -qx "installed $package" || printf '%s ' "$package"
    done
}

# The way to become root: nothing for root, sudo where it asks nobody or somebody is there to be asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@"
    fi
}

# Without apt or the right to use it: say what is missing and go on, it may do.
need_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; }; then
        say "missing, and only an administrator can install them: $missing" >&2
        return 0
    fi
    say "Debian packages: $missing"
    log=$(mktemp)
    as_root apt-get update -qq || say "the list of packages could not be renewed; trying with the old one" >&2
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 $missing >"$log" 2>&1 ||
        { cat "$log"; say "apt could not install all of: $missing"; } >&2
    rm -f "$log"
}

# The tests run an sshd of their own on loopback. Where Debian's comes in with them, it must not open the machine to the network:
# this file, which its start scripts look for, keeps it off. One that was installed before stays as it is.
keep_sshd_off() {
    [ -n "$(missing_packages openssh-server)" ] && [ ! -e /etc/ssh/sshd_not_to_be_run ] || return 0
    command -v apt-get >/dev/null || return 0
    as_root sh -c 'mkdir -p /etc/ssh && touch /etc/ssh/sshd_not_to_be_run' ||
        say "only an administrator can install openssh-server; the tests over SSH will be left out" >&2
}

# ---- Python ----------------------------------------------------------------------------------------------------------

find_python() {
    for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$python"; return; }
    done
    return 0
}

# One that was moved along with the checkout starts programs of the old place; one whose interpreter is gone starts nothing.
venv_works() {
    .venv/bin/python -c '' 2>/dev/null && [ "$(cat .venv/.place 2>/dev/null || pwd)" = "$(pwd)" ]
}

has_uv() { uv --version >/dev/null 2>&1; }

make_venv() {
    say "Python environment .venv ($("$1" -c 'import platform; print("Python", platform.python_version())'))"
    rm -rf .venv
    if has_uv; then uv venv --quiet --python "$1" .venv; else "$1" -m venv .venv; fi
    pwd >.venv/.place
}

install_locked() {
    if has_uv; then
        uv pip install --quiet --python .venv/bin/python --no-build-isolation "$@"
    else
        .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-build-isolation "$@"
    fi
}

compile_bytecode() { .venv/bin/python -m compileall -qq "$@" .venv/lib/python*/site-packages; }

can_build_pyscard() {
    include=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
    printf '#include <Python.h>\n#include <winscard.h>\n' |
        gcc -fsyntax-only -x c -I"$include" -I/usr/include/PCSC - 2>/dev/null
}

# Sets `complete` to no where pyscard had to be left out: the demo brings its own cards, everything else needs it.
install_python() {
    python=$(find_python)
    if venv_works; then python=.venv/bin/python; fi
    # Debian keeps venv and the headers apart; other interpreters bring them. pyscard comes as source: it needs a compiler.
    case $([ -z "$python" ] || "$python" -c 'import sys; print(sys.base_prefix)') in
        "" | /usr) need_packages python3-venv python3-dev gcc libc6-dev libpcsclite-dev ;;
        *) need_packages gcc libc6-dev libpcsclite-dev ;;
    esac
    venv_works || {
        python=$(find_python)
        [ -n "$python" ] || { say "Python 3.11 or later is needed" >&2; exit 1; }
        make_venv "$python"
    }
    say "Python packages of $lock"
    install_locked --require-hashes -r requirements/build.txt
    complete=yes
    if .venv/bin/python -c 'import smartcard' 2>/dev/null || can_build_pyscard; then
        PATH="$PWD/.venv/bin:$PATH" install_locked --require-hashes -r "$lock"
    elif [ "$purpose" = demo ]; then
        say "pyscard cannot be compiled here: the demo goes on without it, real card readers will not work" >&2
        complete=no
        awk '/^[^ ]/ { skip = /^pyscard==/ } !skip' "$lock" >.venv/without-pyscard.txt
        install_locked --require-hashes -r .venv/without-pyscard.txt
    else
        say "pyscard cannot be compiled here: it needs gcc, libc6-dev, libpcsclite-dev and Python's headers" >&2
        exit 1
    fi
    install_locked --no-deps --editable .
    compile_bytecode -j 0 2>/dev/null || compile_bytecode || true # where processes cannot share memory; some files are templates
}

# ---- all of it -------------------------------------------------------------------------------------------------------

if [ "$purpose" = test ]; then
    keep_sshd_off
    need_packages cups cups-client faketime fonts-hanazono fonts-morisawa-bizud-gothic opensc openssh-client openssh-server openssl pcscd poppler-utils postgresql screen softhsm2 tmux vsmartcard-vpcd yubico-piv-tool zbar-tools
fi

wanted=$(cat pyproject.toml requirements/*.in requirements/*.txt scripts/install.sh | sha256sum)
stamp=.venv/.installed-$purpose
if ! venv_works || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    need_packages fonts-morisawa-bizud-gothic # for the receipt as a PDF; everything else goes without
    install_python
    if [ "$complete" = yes ]; then
        echo "$wanted" >"$stamp"
        echo "$wanted" >.venv/.installed-demo # tests need all that the demo needs
    fi
fi

# Without bytecode every start pays for compiling again; where PYTHONDONTWRITEBYTECODE is set nobody else would write it.
.venv/bin/python -m compileall -q ebid_tui
