#!/bin/sh
# Succeeds when this node accepts commands: not while it loads its data.
set -eu
. "$(dirname "$0")/settings.sh"
[ "$(node ping)" = PONG ]
