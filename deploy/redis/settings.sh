# What the other scripts are given, and the parts that they share.
#   HOST           the name by which clients and the other servers reach this one
#   FIRST_MASTER   the name of the node that is the master of a new deployment
#   PASSWORD_FILE  the file with the password of the nodes
#   SENTINELS      all sentinels, as host:port, separated by commas
#   TLS_DIRECTORY  the directory with ca.pem, server.pem and server.key; empty without TLS
: "${HOST:?}" "${FIRST_MASTER:?}" "${PASSWORD_FILE:?}" "${SENTINELS:=}" "${TLS_DIRECTORY:=}"
: "${NODE_PORT:=6379}" "${FIRST_MASTER_PORT:=6379}" "${SENTINEL_PORT:=26379}" "${DATA:=/data}"

# The configurations hold the password.
umask 077

tls=
if [ -n "$TLS_DIRECTORY" ]; then
    tls="--tls --cacert $TLS_DIRECTORY/ca.pem"
fi

# The password in quotes, as configurations take it. (echo would change backslashes.)
password() {
    printf '"%s"' "$(sed 's/[\\"]/\\&/g' "$PASSWORD_FILE")"
}

# The lines of a configuration for a port, with TLS or without.
listen() {
    if [ -z "$TLS_DIRECTORY" ]; then
        echo "port $1"
        return
    fi
    echo "port 0"
    echo "tls-port $1"
    echo "tls-replication yes"
    echo "tls-auth-clients no"
    echo "tls-ca-cert-file $TLS_DIRECTORY/ca.pem"
    echo "tls-cert-file $TLS_DIRECTORY/server.pem"
    echo "tls-key-file $TLS_DIRECTORY/server.key"
}

# Sends a command to this node.
node() {
    # shellcheck disable=SC2086
    REDISCLI_AUTH=$(cat "$PASSWORD_FILE") redis-cli $tls -h "$HOST" -p "$NODE_PORT" "$@"
}

# Sends a command to a sentinel, which is given as host:port.
sentinel() {
    address=$1
    shift
    # shellcheck disable=SC2086
    redis-cli $tls -h "${address%:*}" -p "${address##*:}" sentinel "$@"
}
