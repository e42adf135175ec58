/* chat/sidebar.js - the list of places, and the dialog that finds channels. */
import { $, element, icon, portrait, toast } from "../shared/dom.js";
import { when_of } from "./messages.js";
import { reconcile } from "./reconcile.js";
import { attempt } from "./thread.js";

function picture_of(place) {
	if (place.key.startsWith("channel/"))
		return element("span.portrait.hash", { "aria-hidden": "true" }, "#");
	return element("span.presence", { "data-present": String(place.is_present) },
		portrait(place.title, place.picture));
}

function row(item) {
	const { place, last, is_open } = item;
	const label = [place.title, place.is_present ? "online" : null,
		place.unread ? `${place.unread} unread` : null].filter(Boolean).join(", ");

	return element("li", {}, element("a.place", { href: `#${place.key}`, "aria-label": label,
		"aria-current": is_open ? "page" : null, "data-unread": place.unread > 0 },
	picture_of(place),
	element("span.grow", {}, element("span.name", {}, place.title),
		element("span.last", {}, last?.text ?? place.topic ?? "")),
	element("span.side", {}, last ? element("time", { datetime: last.time }, when_of(last.time)) : null,
		place.unread ? element("span.badge", {}, String(place.unread)) : null)));
}

/* Draws a list of places; the one that is open is marked. */
export function draw_places(box, places, open, empty) {
	const items = places.map((place) => {
		const last = place.last ?? place.sorted().at(-1);

		return { key: place.key, place, last, is_open: place === open,
			stamp: [place.unread, place.is_present, place.picture, last, place.topic,
				place === open] };
	});

	if (!items.length)
		items.push({ key: "empty", stamp: empty });
	reconcile(box, items, (item) => (item.place ? row(item) : element("li.empty", {}, empty)));
}

/* ---- the dialog ---- */

function channel_row(channel) {
	const members = `${channel.members} ${channel.members === 1 ? "member" : "members"}`;

	return element("li", {}, element("a.place", { href: `#${channel.key}`,
		onclick: () => $("#channel-dialog").close() },
	element("span.portrait.hash", { "aria-hidden": "true" }, "#"),
	element("span.grow", {}, element("span.name", {}, channel.name),
		element("span.last", {}, channel.topic || members)),
	channel.is_mine ? element("span.quiet.small", {}, "joined") : null));
}

async function show_dialog(channels) {
	const found = await attempt(() => channels.list_public());

	if (!found)
		return;
	$("#public-channels").replaceChildren(...found.map(channel_row));
	if (!found.length)
		$("#public-channels").append(element("li.empty", {}, "No public channel yet."));
	$("#new-channel-wrong").textContent = "";
	$("#channel-dialog").showModal();
}

async function open_channel(channels, form) {
	try {
		const channel = await channels.open(form.elements.name.value.trim(),
			form.elements.private.checked);

		form.reset();
		$("#channel-dialog").close();
		location.hash = channel.key;
	} catch (error) {
		$("#new-channel-wrong").textContent = error.message;
	}
}

function find_person(form) {
	const pseudo = form.elements.pseudo.value.trim().replace(/^@/, "").toLowerCase();

	if (!pseudo)
		return;
	form.reset();
	location.hash = `with/${pseudo}`;
}

/* open() is the place that is open. */
export function start_sidebar(channels, open) {
	$("#sign-out").append(icon("leave"));
	$("#find-channel").append(icon("plus"));
	$("#find-channel").addEventListener("click", () => show_dialog(channels));
	$("#new-channel").addEventListener("submit", (event) => {
		event.preventDefault();
		open_channel(channels, event.target);
	});
	$("#find-person").addEventListener("submit", (event) => {
		event.preventDefault();
		find_person(event.target);
	});
	$("#find-person button").append(icon("plus"));
	$("#join").addEventListener("click", () => attempt(() => channels.join(open())));
	$("#leave").addEventListener("click", () => attempt(async () => {
		await channels.leave(open());
		toast("You left the channel.");
	}));
}
