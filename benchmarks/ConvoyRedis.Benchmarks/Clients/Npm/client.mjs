// The process of a client from npm. What it reads and writes: see ClientHost.cs.
import { createInterface } from "node:readline";
import Redis from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";

const callers = 4;
const pause = () => new Promise(resolve => setTimeout(resolve, 2));
const now = () => process.hrtime.bigint();
const tell = line => process.stdout.write(line + "\n");
const hostAndPort = address => ({ host: address.slice(0, address.lastIndexOf(":")), port: Number(address.slice(address.lastIndexOf(":") + 1)) });

const clients = {
    async ioredis({ Kind, Addresses, Master, Password }) {
        const client = Kind === "Sentinel" ? new Redis({ sentinels: Addresses.map(hostAndPort), name: Master, password: Password })
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

let client;
let prefix;
let isCalling = false;
let calling;

async function call(key, began, act) {
    try {
        const result = await act();
        tell(`acknowledged ${result} ${began} ${now()}`);
        return true;
    } catch (error) {
        tell(`failed ${key} ${began} ${now()} ${error.name}: ${String(error.message).replaceAll("\n", " ")}`);
        return false;
    } finally {
        await pause();
    }
}

async function callUntilStopped(caller, act) {
    for (let number = 0; isCalling; number++) {
        const key = `${prefix}${process.argv[2]}:${caller}:${number}`;
        await call(key, now(), () => act(key));
    }
}

function begin(act) {
    isCalling = true;
    calling = Promise.all(Array.from({ length: callers }, (_, caller) => callUntilStopped(caller, act)));
}

async function increment(key) {
    await client.increment(key);
    return key;
}

const commands = {
    time: () => tell(`time ${now()}`),
    async connect(text) {
        const began = now();
        const deployment = JSON.parse(text);
        prefix = deployment.KeyPrefix;
        const connect = async () => {
            client = await clients[process.argv[2]](deployment);
            await client.increment(prefix + "first");
            return "first";
        };
        while (!await call("first", began, connect));
    },
    write: () => begin(increment),
    read: key => begin(async () => await client.read(key) ?? "nothing"),
    async stop() {
        isCalling = false;
        await Promise.race([calling, new Promise(resolve => setTimeout(resolve, 30_000))]);
        tell("stopped");
    },
    async close() {
        await client.close();
        tell("closed");
    },
};

for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...rest] = line.split(" ");
    await commands[command](rest.join(" "));
}
process.exit();
