/* map/map.js - puts the page together: the map, the incidents on it, and who is signed in. */
import { $, element, toast } from "../shared/dom.js";
import { Feed } from "../shared/feed.js";
import { me, onChange, signOut } from "../shared/session.js";
import { signInForm } from "../shared/signin.js";
import { add_ground } from "./ground.js";
import { Incidents } from "./incidents.js";
import { PICTURES, incident_popup, picture, report_popup, since } from "./popups.js";

const START = [6, 46.6, 2.4];
const WORLD = [[-85, -180], [85, 180]];
const LISTED = 100;

const map = L.map("map", { minZoom: 2, maxZoom: 17, maxBounds: WORLD, maxBoundsViscosity: 1,
	zoomControl: false });
const markers = new Map();
const incidents = new Incidents(changed);
let is_due = false;
let filter = "";

async function attempt(work) {
	try {
		return await work();
	} catch (error) {
		toast(error.message);
		return undefined;
	}
}

/* ---- where ---- */

/* "#zoom/lat/lon": the address says what is seen. */
function go_to_hash() {
	const [zoom, lat, lon] = location.hash.slice(1).split("/").map(Number);
	const is_place = Number.isFinite(zoom) && Number.isFinite(lat) && Number.isFinite(lon);

	if (is_place)
		map.setView([lat, lon], zoom);
	else if (!map._loaded)
		map.setView(START.slice(1), START[0]);
}

function keep_hash() {
	const { lat, lng } = map.getCenter();

	history.replaceState(null, "", `#${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}`);
}

/* ---- drawing ---- */

const shown = () => [...incidents.all.values()]
	.filter((one) => !filter || one.type.id === Number(filter));

function sign_in() {
	$("#sign-in-dialog").showModal();
}

function popup_of(id) {
	return () => incident_popup(incidents.all.get(id), { sign_in,
		say: async (incident, is_there) => {
			await incidents.say(incident, is_there);
			toast(is_there ? "Thank you: still there." : "Thank you: gone.");
		} });
}

function icon_of(incident) {
	const kinds = ["pin", `type-${incident.type.id}`, incident.is_certified ? "certified" : "",
		incident.is_new ? "new" : ""];

	return L.divIcon({ className: kinds.join(" ").trim(), iconSize: [38, 46], iconAnchor: [19, 46],
		popupAnchor: [0, -44],
		html: element("span", {}, element("span", {}, PICTURES[incident.type.id] ?? "❗")) });
}

function add_marker(incident) {
	const { id, lat, lon, type } = incident;
	const marker = L.marker([lat, lon], { icon: icon_of(incident), title: type.name }).addTo(map);

	marker.getElement().setAttribute("aria-label", type.name);
	marker.bindPopup(popup_of(id), { minWidth: 210, autoPanPaddingTopLeft: [20, 20] });
	marker.on("popupopen", () => attempt(() => incidents.look_again({ id, lat, lon })));
	marker.is_certified = incident.is_certified;
	markers.set(id, marker);
}

function draw_markers() {
	const now = new Map(shown().map((one) => [one.id, one]));

	for (const [id, marker] of markers)
		if (!now.has(id)) {
			marker.remove();
			markers.delete(id);
		}
	for (const incident of now.values()) {
		const marker = markers.get(incident.id);

		if (!marker) {
			add_marker(incident);
		} else if (marker.is_certified !== incident.is_certified) {
			marker.setIcon(icon_of(incident));
			marker.is_certified = incident.is_certified;
		}
		if (marker?.isPopupOpen())
			marker.getPopup().update();
	}
}

const length = (metres) => (metres < 1000 ? `${Math.round(metres / 10) * 10} m`
	: `${(metres / 1000).toFixed(metres < 10000 ? 1 : 0)} km`);

function row_of({ incident, away }) {
	return element("li", {}, element("button", { type: "button", onclick: () => {
		map.panTo([incident.lat, incident.lon]);
		markers.get(incident.id)?.openPopup();
	} }, picture(incident.type.id),
	element("span.grow", {}, element("span.name", {}, incident.type.name),
		element("span.more", {}, `${incident.user?.handle ?? ""} ${since(incident.created_at)}`)),
	element("span.away", {}, length(away))));
}

/* What is in sight, nearest to the middle first. */
function draw_list() {
	const view = map.getBounds();
	const near = shown().filter((one) => view.contains([one.lat, one.lon]))
		.map((incident) => ({ incident,
			away: map.distance(map.getCenter(), [incident.lat, incident.lon]) }))
		.sort((a, b) => a.away - b.away);

	$("#panel-title").textContent = near.length ? `Incidents here: ${near.length}` : "Incidents here";
	$("#list").replaceChildren(...near.slice(0, LISTED).map(row_of));
	if (!near.length)
		$("#list").append(element("li.empty", {}, "None in sight."));
}

function draw() {
	is_due = false;
	draw_markers();
	draw_list();
}

function changed() {
	if (is_due)
		return;
	is_due = true;
	queueMicrotask(draw);
}

/* ---- what comes ---- */

const feed = new Feed({
	on_event: (event, data) => {
		if (event === "reset")
			attempt(() => incidents.load());
		else
			incidents.take(event, data);
	},
	on_state: (is_live) => {
		$("#state").dataset.state = is_live ? "live" : "lost";
		$("#state").textContent = is_live ? "Live" : "Reconnecting…";
		/* What happened before the stream began is asked for; what comes meanwhile is told. */
		if (is_live)
			attempt(() => incidents.load());
	},
	on_refused: () => {},
});

function look() {
	const view = Incidents.around(map);

	keep_hash();
	draw_list();
	if (incidents.covers(map, view))
		return;
	incidents.area = view;
	feed.watch([incidents.topic()]);
}

/* ---- what people do ---- */

async function report(type_id, at) {
	const { incident, is_new } = await incidents.report(type_id, at.lat, at.lng);

	map.closePopup();
	toast(is_new ? `Reported: ${incident.type.name}.` : "It was known already.");
}

function ask_what(event) {
	const at = event.latlng.wrap();
	const content = () => report_popup(incidents.types,
		{ sign_in, report: (type_id) => report(type_id, at) });

	L.popup({ minWidth: 210 }).setLatLng(at).setContent(content).openOn(map);
}

function greet() {
	const self = me();

	$("#sign-in").hidden = Boolean(self);
	$("#sign-out").hidden = !self;
	$("#how").textContent = self
		? `Signed in as @${self.pseudo}. Click on the map to report something.`
		: "Sign in to report, and to confirm what others reported.";
	$("#sign-in-dialog").close();
	map.closePopup();
}

async function start_types() {
	await incidents.load_types();
	$("#filter").append(...incidents.types.map((type) =>
		element("option", { value: type.id }, type.name)));
}

L.control.zoom({ position: "topright" }).addTo(map);
L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
map.attributionControl.setPrefix(false);
map.attributionControl.addAttribution("Leaflet, Natural Earth");
$("#sign-in-dialog").append(signInForm("Report what you meet, confirm what others met."));
$("#sign-in").addEventListener("click", sign_in);
$("#sign-out").addEventListener("click", () => attempt(signOut));
$("#filter").addEventListener("change", (event) => {
	filter = event.target.value;
	changed();
});
map.on("moveend", look);
map.on("click", ask_what);
window.addEventListener("hashchange", go_to_hash);
onChange(greet);
greet();
go_to_hash();
attempt(() => add_ground(map));
attempt(start_types);
