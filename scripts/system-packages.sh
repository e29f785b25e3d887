#!/bin/sh
# Install the Debian packages that the tests drive for real; what is already there is left alone.
set -eu
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need flite flite
need espeak-ng espeak-ng
need chromium chromium
need node nodejs
need npm npm
need g++ g++
need ffmpeg ffmpeg
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "missing:$missing; this machine has no apt-get, install them by hand" >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
