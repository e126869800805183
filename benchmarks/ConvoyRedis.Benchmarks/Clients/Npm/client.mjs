// The process of a client from npm. What it reads and writes: see ClientHost.cs.
import { createInterface } from "node:readline";
import Redis from "ioredis";
import { createSentinel } from "redis";

const writers = 4;
const pause = () => new Promise(resolve => setTimeout(resolve, 2));
const now = () => process.hrtime.bigint();
const tell = line => process.stdout.write(line + "\n");
const hostAndPort = address => ({ host: address.slice(0, address.lastIndexOf(":")), port: Number(address.slice(address.lastIndexOf(":") + 1)) });

const clients = {
    async ioredis({ Sentinels, Master, Password }) {
        const client = new Redis({ sentinels: Sentinels.map(hostAndPort), name: Master, password: Password });
        client.on("error", () => { });
        return { increment: key => client.incr(key), close: async () => client.disconnect() };
    },
    async redis({ Sentinels, Master, Password }) {
        const client = createSentinel({ name: Master, sentinelRootNodes: Sentinels.map(hostAndPort), nodeClientOptions: { password: Password } });
        client.on("error", () => { });
        await client.connect();
        return { increment: key => client.incr(key), close: async () => client.destroy() };
    },
};

let client;
let isWriting = false;
let writing;

async function write(key, began, act) {
    try {
        await act();
        tell(`acknowledged ${key} ${began} ${now()}`);
        return true;
    } catch (error) {
        tell(`failed ${key} ${began} ${now()} ${error.name}: ${String(error.message).replaceAll("\n", " ")}`);
        return false;
    } finally {
        await pause();
    }
}

async function writeUntilStopped(writer) {
    for (let number = 0; isWriting; number++) {
        const key = `${process.argv[2]}:${writer}:${number}`;
        await write(key, now(), () => client.increment(key));
    }
}

const commands = {
    time: () => tell(`time ${now()}`),
    async connect(deployment) {
        const began = now();
        const connect = async () => {
            client = await clients[process.argv[2]](JSON.parse(deployment));
            await client.increment("first");
        };
        while (!await write("first", began, connect));
    },
    write() {
        isWriting = true;
        writing = Promise.all(Array.from({ length: writers }, (_, writer) => writeUntilStopped(writer)));
    },
    async stop() {
        isWriting = false;
        await Promise.race([writing, new Promise(resolve => setTimeout(resolve, 30_000))]);
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
