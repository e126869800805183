#!/usr/bin/env bash
# Builds everything and runs all tests; ends with the line "N passed, N failed, N skipped".
#   ./eng/test.sh              everything; with CI=true the tests of ConvoyRedis.Testing run twice: on processes, and in containers
#   ./eng/test.sh --coverage   the same, and prints how many lines of the libraries they ran through; takes longer
#   ./eng/test.sh --fast       only what needs no server; about a minute, without the build
# Further arguments go to the tests: --filter-class '*MasterTrackerTests'
set -euo pipefail
cd "$(dirname "$0")/.."
# Compilers and other short programs end before profile-guided optimization pays off: without it, the build takes a fifth less CPU time.
export DOTNET_TieredPGO=0
fast=
coverage=()
while true; do
    case "${1:-}" in
        --fast) fast=tests/ConvoyRedis.Client.Tests ;;
        --coverage) coverage=(--coverlet --coverlet-output-format cobertura --coverlet-include '[ConvoyRedis.*]*' --coverlet-include '[convoy*]*' --coverlet-single-hit) ;;
        *) break ;;
    esac
    shift
done
if [ -z "$fast" ]; then
    # The completion for zsh and fish is tested where these shells are there.
    [ "${CI:-}" = true ] && shells=(zsh fish) || shells=()
    ./eng/setup.sh gcc "${shells[@]}"
fi
dotnet build ${fast:+"$fast"} --configuration Release --nologo --verbosity minimal

results=$(mktemp -d)
trap 'exit 130' INT # Also in what runs beside: Ctrl-C ends everything.
trap 'wait; rm -rf "$results"' EXIT
status=0

arguments=("$@")
# A filter may leave an assembly without tests (8).
run() {
    local log=$1
    shift
    TMPDIR=$results "$@" "${arguments[@]}" --ignore-exit-code 8 --no-build --configuration Release --progress off --output Detailed \
        --results-directory "$results" --timeout 43m 2>&1 | tee -a "$results/$log.log" || status=1
}
tests() {
    local assembly=$1
    shift
    run "$assembly" dotnet test --project "tests/ConvoyRedis.$assembly" "${coverage[@]}" "$@"
}

if [ -n "$fast" ]; then
    tests Client.Tests
elif [ $# -gt 0 ]; then
    # A filter of ours would not go together with every filter of the caller's.
    for assembly in Client.IntegrationTests Client.Tests Tool.Tests Testing.Tests Client.SequentialTests; do
        tests "$assembly"
    done
else
    # IntegrationTests use both cores. Beside them run tests that mostly wait: those of SequentialTests that need only a process of their own. The rest of
    # SequentialTests runs alone at the end.
    alone=Alone=process
    (
        trap 'exit 130' INT
        tests Client.SequentialTests --filter-trait $alone
        tests Testing.Tests
        exit "$status"
    ) &
    tests Client.IntegrationTests
    wait "$!" || status=1
    (
        trap 'exit 130' INT
        tests Client.Tests
        exit "$status"
    ) &
    tests Tool.Tests
    wait "$!" || status=1
    tests Client.SequentialTests --filter-not-trait $alone
fi
if [ "${CI:-}" = true ] && [ -z "$fast" ]; then
    run containers ./eng/containers.sh dotnet test --project tests/ConvoyRedis.Testing.Tests
fi

# What failed once more, behind the thousands of lines that passed: with the servers' logs, and at the end without.
failures() { awk "/^(passed|skipped|failed) / { shown = /^failed / } /^(Test run|\/)${1:-}/ { shown = 0 } shown" "$results"/*.log; }
if [ "$status" -ne 0 ]; then
    failures
    failures '|^  Standard output'
fi

# What runs only when somebody asks for it is no test that was skipped.
count() { { grep -h -A 1 "^$1 ${2:-}" "$results"/*.log || true; } | awk -v kind="^$1 " '$0 ~ kind { all++ } /^  Not run \(due to explicit/ { all-- } END { print all + 0 }'; }
integration=ConvoyRedis.Client.IntegrationTests.
if [ "$(count skipped $integration)" -gt 0 ] && [ "$(count passed $integration)" -eq 0 ]; then
    echo "All integration tests were skipped: there is neither redis-server nor a container engine." >&2
    status=1
elif [ "$(count passed)" -eq 0 ]; then
    echo "No test passed." >&2
    status=1
elif [ "${CI:-}" = true ] && [ "$(count skipped)" -gt 0 ]; then
    echo "CI has what every test needs, and skips none." >&2
    status=1
fi

[ "${#coverage[@]}" -eq 0 ] || find "$results" -name '*.cobertura.*.xml' -exec awk -f eng/coverage.awk {} +
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
exit "$status"
