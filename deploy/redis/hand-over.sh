#!/bin/sh
# Runs before a node stops. If it is the master, the sentinels promote a replica first, so that callers notice a pause instead of an outage.
set -eu
. "$(dirname "$0")/settings.sh"

is_master() {
    [ "$(node role | head -n 1)" = master ]
}

is_master || exit 0
for asked in $(echo "$SENTINELS" | tr ',' ' '); do
    # The sentinel beside this node stops too.
    [ "$asked" != "$HOST:$SENTINEL_PORT" ] || continue
    if [ "$(sentinel "$asked" failover convoy-redis 2>/dev/null)" = OK ]; then
        # Most clients move when the sentinels name the new master. A failover that does not come must not keep the node from stopping.
        attempts=100
        while [ "$(sentinel "$asked" get-master-addr-by-name convoy-redis | tr '\n' ' ')" = "$HOST $NODE_PORT " ] && [ "$attempts" -gt 0 ]; do
            attempts=$((attempts - 1))
            sleep 0.2
        done
        exit 0
    fi
done
