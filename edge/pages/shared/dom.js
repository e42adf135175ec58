/* shared/dom.js - elements. Text of people only ever becomes text, never markup. */

/*
 * element("button.primary", { type: "button", onclick: f, "aria-label": "x" }, "text", child): a
 * property that starts with "on" is a listener, false and null leave an attribute out.
 */
export function element(kind, attributes = {}, ...children) {
	const [tag, ...classes] = kind.split(".");
	const made = document.createElement(tag);

	if (classes.length)
		made.className = classes.join(" ");
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith("on"))
			made.addEventListener(name.slice(2), value);
		else if (value !== false && value !== null && value !== undefined)
			made.setAttribute(name, value === true ? "" : value);
	}
	made.append(...children.filter((child) => child !== null && child !== undefined));
	return made;
}

export const $ = (selector) => document.querySelector(selector);

/* Pictures from shared/icons.svg. */
export function icon(name) {
	const space = "http://www.w3.org/2000/svg";
	const svg = document.createElementNS(space, "svg");
	const use = document.createElementNS(space, "use");

	svg.setAttribute("class", "icon");
	svg.setAttribute("aria-hidden", "true");
	use.setAttribute("href", `/assets/shared/icons.svg#${name}`);
	svg.append(use);
	return svg;
}

const HUES = 12;

/* A round picture of somebody: their own when it came as data, else their first letter. */
export function portrait(pseudo, picture) {
	let sum = 0;

	if (picture?.startsWith("data:image/"))
		return element("img.portrait", { src: picture, alt: "" });
	for (const c of pseudo)
		sum = (sum * 31 + c.codePointAt(0)) % 9973;
	return element(`span.portrait.hue-${sum % HUES}`, { "aria-hidden": "true" },
		pseudo.slice(0, 1).toUpperCase());
}

let gone;

/* Tells what went wrong, and goes by itself. */
export function toast(text) {
	const box = $("#toast");

	box.textContent = text;
	box.classList.add("shown");
	clearTimeout(gone);
	gone = setTimeout(() => box.classList.remove("shown"), 6000);
}
