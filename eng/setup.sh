#!/usr/bin/env bash
# Makes sure that what the tests and the demo run on is there: redis-server 7 or later (unless REDIS_TESTING_BACKEND=containers), the .NET SDK
# of global.json, and the commands that are given as arguments.
set -euo pipefail

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is missing: see the instructions for your system at learn.microsoft.com/dotnet/core/install." >&2
    exit 1
fi

needed=("$@")
[ -n "${REDIS_SERVER_PATH:-}" ] || [ "${REDIS_TESTING_BACKEND:-}" = containers ] || needed+=(redis-server)
missing=()
for command in "${needed[@]}"; do
    command -v "$command" >/dev/null || missing+=("$command")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

if command -v apt-get >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "Installing ${missing[*]} …"

    # The tests start their own servers: the package's service must not start with the installation, nor take the port.
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    exit 0
fi

cat >&2 <<EOF
Missing: ${missing[*]}. Install it and run this again; redis-server (7.0 or later) by:
  Debian, Ubuntu   apt-get install redis-server
  Fedora, RHEL     dnf install redis
  Alpine           apk add redis
  macOS            brew install redis
or set REDIS_SERVER_PATH to the binary, or, where Docker or Podman runs, REDIS_TESTING_BACKEND=containers.
EOF
exit 1
