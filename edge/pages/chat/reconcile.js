/*
 * chat/reconcile.js - makes the children of a box those of a list.
 *
 * Items have a key, and a stamp that says all that their element shows: what stays the same stays
 * in place, with its focus and its selection.
 */
function replace(old, made) {
	const focusable = "a, button, input";
	const at = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);

	old.replaceWith(made);
	if (at >= 0)
		made.querySelectorAll(focusable)[at]?.focus();
}

export function reconcile(box, items, make) {
	const before = new Map([...box.children].map((child) => [child.dataset.key, child]));
	let place = box.firstElementChild;

	for (const item of items) {
		const stamp = JSON.stringify(item.stamp);
		let child = before.get(item.key);

		before.delete(item.key);
		if (!child || child.dataset.stamp !== stamp) {
			const made = make(item);

			made.dataset.key = item.key;
			made.dataset.stamp = stamp;
			if (child) {
				if (place === child)
					place = made;
				replace(child, made);
			}
			child = made;
		}
		if (place === child)
			place = place.nextElementSibling;
		else
			box.insertBefore(child, place);
	}
	before.forEach((child) => child.remove());
}
