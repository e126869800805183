#!/usr/bin/env bash
# Mutation testing of what decides: what the settings mean (Configuration), and whom of the sentinels to believe and when (Failover, and Sentinel but
# for the two classes that keep the links, which the integration tests try out; mutate.json lists the files). Changes the code in more than a thousand
# small ways, and counts how many of these some unit test notices. Fails below 85 %. The report is artifacts/mutation/reports/mutation-report.html.
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh

# It leaves a changed library behind, and builds in the tree: so in a copy.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
dotnet tool install dotnet-stryker --version 5.1.0 --tool-path "$copy/tools" >/dev/null

# Every test resolves settings, so each change of Configuration would be tried out on all of them: without those of other parts, which take minutes.
(
    cd "$copy/tests/ConvoyRedis.Client.Tests"
    rm -r Architecture Connection Diagnostics Docs Health Maintenance Protocol Tunnel Configuration/{Redaction,Schema}Tests.cs
)

report=$PWD/artifacts/mutation
rm -rf "$report"
cd "$copy/tests/ConvoyRedis.Client.Tests"
"$copy/tools/dotnet-stryker" --config-file "$copy/eng/mutate.json" --output "$report" "$@"
