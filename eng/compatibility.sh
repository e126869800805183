#!/usr/bin/env bash
# Runs the tests that depend on the server on other builds of Redis and Valkey, and writes the table of docs/compatibility.md. The builds need TLS
# (make BUILD_TLS=yes).
#   ./eng/compatibility.sh DIR…   directories with redis-server or valkey-server in them, in their order; some minutes each
# REDIS_SENTINEL_PATH names the binary of the sentinels where it is to be another one.
set -euo pipefail
cd "$(dirname "$0")/.."

suites=(Connecting Contract Following Handover Managed)
page=docs/compatibility.md
if [ $# -eq 0 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 1
fi

project=tests/ConvoyRedis.Client.IntegrationTests
dotnet build "$project" --configuration Release --nologo --verbosity quiet
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

server_in() {
    local name
    for name in redis-server valkey-server; do
        if [ -x "$1/$name" ]; then
            # Not what a link leads to: Debian's redis-server is a link, and the program goes by its name.
            echo "$(cd "$1" && pwd)/$name"
            return
        fi
    done
    echo "There is neither redis-server nor valkey-server in $1." >&2
    exit 1
}

# "Redis server v=7.0.15 sha=…" is "Redis 7.0.15". The first Valkey says "Server v=7.2.7 …".
version_of() {
    local name=Redis
    [ "${1##*/}" = redis-server ] || name=Valkey
    echo "$name $("$1" --version | sed -E 's/^[^=]*v=([^ ]+).*/\1/')"
}

# What a suite came to: "45", or "43, 2 failed".
cell() {
    local passed failed skipped
    passed=$(grep -c "^passed .*IntegrationTests\.$1\." "$2" || true)
    failed=$(grep -c "^failed .*IntegrationTests\.$1\." "$2" || true)
    skipped=$(grep -c "^skipped .*IntegrationTests\.$1\." "$2" || true)
    [ "$failed" -gt 0 ] && passed+=", $failed failed"
    [ "$skipped" -gt 0 ] && passed+=", $skipped skipped"
    echo "$passed"
}

# The first line of why a test was skipped or failed.
reasons() {
    awk -v kind="$1" '$1 == kind { test = $2; sub(/.*IntegrationTests\./, "", test); sub(/[(].*/, "", test); wanted = 1; next }
        wanted && $1 == "from" { next }
        wanted && NF { sub(/^ +/, ""); print "- `" test "` " kind ": " $0; wanted = 0 }' "$2" | sort -u
}

filters=()
for suite in "${suites[@]}"; do
    filters+=(--filter-namespace "ConvoyRedis.Client.IntegrationTests.$suite")
done

{
    echo "| server | $(printf '%s | ' "${suites[@]}")"
    echo "| --- | $(printf -- '--- | %.0s' "${suites[@]}")"
} | sed 's/ $//' >"$results/table"
status=0
for directory in "$@"; do
    server=$(server_in "$directory")
    version=$(version_of "$server")
    log="$results/$version"
    echo "$version …" >&2
    REDIS_SERVER_PATH=$server TMPDIR=$results "$project/bin/Release/net10.0/ConvoyRedis.Client.IntegrationTests" \
        "${filters[@]}" --progress off --output Detailed --results-directory "$results" --timeout 30m </dev/null >"$log" 2>&1 || status=1
    row="| $version |"
    for suite in "${suites[@]}"; do
        row+=" $(cell "$suite" "$log") |"
    done
    echo "$row" | tee -a "$results/table"
    for kind in skipped failed; do
        reasons "$kind" "$log" | sed "s/^- /- $version: /" >>"$results/notes"
    done
    sed -n '/^failed /,/^\(passed\|skipped\|Test run\)/p' "$log" >&2
done

{
    sed '/^<!-- runs -->$/q' "$page"
    cat "$results/table"
    if [ -s "$results/notes" ]; then
        echo
        cat "$results/notes"
    fi
} >"$results/page"
cp "$results/page" "$page"
exit "$status"
