/* chat/messages.js - draws the messages of a place, with days between them. */
import { element, icon, portrait } from "../shared/dom.js";
import { reconcile } from "./reconcile.js";

const GROUP_MS = 5 * 60 * 1000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

const short_date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/* For lists: the time of today, else the day. */
export const when_of = (time) =>
	(day_of(time) === day_of(Date.now()) ? clock : short_date).format(new Date(time));
export const time_of = (time) => clock.format(new Date(time));
export const day_of = (time) => date.format(new Date(time));

function items_of(place, self) {
	const items = [];
	let before = null;

	for (const message of place.sorted()) {
		const day = day_of(message.time);
		const is_new_day = !before || day_of(before.time) !== day;

		if (is_new_day)
			items.push({ key: `day ${day}`, day, stamp: 0 });
		const is_first = is_new_day || before.from !== message.from ||
			new Date(message.time) - new Date(before.time) > GROUP_MS;

		items.push({ key: `message ${message.id}`, message, is_first,
			is_mine: message.from === self, stamp: [message, is_first] });
		before = message;
	}
	return items;
}

function reactions_of(message, self, on_react) {
	const chips = Object.entries(message.reactions ?? {}).filter(([, people]) => people.length);

	if (!chips.length)
		return null;
	return element("div.reactions", {}, ...chips.map(([emoji, people]) => {
		const is_on = people.includes(self);

		return element("button.reaction", { type: "button", "aria-pressed": String(is_on),
			"aria-label": `${emoji} by ${people.join(", ")}`, title: people.join(", "),
			onclick: () => on_react(message, emoji, !is_on) },
		element("span", {}, emoji), String(people.length));
	}));
}

function mark_of(item) {
	if (!item.is_mine || item.message.is_read === undefined)
		return null;
	return item.message.is_read
		? element("span.read", { role: "img", "aria-label": "read", title: "Read" }, icon("checks"))
		: element("span", { role: "img", "aria-label": "sent", title: "Sent" }, icon("check"));
}

function message_of(item, self, place, actions) {
	const { message, is_first, is_mine } = item;
	const react = element("button.round.react", { type: "button", "aria-label": "React",
		title: "React", onclick: () => actions.pick(react, message) }, icon("smile"));
	const bubble = element("div.bubble", {},
		is_first && !is_mine && place.key.startsWith("channel/")
			? element("span.from", {}, message.from) : null,
		element("span.words", {}, message.text),
		element("span.when", {}, message.is_edited ? "edited " : null,
			element("time", { datetime: message.time }, time_of(message.time)), mark_of(item)));

	return element(`li.message${is_first ? ".first" : ""}${is_mine ? ".mine" : ""}`,
		{ "data-id": message.id },
		is_first && !is_mine ? portrait(message.from, place.picture) : null,
		bubble, react, reactions_of(message, self, actions.react));
}

/* actions: pick(button, message) opens the choice of reactions, react(message, emoji, on). */
export function draw_messages(box, place, self, actions) {
	reconcile(box, items_of(place, self), (item) =>
		item.day ? element("li.day", {}, item.day) : message_of(item, self, place, actions));
}
