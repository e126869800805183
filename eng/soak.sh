#!/usr/bin/env bash
# What takes longer than a test run should: ./eng/soak.sh chaos --minutes 3 --seed 7
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    echo "usage: ./eng/soak.sh chaos [--minutes N] [--seed N]" >&2
    exit 1
}

[ "${1:-}" = chaos ] || usage
shift
minutes=3
export CHAOS_SEED=$RANDOM
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case "$1" in
        --minutes) minutes=$2 ;;
        --seed) export CHAOS_SEED=$2 ;;
        *) usage ;;
    esac
    shift 2
done

./eng/setup.sh
export CHAOS_SECONDS=$((minutes * 60))
tests=tests/ConvoyRedis.Client.IntegrationTests
dotnet build "$tests" --configuration Release --nologo --verbosity quiet
exec dotnet run --no-build --configuration Release --project "$tests" -- --filter-class '*ChaosTests' --xunit-diagnostics on
