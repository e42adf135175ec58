/* chat/thread.js - the place that is open: its head, its messages, and the line one writes on. */
import { $, element, icon, portrait, toast } from "../shared/dom.js";
import { me } from "../shared/session.js";
import { draw_messages } from "./messages.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😢", "🦆"];
const NEAR_PX = 90;

let place = null;
let drafts = new Map();

/* What goes wrong is told, and no reason to stop. */
export async function attempt(work) {
	try {
		return await work();
	} catch (error) {
		toast(error.message);
		return undefined;
	}
}

function is_at_end() {
	const box = $("#scroll");

	return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
}

function to_end() {
	$("#scroll").scrollTop = $("#scroll").scrollHeight;
}

function pick(button, message) {
	const picker = $("#picker");
	const at = button.getBoundingClientRect();

	picker.replaceChildren(...EMOJI.map((emoji) => element("button",
		{ type: "button", role: "menuitem", "aria-label": emoji, onclick: () => {
			picker.hidePopover();
			react(message, emoji, true);
		} }, emoji)));
	picker.showPopover();
	picker.style.left = `${Math.max(8, Math.min(at.left, innerWidth - picker.offsetWidth - 8))}px`;
	picker.style.top = `${Math.max(8, at.top - picker.offsetHeight - 6)}px`;
	picker.firstElementChild.focus();
}

const react = (message, emoji, on) => attempt(() => place.react(message, emoji, on));

function draw_head() {
	const is_channel = place.key.startsWith("channel/");

	$("#thread-portrait").replaceChildren(is_channel
		? element("span.portrait.hash", { "aria-hidden": "true" }, "#")
		: portrait(place.title, place.picture));
	$("#thread-title").textContent = place.title;
	$("#thread-subtitle").textContent = is_channel
		? [`${place.members} ${place.members === 1 ? "member" : "members"}`, place.topic]
			.filter(Boolean).join(" · ")
		: place.subtitle;
	$("#leave").hidden = !is_channel || !place.is_mine || place.is_owner;
	$("#composer").hidden = is_channel && !place.is_mine;
	$("#entrance").hidden = !is_channel || place.is_mine;
}

/* Draws what is open; follows the end when one was there. */
export function draw_thread() {
	$("#nothing").hidden = Boolean(place);
	$("#place").hidden = !place;
	if (!place)
		return;
	const follow = is_at_end();

	draw_head();
	draw_messages($("#messages"), place, me()?.pseudo, { pick, react });
	$("#older").hidden = !place.has_older;
	$("#hint").textContent = place.hint ?? "";
	if (follow)
		to_end();
}

export const open_place = () => place;

/* The place is read: it is open, seen, and its end is in sight. */
export const is_being_read = (one) =>
	one === place && document.visibilityState === "visible" && is_at_end();

/* Opens a place, or none. */
export function show_place(next) {
	const text = $("#text");

	if (place === next)
		return;
	if (place)
		drafts.set(place.key, text.value);
	place = next;
	$("#messages").replaceChildren();
	text.value = (place && drafts.get(place.key)) ?? "";
	draw_thread();
	to_end();
	if (place && matchMedia("(hover: hover)").matches)
		text.focus();
}

async function send() {
	const text = $("#text");
	const words = text.value.trim();
	const to = place;

	if (!words)
		return;
	text.value = "";
	to.stop_typing?.();
	try {
		await to.send(words);
		if (to === place)
			to_end();
	} catch (error) {
		toast(error.message);
		if (to === place && !text.value)
			text.value = words;
	}
}

async function show_older() {
	const box = $("#scroll");
	const from_end = box.scrollHeight - box.scrollTop;

	await attempt(() => place.load_older());
	draw_thread();
	box.scrollTop = box.scrollHeight - from_end;
}

/* Wires what is on the page from the beginning. */
export function start_thread() {
	$("#back").append(icon("back"));
	$("#send").append(icon("send"));
	$("#older").addEventListener("click", show_older);
	$("#composer").addEventListener("submit", (event) => {
		event.preventDefault();
		send();
	});
	$("#text").addEventListener("keydown", (event) => {
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
			event.preventDefault();
			send();
		}
	});
	$("#text").addEventListener("input", (event) => place?.typed?.(event.target.value !== ""));
	$("#place").addEventListener("keydown", (event) => {
		if (event.key === "Escape" && !$("#picker").matches(":popover-open"))
			location.hash = "";
	});
}

export function forget_drafts() {
	drafts = new Map();
}
