import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { DESK, PHONE, ask, launch, newcomer, shot, sign_in, visit } from "./support.mjs";

const url = `http://127.0.0.1:${process.env.EDGE_PORT}/chat`;
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

test("somebody registers, and is signed in when they come again", async () => {
	const { page, complaints } = await visit(browser, url);

	await page.getByRole("button", { name: "New here?" }).click();
	await page.getByLabel("Pseudo", { exact: true }).fill("Newcomer");
	await page.getByLabel("E-mail", { exact: true }).fill("newcomer@example.org");
	await page.getByLabel("Password").fill("coin-coin-42");
	await shot(page, "register");
	await page.getByRole("button", { name: "Create account" }).click();
	await page.getByText("@newcomer").waitFor();
	await page.reload();
	await page.getByText("@newcomer").waitFor();
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: "Sign in" }).waitFor();
	await page.reload();
	await page.getByRole("heading", { name: "Sign in" }).waitFor();
	assert.deepEqual(complaints, []);
	await page.context().close();
});

test("what is wrong with a form is told", async () => {
	const { page, complaints } = await visit(browser, url);

	await sign_in(page, "nobody-at-all");
	await page.getByRole("alert").filter({ hasText: "password" }).waitFor();
	/* Chromium itself tells of an answer 401. */
	assert.ok(complaints.every((line) => /status of 401 .*\/login$/.test(line)), complaints[0]);
	await page.context().close();
});

test("channels are found, joined and written in", async () => {
	const token = await newcomer("founder");

	await newcomer("guest");
	await ask("POST", "/channel", { name: "pond", topic: "water and weather" }, token);
	await ask("POST", "/msg", { channel: "pond", text: "<b>hello</b>" }, token);
	const { page, complaints } = await visit(browser, url, { viewport: PHONE });

	await sign_in(page, "guest");
	await page.getByRole("button", { name: "Find or open a channel" }).click();
	await page.getByRole("link", { name: "pond" }).click();
	await page.getByText("<b>hello</b>").waitFor();
	await page.getByRole("button", { name: "Join" }).click();
	await page.getByLabel("Message", { exact: true }).fill("coin coin");
	await page.keyboard.press("Enter");
	await page.locator(".message.mine").getByText("coin coin").waitFor();
	await page.locator(".message").first().hover();
	await page.getByRole("button", { name: "React", exact: true }).first().click();
	await page.getByRole("menuitem", { name: "🦆" }).click();
	await page.getByRole("button", { name: "🦆 by guest" }).waitFor();
	await shot(page, "channel-phone");
	await page.setViewportSize(DESK);
	await shot(page, "channel-desk");
	assert.deepEqual(complaints, []);
	const said = (await ask("GET", "/msg?channel=pond", undefined, token)).result;

	assert.deepEqual(said.map((m) => [m.from, m.text, m.reactions]),
		[["guest", "coin coin", {}], ["founder", "<b>hello</b>", { "🦆": ["guest"] }]]);
	await page.context().close();
});
