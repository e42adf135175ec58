/*
 * shared/feed.js - server-sent events of GET /events, by fetch: so the token goes in a header, not
 * in the address. After a break it goes on behind the last event that came (Last-Event-ID).
 */
import { Cutter } from "./cutter.js";
import { Patience } from "./patience.js";
import { refresh, token } from "./session.js";

const SILENCE_MS = 60000;

export class Feed {
	#topics = [];
	#last_id = "";
	#abort = null;
	#is_running = false;
	#patience = new Patience();

	/*
	 * on_event(name, object), on_state(is_live), and on_refused(): one of the topics may not be
	 * read any more.
	 */
	constructor({ on_event, on_state, on_refused }) {
		Object.assign(this, { on_event, on_state, on_refused });
	}

	/* From now on these topics, and no others; none: nothing. */
	watch(topics) {
		const sorted = [...topics].sort();

		if (String(sorted) === String(this.#topics))
			return;
		this.#topics = sorted;
		this.#abort?.abort();
		this.#patience.wake();
		if (!this.#is_running)
			this.#run();
	}

	close() {
		this.watch([]);
		this.#last_id = "";
	}

	async #run() {
		this.#is_running = true;
		while (this.#topics.length) {
			const asked = this.#topics;

			try {
				await this.#stream();
			} catch {
				/* Broken off, or not reached: it goes on with the next try. */
			}
			if (asked === this.#topics) {
				this.on_state(false);
				await this.#patience.wait();
			}
		}
		this.#is_running = false;
	}

	async #open(signal) {
		const used = await token();
		const query = new URLSearchParams(this.#topics.map((topic) => ["topic", topic]));
		const headers = { accept: "text/event-stream" };

		if (used)
			headers.authorization = `Bearer ${used}`;
		if (this.#last_id)
			headers["last-event-id"] = this.#last_id;
		return fetch(`/events?${query}`, { headers, signal, cache: "no-store" });
	}

	async #stream() {
		const abort = this.#abort = new AbortController();
		const answer = await this.#open(abort.signal);
		let watchdog;

		if (answer.status === 401)
			await refresh();
		else if (answer.status === 403 || answer.status === 404)
			this.on_refused();
		else if (answer.status === 400)
			this.#last_id = "";
		if (!answer.ok)
			return;
		this.#patience.succeed();
		this.on_state(true);
		const cutter = new Cutter((name, data) => this.on_event(name, JSON.parse(data)),
			(id) => (this.#last_id = id));
		const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();

		try {
			for (;;) {
				watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
				const { done, value } = await reader.read();

				clearTimeout(watchdog);
				if (done)
					return;
				cutter.push(value);
			}
		} finally {
			clearTimeout(watchdog);
		}
	}
}
