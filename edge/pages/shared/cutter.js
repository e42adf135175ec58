/*
 * shared/cutter.js - cuts a stream of text into server-sent events (HTML standard, 9.2.6), wherever
 * its pieces end. An id counts without an event, too.
 */
export class Cutter {
	#rest = "";
	#name = "message";
	#data = [];
	#id;

	/* on_event(name, data), on_id(id). */
	constructor(on_event, on_id) {
		this.on_event = on_event;
		this.on_id = on_id;
	}

	push(text) {
		const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);

		this.#rest = lines.pop();
		lines.forEach((line) => this.#take(line));
	}

	#take(line) {
		const [, name, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line);

		if (line === "")
			this.#end();
		else if (name === "data")
			this.#data.push(value);
		else if (name === "event")
			this.#name = value;
		else if (name === "id")
			this.#id = value;
	}

	#end() {
		const name = this.#name, data = this.#data;

		this.#name = "message";
		this.#data = [];
		if (this.#id !== undefined)
			this.on_id(this.#id);
		if (data.length)
			this.on_event(name, data.join("\n"));
	}
}
