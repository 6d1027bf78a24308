#!/bin/sh
# Writes requirements/*.txt from *.in: exact versions with hashes, valid for Python 3.11 and later, and no addresses.
# Keeps the versions that are locked already; `scripts/lock.sh --upgrade` takes newer ones. Needs uv.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "scripts/lock.sh needs uv (pip install uv)" >&2; exit 1; }
for set in build run dev; do
    echo "lock: requirements/$set.txt"
    uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        "$@" "requirements/$set.in" --output-file "requirements/$set.txt"
done
