#!/bin/sh
# The tests in random order beside four busy processes: `scripts/loaded.sh pytest [arguments]`. SEED= takes an order again,
# BUSY= another number of processes, BUCKET= what stays together (module, class, package, global). The busy ones end with this script,
# however it ends: each looks whether its parent is still there.
set -u
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
busy=${BUSY:-4}
bucket=${BUCKET:-module}
pids=
# shellcheck disable=SC2317
end() { for pid in $pids; do kill "$pid" 2>/dev/null; done; wait; }
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
for _ in $(seq "$busy"); do
    python3 -I -S -c 'import os, sys
while os.getppid() == int(sys.argv[1]):
    sum(range(1_000_000))' $$ &
    pids="$pids $!"
done
echo "loaded: $busy busy processes, order $seed; again: make test-loaded SEED=$seed"
"$@" --random-order-bucket="$bucket" --random-order-seed="$seed"
code=$?
[ $code = 0 ] || echo "loaded: failed with order $seed; again: make test-loaded SEED=$seed" >&2
exit $code
