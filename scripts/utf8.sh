#!/bin/sh
# Runs a command with UTF-8 where no locale was chosen at all (as on a bare installation). A locale that was chosen stays,
# also one without UTF-8: the program says so itself.
if [ "$(locale charmap 2>/dev/null)" = ANSI_X3.4-1968 ]; then
    export LC_ALL=C.UTF-8 PYTHONUTF8=1
fi
exec "$@"
