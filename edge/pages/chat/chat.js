/* chat/chat.js - puts the page together: who is signed in, which place is open, what is drawn. */
import { $, toast } from "../shared/dom.js";
import { Feed } from "../shared/feed.js";
import { get, me, onChange, signOut } from "../shared/session.js";
import { signInForm } from "../shared/signin.js";
import { Channels } from "./channels.js";
import { reset_connection, tell_connection } from "./connection.js";
import { Conversations } from "./conversations.js";
import { draw_places, start_sidebar } from "./sidebar.js";
import { Socket } from "./socket.js";
import { attempt, draw_thread, forget_drafts, is_being_read, open_place, show_place, start_thread }
	from "./thread.js";

const FEED_TOPICS = 50;

let channels;
let conversations;
let socket;
let feed;
let is_due = false;

/* ---- drawing ---- */

/* The channels one is in, and the one that is open. */
function topics() {
	const open = open_place();
	const names = new Set(channels.mine().map((channel) => channel.name));

	if (open?.key.startsWith("channel/"))
		names.add(open.name);
	return [...names].slice(-FEED_TOPICS).map((name) => `channel:${name}`);
}

function draw_title() {
	const places = [...conversations.list(), ...channels.mine()];
	const unread = places.reduce((sum, one) => sum + one.unread, 0);
	const open = open_place();

	document.title = `${unread ? `(${unread}) ` : ""}${open ? `${open.title} · ` : ""}canaduck chat`;
}

function draw() {
	const open = open_place();

	is_due = false;
	if (!channels)
		return;
	draw_places($("#conversations"), conversations.list(), open, "Nobody yet: write to somebody.");
	draw_places($("#channels"), channels.mine(), open, "Find one with the + above.");
	draw_thread();
	if (open && is_being_read(open))
		open.mark_read();
	/* A conversation has its number from the first message on. */
	if (open && location.hash.startsWith("#with/") && open.id)
		history.replaceState(null, "", `#${open.key}`);
	draw_title();
	feed.watch(topics());
}

/* Many changes of one turn are drawn once. */
function changed() {
	if (is_due)
		return;
	is_due = true;
	queueMicrotask(draw);
}

/* ---- places ---- */

async function find_place(kind, name) {
	if (kind === "channel")
		return channels.find(name);
	if (kind === "with")
		return conversations.with(name);
	return conversations.all.get(Number(name));
}

/* "#channel/tech": links, and the buttons back and forth of the browser, open places. */
async function follow_hash() {
	const asked = location.hash;
	const [kind, name] = asked.slice(1).split("/").map(decodeURIComponent);
	const place = name ? await attempt(() => find_place(kind, name)) : null;

	if (asked !== location.hash)
		return;
	if (name && !place) {
		location.hash = "";
		return;
	}
	show_place(place);
	$("#app").dataset.open = String(Boolean(place));
	changed();
	if (place)
		await attempt(() => place.load());
}

/* ---- what comes by itself ---- */

/* What was missed while there was no socket. */
async function catch_up() {
	if (!conversations)
		return;
	const known = conversations.newest_message();

	if (known)
		socket.send("resume", { after_message_id: known });
	await attempt(() => conversations.load());
	await attempt(async () => open_place()?.load());
}

function take_frame(frame) {
	if (frame.type === "error")
		toast(frame.data?.message ?? frame.message);
	else if (conversations)
		attempt(() => conversations.take(frame));
}

/* What is no message tells that something may be missing, or that a channel may not be read. */
function take_event(event, data) {
	if (!channels)
		return;
	if (/^(message|reaction)_/.test(event))
		channels.take_event(event, data);
	else if (event === "reset")
		attempt(async () => open_place()?.load());
	else if (event === "topic_end" || event === "channel_deleted")
		attempt(lose_channel);
}

/* The list is asked for again; who looked at what is gone goes back to it. */
async function lose_channel() {
	const open = open_place();

	await channels.load();
	if (open?.key.startsWith("channel/"))
		await follow_hash();
}

function listen() {
	socket = new Socket({
		on_frame: take_frame,
		on_open: catch_up,
		on_state: (is_live) => tell_connection("socket", is_live),
	});
	feed = new Feed({
		on_event: take_event,
		on_state: (is_live) => {
			tell_connection("feed", is_live);
			if (is_live)
				attempt(async () => open_place()?.load());
		},
		on_refused: () => channels && attempt(lose_channel),
	});
}

/* ---- who is signed in ---- */

function leave() {
	socket?.close();
	feed?.close();
	channels = conversations = undefined;
	show_place(null);
	forget_drafts();
	reset_connection();
}

async function enter() {
	const self = me();

	leave();
	$("#welcome").hidden = Boolean(self);
	$("#app").hidden = !self;
	if (!self)
		return;
	listen();
	channels = new Channels(changed);
	conversations = new Conversations(socket, changed);
	$("#me").textContent = `@${self.pseudo}`;
	await attempt(async () => {
		await Promise.all([get("/users/me"), channels.load(), conversations.load()]);
		await follow_hash();
	});
}

$("#welcome").append(signInForm("Messages of two, and channels for everybody."));
$("#sign-out").addEventListener("click", () => attempt(signOut));
$("#scroll").addEventListener("scroll", () => open_place()?.unread && changed());
document.addEventListener("visibilitychange", () => channels && changed());
window.addEventListener("hashchange", () => channels && follow_hash());
start_thread();
start_sidebar({ list_public: () => channels.list_public(), join: (c) => channels.join(c),
	leave: (c) => channels.leave(c), open: (...of) => channels.open(...of) }, open_place);
onChange(enter);
enter();
