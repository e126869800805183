#!/usr/bin/env bash
# What takes longer than a test run should. Either as often as the project promises it, with a table of what came of it:
#   ./eng/soak.sh counts                          about 20 minutes; writes benchmarks/results/soak.md
# or random faults under load:
#   ./eng/soak.sh chaos --minutes 3 --seed 7
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,5s/^# //p' "$0" >&2
    exit 1
}

build() {
    ./eng/setup.sh
    dotnet build --configuration Release --nologo --verbosity quiet
}
run() {
    project=tests/ConvoyRedis.Client.$1
    shift
    dotnet run --no-build --configuration Release --project "$project" -- "$@" --parallel none --xunit-diagnostics on
}

head_of() {
    echo "# $1"
    echo
    echo "\`./eng/soak.sh counts\` on $(date -u +%F): $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores,"
    echo "$(uname -sr), .NET $(dotnet --version), Redis $(redis-server --version | sed 's/.*v=\([^ ]*\).*/\1/'), commit $(git rev-parse --short HEAD)."
    echo
}

counts() {
    [ $# -eq 0 ] || usage
    build
    SOAK_RESULTS=$(mktemp)
    export SOAK_RESULTS
    trap 'rm -f "$SOAK_RESULTS"' EXIT
    {
        head_of "What a soak showed"
        echo "| what | result |"
        echo "| --- | --- |"
    } >"$SOAK_RESULTS"

    # Fifty failovers in a row take long and little of the machine: beside the others.
    run SequentialTests --filter-method '*Load_FailoversInARow*' &
    long=$!
    run SequentialTests --filter-class '*PlannedFailoverTests' '*LongOutageTests' '*FailoversInARowTests' --filter-not-method '*Load_FailoversInARow*'
    run IntegrationTests --filter-class '*CommandFamiliesTests' '*InFlightTests' '*OldMasterTests' '*DemotionTests'
    wait "$long"
    run SequentialTests --filter-class '*LargeValuesTests'
    mkdir -p benchmarks/results
    cp "$SOAK_RESULTS" benchmarks/results/soak.md
}

chaos() {
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

    build
    export CHAOS_SECONDS=$((minutes * 60))
    run SequentialTests --filter-class '*ChaosTests'
}

[ $# -gt 0 ] || usage
command=$1
shift
case "$command" in
    counts | chaos) "$command" "$@" ;;
    *) usage ;;
esac
