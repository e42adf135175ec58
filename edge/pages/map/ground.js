/*
 * map/ground.js - what incidents lie on: countries (Natural Earth, from the package world-atlas)
 * and a graticule. Nothing comes from elsewhere: no tiles.
 */
const FINE_FROM_ZOOM = 5;
const NAMES_ZOOMS = [3, 6];
const LETTER_PX = 8.5;
const LINE_HEIGHT_PX = 18;
const LEAST_AREA = 4000; /* square degrees, at zoom 0 */
const STEPS = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const LINE_PX = 110;

/* ---- shapes ---- */

/* At the date line longitudes jump by 360: goes on beyond it instead, and down at the pole. */
function lay_out(ring) {
	let turn = 0;
	const points = ring.map(([lon, lat], i) => {
		const step = i ? lon - ring[i - 1][0] : 0;

		turn += step > 180 ? -360 : step < -180 ? 360 : 0;
		return [lon + turn, lat];
	});

	if (turn)
		points.push([points.at(-1)[0], -90], [points[0][0], -90]);
	return points;
}

/* What lies beyond the date line is shown at its other side too. */
function both_sides(polygon) {
	const lons = polygon[0].map((point) => point[0]);
	const shift = Math.max(...lons) > 180 ? -360 : Math.min(...lons) < -180 ? 360 : 0;
	const moved = polygon.map((ring) => ring.map(([lon, lat]) => [lon + shift, lat]));

	return shift ? [polygon, moved] : [polygon];
}

function on_a_plane(feature) {
	const { type, coordinates } = feature.geometry;
	const polygons = type === "Polygon" ? [coordinates] : coordinates;

	return { ...feature, geometry: { type: "MultiPolygon",
		coordinates: polygons.flatMap((polygon) => both_sides(polygon.map(lay_out))) } };
}

async function countries(name) {
	const world = await (await fetch(`/assets/world/${name}.json`)).json();

	return topojson.feature(world, world.objects.countries).features.map(on_a_plane);
}

function layer_of(features) {
	return L.geoJSON(features, { interactive: false, style: { className: "country", weight: 1 } });
}

/* ---- names ---- */

const area_of = ([[west, south], [east, north]]) => (east - west) * (north - south);

function box_of(ring) {
	const lons = ring.map((point) => point[0]);
	const lats = ring.map((point) => point[1]);

	return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

/* In the middle of its largest part. */
function name_of({ geometry, properties }) {
	const [largest] = geometry.coordinates.map((polygon) => box_of(polygon[0])).sort((a, b) => area_of(b) - area_of(a));
	const text = document.createElement("span");

	text.textContent = properties.name;
	return L.marker([(largest[0][1] + largest[1][1]) / 2, (largest[0][0] + largest[1][0]) / 2], {
		interactive: false, keyboard: false,
		icon: L.divIcon({ className: "country-name", iconSize: [0, 0], html: text }),
		area: area_of(largest), letters: properties.name.length,
	});
}

/* Large countries first; a name that would lie on another one waits until one comes nearer. */
function show_names(map, names) {
	const zoom = map.getZoom();
	const [from, to] = NAMES_ZOOMS;
	const taken = [];

	for (const name of names) {
		const { x, y } = map.project(name.getLatLng());
		const half = name.options.letters * LETTER_PX / 2;
		const is_free = taken.every((other) =>
			Math.abs(other.y - y) > LINE_HEIGHT_PX || Math.abs(other.x - x) > other.half + half);
		const is_shown = zoom >= from && zoom <= to && is_free &&
			name.options.area * 4 ** zoom > LEAST_AREA;

		if (is_shown)
			taken.push({ x, y, half });
		if (is_shown !== map.hasLayer(name))
			is_shown ? name.addTo(map) : name.remove();
	}
}

/* ---- the graticule ---- */

function text_of(degrees, step, [positive, negative]) {
	const digits = Math.max(0, Math.ceil(-Math.log10(step)));
	const side = degrees > 0 ? positive : degrees < 0 ? negative : "";

	return `${Math.abs(degrees).toFixed(digits)}°${side && ` ${side}`}`;
}

const Graticule = L.Layer.extend({
	onAdd(map) {
		this._canvas = L.DomUtil.create("canvas", "graticule leaflet-zoom-hide");
		map.createPane("graticule").append(this._canvas);
		map.on("move viewreset resize zoomend", this._draw, this);
		this._draw();
	},

	_draw() {
		const size = this._map.getSize();
		const ratio = devicePixelRatio || 1;
		const canvas = this._canvas;
		const pen = canvas.getContext("2d");
		const css = getComputedStyle(document.documentElement);

		L.DomUtil.setPosition(canvas, this._map.containerPointToLayerPoint([0, 0]));
		canvas.width = size.x * ratio;
		canvas.height = size.y * ratio;
		canvas.style.width = `${size.x}px`;
		canvas.style.height = `${size.y}px`;
		pen.scale(ratio, ratio);
		pen.strokeStyle = css.getPropertyValue("--grid");
		pen.fillStyle = css.getPropertyValue("--grid-text");
		pen.font = "11px system-ui, sans-serif";
		this._lines(pen, size);
	},

	_step() {
		const per_degree = this._map.project([0, 1]).x - this._map.project([0, 0]).x;

		return STEPS.findLast((step) => step * per_degree >= LINE_PX) ?? STEPS[0];
	},

	_lines(pen, size) {
		const map = this._map, view = map.getBounds(), step = this._step();
		const first = (degrees) => Math.ceil(degrees / step) * step;

		for (let lon = first(Math.max(-180, view.getWest())); lon <= Math.min(180, view.getEast()); lon += step) {
			const { x } = map.latLngToContainerPoint([view.getCenter().lat, lon]);

			this._line(pen, x, 0, x, size.y);
			pen.fillText(text_of(lon, step, "EW"), x + 4, size.y - 6);
		}
		for (let lat = first(view.getSouth()); lat <= view.getNorth(); lat += step) {
			const { y } = map.latLngToContainerPoint([lat, view.getCenter().lng]);
			const text = text_of(lat, step, "NS");

			this._line(pen, 0, y, size.x, y);
			pen.fillText(text, size.x - pen.measureText(text).width - 8, y - 4);
		}
	},

	_line(pen, x1, y1, x2, y2) {
		pen.beginPath();
		pen.moveTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
		pen.lineTo(Math.round(x2) + 0.5, Math.round(y2) + 0.5);
		pen.stroke();
	},
});

/* Draws coarsely what is far, and finely what is near: the finer data are fetched only then. */
export async function add_ground(map) {
	const graticule = new Graticule().addTo(map);
	const coarse = await countries("countries-110m");
	const names = coarse.map(name_of).sort((a, b) => b.options.area - a.options.area);
	let ground = layer_of(coarse).addTo(map);
	let is_fine = false;

	const look = async () => {
		show_names(map, names);
		if (is_fine || map.getZoom() < FINE_FROM_ZOOM)
			return;
		is_fine = true;
		const fine = layer_of(await countries("countries-50m")).addTo(map);

		fine.bringToBack();
		ground.remove();
		ground = fine;
	};
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graticule._draw());
	map.on("zoomend", look);
	await look();
}
