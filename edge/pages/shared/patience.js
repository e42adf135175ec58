/*
 * shared/patience.js - how long to wait before the next try: longer each time, never the same for
 * all clients, and no longer than until the network is back or the page is looked at again.
 */
const FIRST_MS = 400;
const LONGEST_MS = 15000;
const LASTING_MS = 5000;

export class Patience {
	#tries = 0;
	#since = null;
	#wake = () => {};

	constructor() {
		window.addEventListener("online", () => this.#wake());
		document.addEventListener("visibilitychange", () => {
			if (document.visibilityState === "visible")
				this.#wake();
		});
	}

	/* A try went well: if it lasts, the next wait is a short one again. */
	succeed() {
		this.#since = Date.now();
	}

	wait() {
		if (this.#since && Date.now() - this.#since > LASTING_MS)
			this.#tries = 0;
		this.#since = null;
		const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries++);
		const wait_ms = most * (0.5 + Math.random() / 2);

		return new Promise((done) => {
			this.#wake = done;
			setTimeout(done, wait_ms);
		});
	}

	wake() {
		this.#wake();
	}
}
