#!/usr/bin/env bash
# A failover drill on an embedded topology of 3 Redis nodes and 3 sentinels, or on another one. Arguments go to the drill:
#   ./eng/demo.sh --fault kill
#   ./eng/demo.sh cluster --fault hang
#   ./eng/demo.sh endpoint --fault silent
set -euo pipefail
cd "$(dirname "$0")/.."

# Standard output is the drill's alone.
{
    ./eng/setup.sh
    dotnet build src/ConvoyRedis.Tool --configuration Release --verbosity quiet --nologo
} >&2
exec dotnet run --no-build --configuration Release --project src/ConvoyRedis.Tool -- drill --lab "$@"
