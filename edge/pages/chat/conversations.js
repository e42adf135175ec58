/* chat/conversations.js - conversations of two: who the others are, and what the socket tells. */
import { get, me, post, request } from "../shared/session.js";
import { PAGE, Place } from "./place.js";

const TYPING_EVERY_MS = 3000;
const TYPING_ENDS_MS = 6000;

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export class Conversation extends Place {
	id = null;
	is_present = false;
	last = null;
	#seen = "";
	#told_typing = 0;
	#they_type = null;

	/* With somebody; without an id until the first message. */
	constructor(other, socket, changed) {
		super(changed);
		this.other = other;
		this.socket = socket;
	}

	get key() {
		return this.id ? `conversation/${this.id}` : `with/${this.other.pseudo}`;
	}

	get title() {
		return this.other.pseudo;
	}

	get picture() {
		return this.other.profile_picture;
	}

	get subtitle() {
		return this.is_present ? "online" : this.#seen;
	}

	get hint() {
		return this.#they_type ? `${this.title} is writing…` : "";
	}

	describe(conversation) {
		this.id = conversation.id;
		this.other = conversation.other_user;
		this.unread = conversation.unread_count;
		this.last = conversation.last_message_at && {
			text: conversation.last_message_content, time: conversation.last_message_at };
	}

	read(message) {
		return {
			id: message.id,
			from: message.sender_id === me().id ? me().pseudo : this.title,
			text: message.msg ?? message.message,
			time: message.time ?? message.timestamp,
			is_read: Boolean(message.read_at),
			reactions: message.reactions ?? {},
		};
	}

	/* What was read stays so: an answer may be older than what the socket told meanwhile. */
	put(message) {
		const is_read = this.messages.get(message.id)?.is_read || message.is_read;

		if (message.text && !(this.last?.time > message.time))
			this.last = { text: message.text, time: message.time };
		return super.put(is_read ? { ...message, is_read } : message);
	}

	async fetch_page(before) {
		const query = new URLSearchParams({ limit: PAGE });

		if (!this.id)
			return [];
		if (before)
			query.set("before", before);
		const answer = await get(`/api/v1/chat/conversations/${this.id}/messages?${query}`);

		return answer.data.map((message) => this.read(message));
	}

	async load() {
		const seen = get(`/seen/${encodeURIComponent(this.title)}`).catch(() => null);

		await super.load();
		this.#seen = `seen ${clock.format(new Date((await seen)?.result.last_seen ?? 0))}`;
		this.changed();
	}

	async send(text) {
		const answer = await post("/api/v1/chat/messages", { conversation_id: this.id, message: text });

		this.add(this.read(answer.data));
	}

	async react(message, emoji, on) {
		const answer = await request(on ? "POST" : "DELETE", "/msg/reaction",
			{ message_id: message.id, emoji });

		this.put({ id: message.id, reactions: answer.result.reactions });
	}

	/* ---- what I do ---- */

	typed(is_typing) {
		const is_due = Date.now() - this.#told_typing > TYPING_EVERY_MS;

		if (!this.id)
			return;
		if (is_typing ? is_due : this.#told_typing)
			this.socket.send("typing", { conversation_id: this.id, is_typing });
		if (is_due || !is_typing)
			this.#told_typing = is_typing ? Date.now() : 0;
	}

	stop_typing() {
		if (this.#told_typing)
			this.typed(false);
	}

	mark_read() {
		if (this.unread && this.socket.send("mark_read", { conversation_id: this.id })) {
			this.unread = 0;
			this.changed();
		}
	}

	/* ---- what the other one does ---- */

	on_typing(is_typing) {
		clearTimeout(this.#they_type);
		this.#they_type = is_typing
			? setTimeout(() => this.on_typing(false), TYPING_ENDS_MS) : null;
		this.changed();
	}

	on_read({ user_id, message_id }) {
		if (user_id === me().id)
			this.unread = 0;
		else
			for (const message of this.messages.values())
				if (message.id <= message_id && message.from === me().pseudo)
					message.is_read = true;
		this.changed();
	}

	on_reaction({ message_id, user_id, emoji, is_added }) {
		const message = this.messages.get(message_id);
		const pseudo = user_id === me().id ? me().pseudo : this.title;

		if (!message)
			return;
		/* An emoji may be any text, "constructor" too. */
		const before = Object.hasOwn(message.reactions, emoji) ? message.reactions[emoji] : [];
		const people = before.filter((one) => one !== pseudo);

		this.put({ id: message_id, reactions: { ...message.reactions,
			[emoji]: is_added ? [...people, pseudo] : people } });
	}
}

export class Conversations {
	all = new Map();
	#drafts = new Map();

	constructor(socket, changed) {
		this.socket = socket;
		this.changed = changed;
	}

	/* The latest first. */
	list() {
		return [...this.all.values()].sort((a, b) =>
			(b.last?.time ?? "").localeCompare(a.last?.time ?? "") || b.id - a.id);
	}

	newest_message() {
		return Math.max(0, ...[...this.all.values()].map((one) => one.newest()));
	}

	async load() {
		const found = (await get("/api/v1/chat/conversations?limit=200")).data;

		for (const described of found) {
			if (!this.all.has(described.id))
				this.all.set(described.id, this.#draft_of(described.other_user));
			this.all.get(described.id).describe(described);
		}
		this.changed();
		await this.#load_presence();
	}

	/* What was a draft becomes the conversation. */
	#draft_of(other) {
		const draft = this.#drafts.get(other.pseudo);

		this.#drafts.delete(other.pseudo);
		return draft ?? new Conversation(other, this.socket, this.changed);
	}

	async #load_presence() {
		const pseudos = this.list().map((one) => one.title);

		if (!pseudos.length)
			return;
		const present = new Set((await get(`/ison?users=${pseudos.join(",")}`)).result);

		for (const one of this.all.values())
			one.is_present = present.has(one.title);
		this.changed();
	}

	/* By pseudo: the one there is, or one that begins with its first message. */
	async with(pseudo) {
		const known = [...this.all.values()].find((one) => one.title === pseudo);

		if (known)
			return known;
		const whois = (await get(`/whois/${encodeURIComponent(pseudo)}`)).result;
		const draft = new Conversation({ pseudo: whois.pseudo, profile_picture: whois.avatar },
			this.socket, this.changed);

		draft.send = async (text) => {
			await post("/msg", { to: whois.pseudo, text });
			delete draft.send;
			await this.load();
			await draft.load();
		};
		this.#drafts.set(whois.pseudo, draft);
		return draft;
	}

	#by_person(id) {
		return [...this.all.values()].find((one) => one.other.id === id);
	}

	/* A frame of the socket. */
	async take({ type, conversation_id, data }) {
		if (type === "presence") {
			const one = this.#by_person(data.user_id);

			if (one)
				one.is_present = data.status === "online";
			return this.changed();
		}
		if (type === "reaction_update") {
			for (const one of this.all.values())
				one.on_reaction(data);
			return undefined;
		}
		const is_new = conversation_id && !this.all.has(conversation_id);

		if (is_new)
			await this.load();
		const one = this.all.get(conversation_id);

		if (type === "new_message")
			this.#take_message(one, data, is_new);
		else if (type === "typing" && data.user_id !== me().id)
			one.on_typing(data.is_typing);
		else if (type === "read")
			one.on_read(data);
		return undefined;
	}

	/* A conversation that was just loaded has counted it already. */
	#take_message(one, data, is_counted) {
		const is_theirs = data.sender_id !== me().id;

		if (one.messages.has(data.id))
			return;
		if (is_theirs) {
			one.on_typing(false);
			one.unread += is_counted ? 0 : 1;
		}
		one.put(one.read(data));
	}
}
