#!/usr/bin/env bash
# Mutation testing of what decides: what the settings mean (Configuration), and whom of the sentinels to believe and when (Sentinel, but for the
# four classes that talk to servers, which the integration tests try out). Changes the code in hundreds of small ways, and counts how many of
# these some unit test notices. Fails below 85 %. About 8 minutes; the report is artifacts/mutation/reports/mutation-report.html.
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh

# It leaves a changed library behind, and builds in the tree: so in a copy.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
dotnet tool install dotnet-stryker --version 5.1.0 --tool-path "$copy/tools" >/dev/null
report=$PWD/artifacts/mutation
rm -rf "$report"
cd "$copy/tests/ConvoyRedis.Client.Tests"
"$copy/tools/dotnet-stryker" --config-file "$copy/eng/mutate.json" --output "$report" "$@"
