/*
 * chat/socket.js - the WebSocket of conversations: frames of JSON, and a connection that comes back
 * by itself. Whoever gets on_open() asks for what was missed meanwhile.
 */
import { Patience } from "../shared/patience.js";
import { refresh, token } from "../shared/session.js";

const SESSION_ENDED = 4401;

export class Socket {
	#ws = null;
	#is_closed = false;
	#patience = new Patience();

	/* on_frame(frame), on_open(), on_state(is_live). */
	constructor({ on_frame, on_open, on_state }) {
		Object.assign(this, { on_frame, on_open, on_state });
		this.#run();
	}

	/* False when it did not go out. */
	send(type, fields) {
		if (this.#ws?.readyState !== WebSocket.OPEN)
			return false;
		this.#ws.send(JSON.stringify({ type, ...fields }));
		return true;
	}

	close() {
		this.#is_closed = true;
		this.#ws?.close();
	}

	async #run() {
		while (!this.#is_closed) {
			try {
				const code = await this.#connect();

				if (code === SESSION_ENDED && !this.#is_closed)
					await refresh();
			} catch {
				/* No token, no network: the next try tells. */
			}
			if (this.#is_closed)
				return;
			this.on_state(false);
			await this.#patience.wait();
		}
	}

	/* Lasts as long as the connection; the code with which it was closed. */
	async #connect() {
		const used = await token();

		if (!used || this.#is_closed)
			return 0;
		const ws = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/chat/ws`,
			[`bearer.${used}`]);

		this.#ws = ws;
		ws.addEventListener("message", (event) => this.#take(JSON.parse(event.data)));
		return new Promise((done) => ws.addEventListener("close", (event) => done(event.code)));
	}

	#take(frame) {
		if (frame.type === "connected") {
			this.#patience.succeed();
			this.on_state(true);
			this.on_open();
		} else {
			this.on_frame(frame);
		}
	}
}
