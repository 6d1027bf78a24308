#!/bin/sh
# Installs by apt what `make ime` wants beside the tests' own packages: a screen, two terminals, an input method. Whoever may not use apt is
# told the line that an administrator runs; the tests that need them are skipped then, each with its reason.
set -eu
wanted="dbus-daemon fcitx5 fcitx5-anthy fcitx5-frontend-gtk3 fcitx5-modules fonts-noto-cjk gir1.2-vte-2.91 python3-gi x11-utils xdotool xterm xvfb"

missing() {
    for package in $wanted; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi; }

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || { echo "desktop: this is no Debian: tests without their programs are skipped" >&2; exit 0; }
packages=$(missing)
[ -n "$packages" ] || exit 0
echo "desktop: Debian packages: $packages"
# shellcheck disable=SC2086
as_root sh -c 'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"' sh $packages >/dev/null || true
packages=$(missing)
[ -z "$packages" ] || echo "desktop: missing (their tests are skipped); an administrator installs them with
apt-get install --no-install-recommends $packages" >&2
