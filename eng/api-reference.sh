#!/usr/bin/env bash
# Builds the API reference of the packages from their XML docs:
#   ./eng/api-reference.sh [DIRECTORY]     by default artifacts/api-reference; to read it: dotnet docfx serve artifacts/api-reference
# Fails on every warning of docfx, on a public member without a summary, and on a link to a member that is not public.
set -euo pipefail
mkdir -p "${1:-$(dirname "$0")/../artifacts/api-reference}"
site=$(cd "${1:-$(dirname "$0")/../artifacts/api-reference}" && pwd)
cd "$(dirname "$0")/.."
export DOTNET_TieredPGO=0 # Saves CPU time: see test.sh.

# These two build the other packages with them.
for package in ConvoyRedis.Aspire ConvoyRedis.Testing; do
    dotnet build "src/$package" --configuration Release --nologo --verbosity quiet
done
dotnet tool restore --verbosity quiet

# Pages of types that are gone.
model=eng/api-reference/obj
rm -rf "$model" "$site/api"
docfx() { dotnet docfx "$@" --warningsAsErrors --logLevel warning; }
docfx metadata eng/api-reference/docfx.json
awk -f eng/api-reference/check.awk "$model"/api/*.yml
docfx build eng/api-reference/docfx.json --output "$site"
echo "API reference: $site/index.html"
