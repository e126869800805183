#!/bin/sh
# Makes a certificate authority, and a certificate of it for all servers of compose.yaml: in ./tls, or in the directory that is given.
set -eu
directory=${1:-$(dirname "$0")/tls}
mkdir -p "$directory"
cd "$directory"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=convoy-redis authority" -keyout ca.key -out ca.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=convoy-redis" -keyout server.key -out server.csr
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' \
    DNS:redis-1,DNS:redis-2,DNS:redis-3,DNS:sentinel-1,DNS:sentinel-2,DNS:sentinel-3,DNS:localhost >server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile server.ext -out server.pem
rm server.csr server.ext

# The servers run as another user in their containers. Nobody needs the authority's key there.
chmod 644 server.key
chmod 600 ca.key
