/* chat/chat.js - puts the page together: who is signed in, which place is open, what is drawn. */
import { $ } from "../shared/dom.js";
import { get, me, onChange, signOut } from "../shared/session.js";
import { signInForm } from "../shared/signin.js";
import { Channels } from "./channels.js";
import { draw_places, start_sidebar } from "./sidebar.js";
import { attempt, draw_thread, forget_drafts, open_place, show_place, start_thread }
	from "./thread.js";

let channels;
let is_due = false;

function draw() {
	is_due = false;
	if (!me())
		return;
	draw_places($("#channels"), channels.mine(), open_place(), "Find one with the + above.");
	draw_thread();
	document.title = `${open_place() ? `${open_place().title} · ` : ""}canaduck chat`;
}

/* Many changes of one turn are drawn once. */
function changed() {
	if (is_due)
		return;
	is_due = true;
	queueMicrotask(draw);
}

async function find_place(kind, name) {
	if (kind === "channel")
		return channels.find(name);
	return null;
}

/* "#channel/tech": links, and the buttons back and forth of the browser, open places. */
async function follow_hash() {
	const [kind, name] = location.hash.slice(1).split("/").map(decodeURIComponent);
	const place = name ? await attempt(() => find_place(kind, name)) : null;

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

async function enter() {
	const self = me();

	$("#welcome").hidden = Boolean(self);
	$("#app").hidden = !self;
	channels = undefined;
	show_place(null);
	forget_drafts();
	if (!self)
		return;
	channels = new Channels(changed);
	$("#me").textContent = `@${self.pseudo}`;
	changed();
	await attempt(async () => {
		await get("/users/me");
		await channels.load();
		await follow_hash();
	});
}

$("#welcome").append(signInForm("Messages of two, and channels for everybody."));
$("#sign-out").addEventListener("click", () => attempt(signOut));
window.addEventListener("hashchange", () => me() && follow_hash());
start_thread();
start_sidebar({ list_public: () => channels.list_public(), join: (c) => channels.join(c),
	leave: (c) => channels.leave(c), open: (...of) => channels.open(...of) }, open_place);
onChange(enter);
enter();
