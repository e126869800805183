#!/usr/bin/env bash
# Records real failovers anew, as the traces beside the tracker's tests, which replay them.
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh
export TRACES_DIRECTORY="$PWD/tests/ConvoyRedis.Client.Tests/Failover/Traces"
tests=tests/ConvoyRedis.Client.IntegrationTests
dotnet build "$tests" --configuration Release --nologo --verbosity quiet
exec dotnet run --no-build --configuration Release --project "$tests" -- --explicit only --filter-class '*TraceRecordingTests'
