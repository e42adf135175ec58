/*
 * chat/place.js - where messages are: a channel, or a conversation of two (which say how they are
 * asked for). Messages are kept by number, so whatever brings one twice changes nothing.
 */
export const PAGE = 50;
const MOST_KEPT = 1000;

export class Place {
	messages = new Map();
	has_older = false;
	is_loaded = false;
	unread = 0;
	#ceiling = MOST_KEPT;

	/* Calls back after a change. */
	constructor(changed) {
		this.changed = changed;
	}

	sorted() {
		return [...this.messages.values()].sort((a, b) => a.id - b.id);
	}

	newest() {
		return this.messages.size ? Math.max(...this.messages.keys()) : 0;
	}

	/* True when it is news. */
	put(message) {
		const is_new = !this.messages.has(message.id);

		this.messages.set(message.id, { ...this.messages.get(message.id), ...message });
		if (this.messages.size > this.#ceiling)
			this.#forget_oldest();
		this.changed();
		return is_new;
	}

	/* The answer to what was sent: when the message has come already, it is the older of both. */
	add(message) {
		if (!this.messages.has(message.id))
			this.put(message);
	}

	/* What never ends must not fill the memory; it can be asked for again. */
	#forget_oldest() {
		for (const { id } of this.sorted().slice(0, PAGE))
			this.messages.delete(id);
		this.has_older = true;
	}

	remove(id) {
		this.messages.delete(id);
		this.changed();
	}

	/* The newest page; further calls bring what is newer than what is here. */
	async load() {
		const page = await this.fetch_page();
		const known = this.newest();
		const has_gap = known > 0 && page.length === PAGE && page.every((m) => m.id > known);

		/* Too much was missed to join both ends: begin anew from the newest. */
		if (has_gap)
			this.messages.clear();
		page.forEach((message) => this.put(message));
		if (!this.is_loaded || has_gap)
			this.has_older = page.length === PAGE;
		this.is_loaded = true;
		this.changed();
	}

	async load_older() {
		const page = await this.fetch_page(Math.min(...this.messages.keys()));

		this.#ceiling += PAGE;
		page.forEach((message) => this.put(message));
		this.has_older = page.length === PAGE;
		this.changed();
	}
}
