/* The chat's WebSocket as the package ws speaks it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";

import { ask, newcomer } from "./support.mjs";

const { WebSocket } = createRequire(join(process.env.NPM_DIR, "package.json"))("ws");
const url = `ws://127.0.0.1:${process.env.EDGE_PORT}/api/v1/chat/ws`;
const patience = setTimeout(() => assert.fail("something awaited never came"), 60000);

/* A client that keeps what it hears until somebody asks. */
class Client {
	#heard = [];
	#waiting = [];

	constructor(address, protocols, options) {
		this.socket = new WebSocket(address, protocols, options);
		this.socket.on("message", (data, is_binary) => {
			assert.ok(!is_binary);
			this.#heard.push(JSON.parse(data));
			this.#waiting.shift()?.();
		});
		this.closed = new Promise((done) => this.socket.on("close",
			(code, reason) => done({ code, reason: String(reason) })));
	}

	/* The next frame of this type; presence of others is passed over. */
	async next(type) {
		for (;;) {
			if (this.#heard.length === 0)
				await new Promise((wake) => this.#waiting.push(wake));
			const frame = this.#heard.shift();

			if (frame.type === "presence" && type !== "presence")
				continue;
			assert.equal(frame.type, type, JSON.stringify(frame));
			return frame;
		}
	}

	say(frame) {
		this.socket.send(JSON.stringify(frame));
	}
}

const by_header = (token) => new Client(url, { headers: { authorization: `Bearer ${token}` } });

async function refused(client, status) {
	const [, answer] = await once(client.socket, "unexpected-response");

	assert.equal(answer.statusCode, status);
	answer.destroy();
}

const roger = await newcomer("ws-roger");
const ginette = await newcomer("ws-ginette");
const { id } = await ask("GET", "/users/me", undefined, ginette);
const { data: conversation } = await ask("POST", "/api/v1/chat/conversations", { user_id: id }, roger);

await refused(new Client(url), 401);
await refused(new Client(url, { headers: { authorization: `Bearer ${roger}` },
	origin: "https://evil.example" }), 403);

/* Three ways to come in. */
const one = by_header(roger);
const two = new Client(`${url}?token=${ginette}`);
const three = new Client(url, ["chat", `bearer.${ginette}`]);

for (const client of [one, two, three])
	assert.equal((await client.next("connected")).data.status, "connected");
assert.equal(three.socket.protocol, `bearer.${ginette}`);
assert.equal(one.socket.extensions, "");

/* A message to all, whole and in pieces. */
one.say({ type: "send_message", conversation_id: conversation.id, content: "coin 🦆" });
for (const client of [one, two, three])
	assert.equal((await client.next("new_message")).data.message, "coin 🦆");
two.socket.send(`{"type":"send_message","conversation_id":${conversation.id},`, { fin: false });
two.socket.ping("between");
two.socket.send("\"content\":\"in ", { fin: false });
two.socket.send("pieces\"}");
for (const client of [one, two, three])
	assert.equal((await client.next("new_message")).data.message, "in pieces");

/* Pings both ways, and what is wrong. */
one.socket.ping("hello");
assert.equal(String((await once(one.socket, "pong"))[0]), "hello");
one.socket.send("no JSON");
assert.equal((await one.next("error")).data.code, "INVALID_ARGUMENT");
one.socket.send(Buffer.from("{}"), { binary: true });
assert.equal((await one.next("error")).data.code, "INVALID_ARGUMENT");

/* Ends: its own, too much, the session's. */
two.socket.close(1000, "bye");
assert.deepEqual(await two.closed, { code: 1000, reason: "bye" });
three.socket.send("x".repeat(16 * 1024 + 1));
assert.equal((await three.closed).code, 1009);

/* What was missed meanwhile. */
one.say({ type: "send_message", conversation_id: conversation.id, content: "missed" });
const { data: missed } = await one.next("new_message");
const back = by_header(ginette);

await back.next("connected");
back.say({ type: "resume", after_message_id: missed.id - 1 });
assert.equal((await back.next("new_message")).data.id, missed.id);
await ask("DELETE", "/user/ws-ginette", undefined, ginette);
assert.deepEqual(await back.closed, { code: 4401, reason: "the session has ended" });
one.socket.close();
assert.equal((await one.closed).code, 1005);
clearTimeout(patience);
