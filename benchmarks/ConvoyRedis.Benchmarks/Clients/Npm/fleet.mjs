// The process of many clients from npm. What it reads and writes: see Fleet/FleetHost.cs.
import { createInterface } from "node:readline";
import { clients } from "./clients.mjs";

const patience = 250;
const lastPatience = 6000;
const lengthOfAnError = 60;
const connecting = 8;
const now = () => process.hrtime.bigint();
const tell = line => process.stdout.write(line + "\n");
const after = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

const members = [];
let isCalling = false;
let watch;
let acknowledged = 0;
let failed = 0;
let pending = 0;
let longest = 0n;
const errors = new Map();

function count(error) {
    failed++;
    const text = error.slice(0, lengthOfAnError);
    errors.set(text, (errors.get(text) ?? 0) + 1);
}

async function connect(index, deployment) {
    while (true) {
        try {
            const client = await clients[process.argv[2]](deployment);
            await client.increment(`fleet:${index}`);
            members[index] = { client, seen: undefined };
            return;
        } catch {
            await after(patience);
        }
    }
}

async function call(member, index) {
    const began = now();
    pending++;
    try {
        const value = await member.client.increment(`fleet:${index}`);
        const ended = now();
        acknowledged++;
        longest = ended - began > longest ? ended - began : longest;
        if (watch && member.seen !== watch && value >= watch.least && ended >= watch.since) {
            member.seen = watch;
            tell(`back ${index} ${ended}`);
        }
        return true;
    } catch (error) {
        longest = now() - began > longest ? now() - began : longest;
        count(`${error.name}: ${String(error.message).replaceAll("\n", " ")}`);
        return false;
    } finally {
        pending--;
    }
}

async function write(member, index, pause, retry) {
    await after(pause * Math.random());
    while (isCalling) {
        let timer;
        const gone = new Promise(resolve => timer = setTimeout(resolve, patience, "late"));
        const outcome = await Promise.race([call(member, index), gone]);
        clearTimeout(timer);
        if (outcome !== "late")
            await after(outcome ? pause : retry);
    }
}

const commands = {
    time: () => tell(`time ${now()}`),
    async connect(text) {
        const at = text.indexOf(" ");
        const deployment = JSON.parse(text.slice(at + 1));
        const wanted = Number(text.slice(0, at));
        let next = 0;
        await Promise.all(Array.from({ length: connecting }, async () => {
            while (next < wanted)
                await connect(next++, deployment);
        }));
        tell("connected");
    },
    write(text) {
        const [pause, retry] = text.split(" ").map(Number);
        isCalling = true;
        members.forEach((member, index) => write(member, index, pause, retry));
    },
    watch(text) {
        watch = { least: Number(text), since: now() };
        tell("watching");
    },
    async stop() {
        isCalling = false;
        for (const began = now(); pending > 0 && now() - began < BigInt(lastPatience) * 1_000_000n;)
            await after(10);
        for (let i = pending; i > 0; i--)
            count("no answer");
        for (const [error, times] of errors)
            tell(`error ${times} ${error}`);
        tell(`stopped ${acknowledged} ${failed} ${longest}`);
    },
    async close() {
        await Promise.all(members.map(member => member.client.close()));
        tell("closed");
    },
};

for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...rest] = line.split(" ");
    await commands[command](rest.join(" "));
}
process.exit();
