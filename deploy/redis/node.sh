#!/bin/sh
# Starts a node. Its first start writes redis.conf to the volume; later starts keep that file, because the sentinels change it in a failover.
set -eu
files=$(dirname "$0")
. "$files/settings.sh"

conf=$DATA/redis.conf
if [ ! -f "$conf" ]; then
    {
        cat "$files/redis.conf"
        listen "$NODE_PORT"
        echo "dir $DATA"
        printf 'requirepass %s\n' "$(password)"
        printf 'masterauth %s\n' "$(password)"
        echo "replica-announce-ip $HOST"
        echo "replica-announce-port $NODE_PORT"
        if [ "$HOST:$NODE_PORT" != "$FIRST_MASTER:$FIRST_MASTER_PORT" ]; then
            echo "replicaof $FIRST_MASTER $FIRST_MASTER_PORT"
        fi
    } >"$conf.new"
    mv "$conf.new" "$conf"
fi
exec redis-server "$conf"
