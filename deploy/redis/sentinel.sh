#!/bin/sh
# Starts a sentinel. Its first start writes sentinel.conf to the volume; later starts keep that file: it says which master is the present one.
set -eu
files=$(dirname "$0")
. "$files/settings.sh"

conf=$DATA/sentinel.conf
if [ ! -f "$conf" ]; then
    {
        echo "sentinel monitor convoy-redis $FIRST_MASTER $FIRST_MASTER_PORT 2"
        printf 'sentinel auth-pass convoy-redis %s\n' "$(password)"
        cat "$files/sentinel.conf"
        listen "$SENTINEL_PORT"
        echo "dir $DATA"
        echo "sentinel announce-ip $HOST"
        echo "sentinel announce-port $SENTINEL_PORT"
    } >"$conf.new"
    mv "$conf.new" "$conf"
fi
exec redis-server "$conf" --sentinel
