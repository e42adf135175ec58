/* chat/connection.js - says whether what is on the page is what there is. */
import { $ } from "../shared/dom.js";

const GLAD_MS = 2500;

let parts;
let was_lost;
let gone;

function show(state, text) {
	const box = $("#connection");

	clearTimeout(gone);
	box.dataset.state = state;
	box.textContent = text;
	if (state === "live")
		gone = setTimeout(() => (box.textContent = ""), GLAD_MS);
}

/* Nothing is known of any part yet. */
export function reset_connection() {
	parts = new Map();
	was_lost = false;
	show("none", "");
}

/* A part ("socket", "feed") works, or does not. */
export function tell_connection(part, is_live) {
	parts.set(part, is_live);
	const is_whole = [...parts.values()].every(Boolean);

	if (!is_whole)
		show("lost", "Connection lost. Trying again…");
	else if (was_lost)
		show("live", "Connected again.");
	was_lost = !is_whole;
}
