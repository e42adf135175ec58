/* chat/channels.js - channels: those one is in, those anybody may read, and what is said there. */
import { get, me, post, request } from "../shared/session.js";
import { PAGE, Place } from "./place.js";

const read = (message) => ({
	id: message.id,
	from: message.from,
	text: message.text,
	time: message.timestamp,
	is_edited: Boolean(message.edited_at),
	reactions: message.reactions,
});

export class Channel extends Place {
	is_mine = false;
	topic = "";
	members = 0;
	is_private = false;

	constructor(name, changed) {
		super(changed);
		this.name = name;
		this.key = `channel/${name}`;
	}

	get title() {
		return this.name;
	}

	describe(channel) {
		this.topic = channel.topic;
		this.members = channel.members_count;
		this.is_private = channel.private;
		this.is_owner = channel.owner === me()?.pseudo;
	}

	async fetch_page(before) {
		const query = new URLSearchParams({ channel: this.name, limit: PAGE });

		if (before)
			query.set("before", before);
		return (await get(`/msg?${query}`)).result.map(read);
	}

	async send(text) {
		this.add(read((await post("/msg", { channel: this.name, text })).result));
	}

	mark_read() {
		if (this.unread) {
			this.unread = 0;
			this.changed();
		}
	}

	/* What /events tells. */
	take(event, message) {
		if (event === "message_deleted")
			return this.remove(message.id);
		const is_news = !this.messages.has(message.id);

		if (event !== "message_created" && is_news)
			return undefined;
		if (event === "message_created" && is_news && message.from !== me().pseudo)
			this.unread++;
		return this.put(read(message));
	}

	async react(message, emoji, on) {
		const answer = await request(on ? "POST" : "DELETE", "/msg/reaction",
			{ message_id: message.id, emoji });

		this.put(read(answer.result));
	}
}

export class Channels {
	all = new Map();

	constructor(changed) {
		this.changed = changed;
	}

	mine() {
		return [...this.all.values()].filter((c) => c.is_mine)
			.sort((a, b) => a.name.localeCompare(b.name));
	}

	at(name) {
		if (!this.all.has(name))
			this.all.set(name, new Channel(name, this.changed));
		return this.all.get(name);
	}

	/* What /events tells of one of them. */
	take_event(event, message) {
		this.all.get(message.channel)?.take(event, message);
	}

	take(described, is_mine) {
		const channel = this.at(described.name);

		channel.describe(described);
		channel.is_mine = is_mine ?? channel.is_mine;
		this.changed();
		return channel;
	}

	async load() {
		const mine = (await get("/channel?mine=true&limit=200")).result;
		const names = new Set(mine.map((c) => c.name));

		for (const channel of this.all.values())
			channel.is_mine = names.has(channel.name);
		mine.forEach((c) => this.take(c, true));
		this.changed();
	}

	/* One that may be read, in it or not. */
	async find(name) {
		return this.take((await get(`/channel/${encodeURIComponent(name)}/config`)).result);
	}

	async list_public() {
		return (await get("/channel?limit=200")).result.map((c) => this.take(c));
	}

	async open(name, is_private) {
		return this.take((await post("/channel", { name, private: is_private })).result, true);
	}

	async join(channel) {
		return this.take((await post(`/channel/${channel.name}/join`)).result, true);
	}

	async leave(channel) {
		await post(`/channel/${channel.name}/leave`);
		channel.is_mine = false;
		channel.members--;
		this.changed();
	}
}
