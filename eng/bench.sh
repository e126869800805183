#!/usr/bin/env bash
# Measures this library beside its peers, on Redis servers, sentinels and clusters that it starts, and writes tables and a picture to benchmarks/results:
#   ./eng/bench.sh failover [--runs N]       each client and fault, 10 times; about 3 hours. --deployment sentinel, cluster or endpoint: only there
#   ./eng/bench.sh failover --quick          all clients at once, one run; under 10 minutes; to benchmarks/results/quick
#   ./eng/bench.sh connect [--runs N]        first connections, 10 times; about 20 minutes
#   ./eng/bench.sh steady [--quick]          throughput, latency, allocations, connections at rest, planned changes of a cluster; about 30 minutes
#   ./eng/bench.sh scale                     many connections, more sentinels; about 3 minutes
#   ./eng/bench.sh replicas [--runs N]       reads from replicas: throughput, and the longest gap in three faults, 10 times; about 20 minutes
#   ./eng/bench.sh fleet [--runs N]          1 to 200 clients that share nothing, 5 times; under 2 hours. --part rest, failover or drills: only that; --tls: also with TLS
#   ./eng/bench.sh all                       all of these, and the tables in the README, docs/figures.md and docs/scaling.md
#   ./eng/bench.sh report                    tables and pictures once more from the JSON files, and the tables in the same pages
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
    sed -n '2,11s/^# //p' "$0" >&2
    exit 1
fi

./eng/setup.sh
project=benchmarks/ConvoyRedis.Benchmarks
dotnet build "$project" --configuration Release --nologo --verbosity quiet
binaries=$project/bin/Release/net10.0
if command -v npm >/dev/null; then
    npm ci --prefix "$binaries/Clients/Npm" --no-audit --no-fund --silent
fi

bench() { "$binaries/ConvoyRedis.Benchmarks" "$@"; }

case " $* " in
    " all ")
        for one in failover connect steady scale replicas fleet report; do
            bench "$one"
        done
        ;;
    *" --quick "*) bench "$@" --output benchmarks/results/quick ;;
    *) bench "$@" ;;
esac
