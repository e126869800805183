#!/usr/bin/env bash
# Makes sure that what the tests and the demo run on is there: redis-server 7 or later, and the .NET SDK of global.json.
set -euo pipefail

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is missing: see the instructions for your system at learn.microsoft.com/dotnet/core/install." >&2
    exit 1
fi

[ -n "${REDIS_SERVER_PATH:-}" ] && exit 0
command -v redis-server >/dev/null && exit 0

if command -v apt-get >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "Installing redis-server …"

    # The tests start their own servers: the package's service must not start with the installation, nor take the port.
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends redis-server
    command -v redis-server >/dev/null && exit 0
fi

cat >&2 <<'EOF'
redis-server (7.0 or later) is missing. Install it and run this again:
  Debian, Ubuntu   apt-get install redis-server
  Fedora, RHEL     dnf install redis
  Alpine           apk add redis
  macOS            brew install redis
or set REDIS_SERVER_PATH to the binary.
EOF
exit 1
