// The clients from npm, connected as their documentation says.
import { readFileSync } from "node:fs";
import Redis from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";

const hostAndPort = address => ({ host: address.slice(0, address.lastIndexOf(":")), port: Number(address.slice(address.lastIndexOf(":") + 1)) });

export const clients = {
    async ioredis({ Kind, Addresses, Master, Password, AuthorityFile }) {
        const tls = AuthorityFile ? { ca: readFileSync(AuthorityFile) } : undefined;
        const secured = tls ? { tls, sentinelTLS: tls, enableTLSForSentinelMode: true } : {};
        const client = Kind === "Sentinel" ? new Redis({ sentinels: Addresses.map(hostAndPort), name: Master, password: Password, ...secured })
            : Kind === "Cluster" ? new Redis.Cluster(Addresses.map(hostAndPort)) : new Redis(hostAndPort(Addresses[0]));
        client.on("error", () => { });
        return { increment: key => client.incr(key), read: key => client.get(key), close: async () => client.disconnect() };
    },
    async redis({ Kind, Addresses, Master, Password }) {
        const client = Kind === "Sentinel" ? createSentinel({ name: Master, sentinelRootNodes: Addresses.map(hostAndPort), nodeClientOptions: { password: Password } })
            : Kind === "Cluster" ? createCluster({ rootNodes: Addresses.map(address => ({ socket: hostAndPort(address) })) }) : createClient({ socket: hostAndPort(Addresses[0]) });
        client.on("error", () => { });
        await client.connect();
        return { increment: key => client.incr(key), read: key => client.get(key), close: async () => client.destroy() };
    },
};
