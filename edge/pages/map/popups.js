/* map/popups.js - what opens on the map: an incident, or the choice of what to report. */
import { element, toast } from "../shared/dom.js";
import { me } from "../shared/session.js";

export const PICTURES = { 1: "💥", 2: "⛔", 3: "🚗", 4: "👮", 5: "🚧" };

const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function since(time) {
	const seconds = (Date.now() - new Date(time)) / 1000;
	const [unit, size] = UNITS.find(([, of]) => seconds >= of) ?? UNITS.at(-1);

	return ago.format(-Math.floor(seconds / size), unit);
}

export const picture = (type_id) =>
	element(`span.dot.type-${type_id}`, { "aria-hidden": "true" }, PICTURES[type_id] ?? "❗");

async function attempt(button, work) {
	button.disabled = true;
	try {
		await work();
	} catch (error) {
		toast(error.message);
	}
	button.disabled = false;
}

function counts(incident) {
	const sum = incident.interactions_summary;

	if (!sum?.total)
		return "Not confirmed yet.";
	return `${sum.is_still_present} × still there, ${sum.no_still_present} × gone`;
}

function verdicts(incident, say, sign_in) {
	if (!me())
		return element("button.plain", { type: "button", onclick: sign_in },
			"Sign in to confirm it");
	if (incident.user?.id === me().id)
		return element("p.quiet", {}, "You reported it: others confirm.");
	const button = (kind, text, is_there) => {
		const made = element(kind, { type: "button",
			onclick: () => attempt(made, () => say(incident, is_there)) }, text);

		return made;
	};
	return element("div.row", {}, button("button.primary", "Still there", true),
		button("button.plain", "Gone", false));
}

/* say(incident, is_there), sign_in(). */
export function incident_popup(incident, { say, sign_in }) {
	return element("div.popup", {},
		element("h3", {}, picture(incident.type.id), incident.type.name),
		element("p.quiet", {}, `${incident.user?.handle ?? "somebody"}, ${since(incident.created_at)}`),
		incident.is_certified ? element("p.certified-mark", {}, "✓ Confirmed by many") : null,
		element("p", {}, counts(incident)),
		verdicts(incident, say, sign_in));
}

/* report(type_id), sign_in(). */
export function report_popup(types, { report, sign_in }) {
	if (!me())
		return element("div.popup", {}, element("h3", {}, "Something here?"),
			element("button.primary", { type: "button", onclick: sign_in }, "Sign in to report it"));
	return element("div.popup", {}, element("h3", {}, "What is here?"),
		element("div.kinds", {}, ...types.map((type) => {
			const button = element("button", { type: "button",
				onclick: () => attempt(button, () => report(type.id)) },
			picture(type.id), type.name);

			return button;
		})));
}
