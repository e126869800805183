#!/usr/bin/env bash
# Draws the pictures of convoy-redis in docs/images: starts 3 Redis nodes and 3 sentinels on loopback with the files of deploy/redis, lets the command write to
# terminals of 80 columns, and of 58 for phones, and kills the master meanwhile. Nothing in the pictures is edited. Linux; the ports 6379 to 6381 and 26379 to 26381
# must be free.
set -euo pipefail
cd "$(dirname "$0")/.."
./eng/setup.sh redis-cli script ss

nodes=(6379 6380 6381)
sentinels=(26379 26380 26381)
widths=(80 58)
for port in "${nodes[@]}" "${sentinels[@]}"; do
    if [ -n "$(ss -Hltn "sport = :$port")" ]; then
        echo "Port $port is in use." >&2
        exit 1
    fi
done

tests=tests/ConvoyRedis.Tool.Tests
dotnet build "$tests" --configuration Release --nologo --verbosity quiet
tool=$PWD/$tests/bin/Release/net10.0/convoy-redis.dll

home=$(mktemp -d)
declare -A pids=()
finish() {
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    rm -rf "$home"
}
trap finish EXIT

# The guide's deployment, on loopback.
mkdir "$home/files" "$home/captures" "$home/empty"
cp deploy/redis/*.sh deploy/redis/*.conf "$home/files"
sed -i 's/^bind .*/bind 127.0.0.1/; s/^logfile .*/logfile log/' "$home"/files/*.conf
printf 'your_redis_password' >"$home/password"
SENTINELS=$(printf ',127.0.0.1:%s' "${sentinels[@]}")
export HOST=127.0.0.1 FIRST_MASTER=127.0.0.1 PASSWORD_FILE=$home/password SENTINELS=${SENTINELS#,}

start() {
    mkdir -p "$home/$2"
    NODE_PORT=$2 SENTINEL_PORT=$2 DATA=$home/$2 sh "$home/files/$1.sh" &
    pids[$2]=$!
}

master() { redis-cli -p "${sentinels[0]}" sentinel get-master-addr-by-name convoy-redis | tail -n 1; }

ask() { redis-cli -p "$1" sentinel "$2" convoy-redis 2>/dev/null | paste -d ' ' - -; }

settled() {
    local sentinel view replicas
    for sentinel in "${sentinels[@]}"; do
        view=$(ask "$sentinel" master)
        replicas=$(ask "$sentinel" replicas)
        [ "$(grep -cx 'flags master\|num-slaves 2\|num-other-sentinels 2' <<<"$view")" -eq 3 ] || return 1
        [ "$(grep -cx 'flags slave' <<<"$replicas")" -eq "$1" ] || return 1
        [ "$(grep -cx 'master-link-status ok' <<<"$replicas")" -ge "$1" ] || return 1
    done
}

# Waits until the sentinels know how many replicas are up.
wait_for_replicas() {
    for _ in $(seq 300); do
        if settled "$1"; then
            return
        fi
        sleep 0.5
    done
    echo "The sentinels do not agree on $1 replicas." >&2
    exit 1
}

export CONVOY_REDIS_SCHEME=redis-sentinel CONVOY_REDIS_HOST=$SENTINELS CONVOY_REDIS_SENTINEL_MASTER_NAME=convoy-redis CONVOY_REDIS_PASSWORD=your_redis_password
export TERM=xterm-256color
unset NO_COLOR
cd "$home/empty"

# capture NAME COLUMNS ARGUMENTS…: what a terminal is sent, the line of the command included. The tool's process is in NAME.COLUMNS.pid.
capture() {
    local name=$1 columns=$2 rows=$((3000 / $2))
    shift 2
    printf '$ convoy-redis %s\r\n' "$*" >"$home/captures/$name.$columns"
    script -qec "stty cols $columns rows $rows; echo \$\$ >'$home/$name.$columns.pid'; exec dotnet '$tool' $*" /dev/null </dev/null >>"$home/captures/$name.$columns" || true
}

start node "${nodes[0]}"
for port in "${nodes[@]:1}"; do
    start node "$port"
done
sleep 3
for port in "${sentinels[@]}"; do
    start sentinel "$port"
done
wait_for_replicas 2

# Two of Convoy's queues, as Asynq keeps them.
REDISCLI_AUTH=your_redis_password redis-cli -p "$(master)" >/dev/null <<'KEYS'
SADD asynq:queues critical default
LPUSH asynq:{default}:pending one two three
LPUSH asynq:{critical}:active one
ZADD asynq:{default}:retry 1 one
KEYS

for columns in "${widths[@]}"; do
    capture help "$columns" --help
    capture check "$columns" check
done

# Two terminals see the same failover.
old=$(master)
watches=()
for columns in "${widths[@]}"; do
    capture watch "$columns" watch &
    watches+=($!)
done
sleep 5
kill -9 "${pids[$old]}"
while [ "$(master)" = "$old" ]; do
    sleep 0.1
done
sleep 3
for columns in "${widths[@]}"; do
    kill -INT "$(cat "$home/watch.$columns.pid")"
done
wait "${watches[@]}"

wait_for_replicas 1
for columns in "${widths[@]}"; do
    capture check-quiet "$columns" check --quiet
done

start node "$old"
wait_for_replicas 2
for columns in "${widths[@]}"; do
    capture drill "$columns" drill
    wait_for_replicas 2
done

cd "$OLDPWD"
CAPTURES_DIRECTORY=$home/captures PICTURES_DIRECTORY=$PWD/docs/images dotnet run --no-build --configuration Release --project "$tests" -- \
    --explicit only --filter-class '*CaptureRecordingTests'
