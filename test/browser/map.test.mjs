import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { Line, PHONE, ask, launch, newcomer, shot, sign_in, visit } from "./support.mjs";

const PARIS = [48.8566, 2.3522];
const origin = `http://127.0.0.1:${process.env.EDGE_PORT}`;
const at = (base, [lat, lon], zoom = 12) => `${base}/map#${zoom}/${lat}/${lon}`;
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

const faded_in = (page) => page.waitForFunction(() =>
	getComputedStyle(document.querySelector(".leaflet-popup")).opacity === "1");
const live = (page) => page.locator("#state[data-state=live]").waitFor();
const pins = (page, name) => page.getByRole("button", { name, exact: true })
	.and(page.locator(".leaflet-marker-icon"));

async function report(pseudo, type_id, [lat, lon]) {
	const token = await newcomer(pseudo);

	return ask("POST", "/incidents", { type_id, lat, lon }, token);
}

async function enter(page, pseudo) {
	await page.locator("#sign-in").click();
	await sign_in(page, pseudo);
	await page.getByText(`Signed in as @${pseudo}`).waitFor();
}

test("what one person reports, another sees at once and confirms", async () => {
	await newcomer("driver");
	await newcomer("passer-by");
	const driver = await visit(browser, at(origin, PARIS));
	const passer = await visit(browser, at(origin, PARIS), { viewport: PHONE });

	await live(passer.page);
	await enter(driver.page, "driver");
	await driver.page.locator("#map").click({ position: { x: 700, y: 420 } });
	await driver.page.getByRole("button", { name: "Accident" }).click();
	await driver.page.getByText("Reported: Accident.").waitFor();
	await pins(driver.page, "Accident").waitFor();

	await pins(passer.page, "Accident").click();
	await passer.page.getByRole("button", { name: "Sign in to confirm it" }).click();
	await sign_in(passer.page, "passer-by");
	await passer.page.getByText("Signed in as @passer-by").waitFor();
	await pins(passer.page, "Accident").click();
	await passer.page.getByText("@driver").first().waitFor();
	await passer.page.getByRole("button", { name: "Still there" }).click();
	await passer.page.getByText("1 × still there, 0 × gone").waitFor();
	await shot(passer.page, "map-phone");

	await pins(driver.page, "Accident").click();
	await driver.page.getByText("You reported it").waitFor();
	await driver.page.getByText("1 × still there, 0 × gone").waitFor();
	assert.deepEqual([...driver.complaints, ...passer.complaints], []);
	await driver.page.context().close();
	await passer.page.context().close();
});

test("what enough people find gone, goes from the map", async () => {
	const place = [45.764, 4.8357];
	const jam = await report("jammed", 3, place);
	const { page, complaints } = await visit(browser, at(origin, place));

	await pins(page, "Embouteillage").waitFor();
	await live(page);
	for (let i = 0; i < 5; i++) {
		const token = await newcomer(`witness-${i}`);

		await ask("POST", "/incidents/interactions",
			{ incident_id: jam.id, is_still_present: false }, token);
	}
	await pins(page, "Embouteillage").waitFor({ state: "detached" });
	await page.getByText("None in sight.").waitFor();
	assert.deepEqual(complaints, []);
	await page.context().close();
});

test("what happened while the line was cut is seen when it is back", async () => {
	const place = [43.6045, 1.4442];
	const line = await new Line().open();
	const { page } = await visit(browser, at(line.origin, place));

	await live(page);
	line.cut();
	await page.getByText("Reconnecting…").waitFor();
	await report("roadworker", 5, place);
	line.mend();
	await pins(page, "Obstacles").waitFor();
	await live(page);
	assert.equal(await pins(page, "Obstacles").count(), 1);
	await page.context().close();
	line.close();
});

test("the whole country is seen, by type and by day or night", async () => {
	const reports = [["adele", 1, [47.2184, -1.5536]], ["basile", 2, [44.8378, -0.5792]],
		["clea", 3, [48.5734, 7.7521]], ["denis", 4, [43.2965, 5.3698]], ["elise", 5, [50.6292, 3.0573]],
		["fanny", 3, [48.1173, -1.6778]], ["gaston", 1, [45.1885, 5.7245]],
		["helene", 2, [47.322, 5.0415]]];

	for (const [pseudo, type, place] of reports)
		await report(pseudo, type, place);
	const { page, complaints } = await visit(browser, at(origin, [46.6, 0.4], 6));

	await live(page);
	await page.getByText("France", { exact: true }).waitFor();
	await page.getByRole("button", { name: /^Route Fermée @helene/ }).click();
	await page.getByText("Sign in to confirm it").waitFor();
	await faded_in(page);
	await page.setViewportSize({ width: 1120, height: 660 });
	await shot(page, "map-desk");
	await page.emulateMedia({ colorScheme: "dark" });
	await shot(page, "map-night");
	await page.keyboard.press("Escape");
	await page.getByLabel("Which incidents").selectOption({ label: "Contrôle de Police" });
	await pins(page, "Route Fermée").first().waitFor({ state: "detached" });
	assert.equal(await page.locator(".leaflet-marker-icon.pin").count(), 1);
	assert.deepEqual(complaints, []);
	await page.context().close();
});
