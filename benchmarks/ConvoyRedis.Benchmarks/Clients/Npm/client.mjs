// The process of a client from npm. What it reads and writes: see ClientHost.cs.
import { createInterface } from "node:readline";
import { clients } from "./clients.mjs";

const callers = 4;
const pause = () => new Promise(resolve => setTimeout(resolve, 2));
const now = () => process.hrtime.bigint();
const tell = line => process.stdout.write(line + "\n");

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
