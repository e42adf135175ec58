/* map/incidents.js - the incidents around, as the server tells them, and what people say of them. */
import { get, post, send } from "../shared/session.js";

const MOST = 1000;
const WIDER = 1.6;
const HALF_EARTH_M = 20037508;

export class Incidents {
	types = [];
	all = new Map();
	area = null;

	/* Calls back after a change. */
	constructor(changed) {
		this.changed = changed;
	}

	async load_types() {
		this.types = await get("/incidents/types");
		this.changed();
	}

	/* Where to look: somewhat more than is seen, so that small moves need nothing new. */
	static around(map) {
		const center = map.getCenter().wrap();
		const seen = map.distance(map.getCenter(), map.getBounds().getNorthEast());

		return { lat: center.lat.toFixed(5), lon: center.lng.toFixed(5), seen,
			radius: Math.min(HALF_EARTH_M, Math.ceil(seen * WIDER)) };
	}

	/* What is seen lies in the area that is known, which is not much too large for it. */
	covers(map, view) {
		return this.area && this.area.radius < 5 * view.radius && (this.area.radius === HALF_EARTH_M ||
			map.distance([this.area.lat, this.area.lon], [view.lat, view.lon]) + view.seen <=
			this.area.radius);
	}

	topic() {
		return `incidents:${this.area.lat},${this.area.lon},${this.area.radius}`;
	}

	async load() {
		const { lat, lon, radius } = this.area;
		const query = new URLSearchParams({ lat, lon, radius, include: "summary", limit: MOST });
		const found = await get(`/incidents?${query}`);
		const before = this.all;

		this.all = new Map(found.map((one) => [one.id,
			{ ...one, is_certified: before.get(one.id)?.is_certified }]));
		this.changed();
	}

	/* The counts of one of them are told by asking only. */
	async look_again({ id, lat, lon }) {
		const query = new URLSearchParams({ lat, lon, radius: 10, include: "summary" });
		const found = (await get(`/incidents?${query}`)).find((one) => one.id === id);

		if (found)
			this.put(found);
		else
			this.remove(id);
	}

	put(incident) {
		this.all.set(incident.id, { ...this.all.get(incident.id), ...incident });
		this.changed();
	}

	remove(id) {
		if (this.all.delete(id))
			this.changed();
	}

	/* What /events tells. */
	take(event, incident) {
		if (event === "incident_deleted")
			this.remove(incident.id);
		else if (event === "incident_certified")
			this.put({ ...incident, is_certified: true });
		else if (event === "incident_create")
			this.put({ ...incident, is_new: true });
	}

	/* The incident: a new one, or (200) the one that was known there. */
	async report(type_id, lat, lon) {
		const { status, body } = await send("POST", "/incidents", { type_id, lat, lon });

		this.put(body);
		return { incident: body, is_new: status === 201 };
	}

	async say(incident, is_still_present) {
		await post("/incidents/interactions", { incident_id: incident.id, is_still_present });
		await this.look_again(incident);
	}
}
