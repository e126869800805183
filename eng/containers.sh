#!/usr/bin/env bash
# Runs a command with a container engine beside it that needs no internet, and the container back end of ConvoyRedis.Testing on it:
#   ./eng/containers.sh dotnet test
# The engine is a podman of its own, with all that it keeps in a temporary directory; the image is made of this machine's redis-server.
# Linux, as root. Where Docker runs already, REDIS_TESTING_BACKEND=containers is enough.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/setup.sh" podman runc redis-server

home=$(mktemp -d /tmp/convoy-redis-engine-XXXXXX)
export CONTAINERS_CONF=$home/containers.conf
cat > "$CONTAINERS_CONF" <<'CONF'
[containers]
default_ulimits = []
[engine]
runtime = "runc"
exit_command_delay = 1
CONF
podman=(podman --root "$home/storage" --runroot "$home/run")
service=
finish() {
    [ -z "$service" ] || { kill "$service" && wait "$service" || true; }
    "${podman[@]}" rm --all --force --time 0 >/dev/null || true

    # The engine clears up after each command that it ran, a second later.
    for _ in $(seq 100); do
        pgrep -f "$home/" >/dev/null || break
        sleep 0.1
    done
    ! mountpoint -q "$home/storage/overlay" || umount "$home/storage/overlay"
    rm -rf "$home"
}
trap finish EXIT

# An image with nothing in it but redis-server, the shell that starts it, and the libraries that they name.
root=$home/image
for command in redis-server sh sleep rm; do
    file=$(readlink -f "$(type -P "$command")")
    install -D "$file" "$root/bin/$command"
    { ldd "$file" || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
        install -D "$(readlink -f "$library")" "$root$library"
    done
done
mkdir "$root/tmp"
export REDIS_TESTING_IMAGE=localhost/redis:local
tar -C "$root" -c . | "${podman[@]}" import --quiet --change 'CMD ["redis-server"]' - "$REDIS_TESTING_IMAGE" >/dev/null

export DOCKER_HOST=unix://$home/socket
"${podman[@]}" system service --time=0 "$DOCKER_HOST" 2>"$home/log" &
service=$!
for _ in $(seq 100); do
    [ ! -S "$home/socket" ] || break
    sleep 0.1
done
[ -S "$home/socket" ] || { echo "podman did not start:" >&2; cat "$home/log" >&2; exit 1; }

export REDIS_TESTING_BACKEND=containers TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
"$@"
