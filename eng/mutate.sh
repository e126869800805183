#!/usr/bin/env bash
# Mutation testing of the code that decides: what the settings mean (Configuration), and which sentinels to believe and when (Failover, Nodes, Sentinel).
# Two classes of Sentinel are left out: they keep the links, and the integration tests cover them. Stryker.NET changes the code in more than a thousand
# small ways and counts how many changes a unit test of the same folder detects; with the tests of all folders, each change would take seconds longer.
# Fails if a folder scores below 85 %.
#   ./eng/mutate.sh [FOLDER…]     default: all four; the reports are artifacts/mutation/FOLDER/reports/mutation-report.html
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh
export DOTNET_TieredPGO=0 # Saves CPU time: see test.sh.
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
dotnet tool install dotnet-stryker --version 5.1.0 --tool-path "$copies/tools" >/dev/null
status=0

# Stryker.NET builds in the tree and leaves a changed library behind, so it gets a copy. Its path contains no name of a folder: patterns would match that.
copy=$copies/copy
mutate() {
    local folder=$1 report=$PWD/artifacts/mutation/$1
    local tests=$copy/tests/ConvoyRedis.Client.Tests
    shift
    mkdir "$copy"
    git ls-files -z | xargs -0 cp --parents -t "$copy"
    find "$tests" -mindepth 1 -maxdepth 1 -type d ! -name "$folder" ! -name Doubles -exec rm -r {} +

    # These tests read whole files; with them, a run takes minutes longer.
    rm -f "$tests"/Configuration/{Redaction,Schema}Tests.cs
    rm -rf "$report"

    # Nothing else in this subshell: "||" turns errexit off in it.
    (cd "$tests" && "$copies/tools/dotnet-stryker" --config-file "$copy/eng/mutate.json" --output "$report" "${@/#/--mutate=}") || status=1
    rm -rf "$copy"
}

[ $# -gt 0 ] || set -- Configuration Failover Nodes Sentinel
for folder in "$@"; do
    case $folder in
        Configuration | Failover) mutate "$folder" "**/$folder/**/*.cs" ;;
        Nodes) mutate Nodes '**/Nodes/AnnouncedEndpoint.cs' ;;
        Sentinel) mutate Sentinel '**/Sentinel/**/*.cs' '!**/Sentinel/SentinelLink.cs' '!**/Sentinel/SentinelLinks.cs' ;;
        *)
            echo "Unknown folder: $folder. Choose from Configuration, Failover, Nodes, Sentinel." >&2
            exit 2
            ;;
    esac
done
exit "$status"
