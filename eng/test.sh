#!/usr/bin/env bash
# Builds everything and runs all tests; ends with the line "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh jq gcc
dotnet build --configuration Release --nologo --verbosity minimal

# Assemblies one after the other: the integration tests start many servers, and share the cores with nobody.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet test --no-build --configuration Release --max-parallel-test-modules 1 --no-progress --output Detailed "$@" 2>&1 | tee "$log" || status=$?

# What failed once more, behind the thousands of lines that passed.
if [ "$status" -ne 0 ]; then
    awk '/^(passed|skipped|failed) / { shown = /^failed / } /^(Test run|\/)/ { shown = 0 } shown' "$log"
fi

count() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1; }
echo "$(count succeeded) passed, $(count failed) failed, $(count skipped) skipped"
exit "$status"
