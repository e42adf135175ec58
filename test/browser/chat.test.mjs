import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { DESK, Line, PASSWORD, PHONE, ask, launch, newcomer, shot, sign_in, visit }
	from "./support.mjs";

const url = `http://127.0.0.1:${process.env.EDGE_PORT}/chat`;
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

const mine = (page, text) => page.locator(".message.mine").filter({ hasText: text });
const theirs = (page, text) => page.locator(".message:not(.mine)").filter({ hasText: text });

async function write(page, text) {
	await page.getByLabel("Message", { exact: true }).fill(text);
	await page.keyboard.press("Enter");
}

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
	await write(page, "coin coin");
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

/* The page gets no answer from there until let_go(), which waits until it has. */
async function hold_answers(page, address) {
	let release;
	const released = new Promise((done) => (release = done));

	await page.route(address, async (route) => {
		const answer = await route.fetch();

		await released;
		await route.fulfill({ response: answer });
	});
	return async () => {
		const answered = page.waitForResponse(address);

		release();
		await (await answered).finished();
		await page.evaluate(() => new Promise(requestAnimationFrame));
		await page.unroute(address);
	};
}

/* Somebody with friends and channels, before the page is looked at. */
async function settle(pseudo) {
	const token = await newcomer(pseudo);
	const marcel = await newcomer("marcel");

	await ask("POST", "/channel", { name: "tech", topic: "ducks and code" }, token);
	await ask("POST", "/msg", { channel: "tech", text: "The map is up: reports welcome." }, token);
	await ask("POST", "/channel", { name: "mare", topic: "water and weather" }, token);
	await ask("POST", "/msg", { to: pseudo, text: "Did you see the new map?" }, marcel);
	await ask("POST", "/msg", { to: pseudo, text: "It has pins for everything now." }, marcel);
}

test("two people talk: typing, read marks and reactions are seen at once", async () => {
	await settle("roger");
	const token = await newcomer("ginette");
	const roger = await visit(browser, url);
	const ginette = await visit(browser, url, { viewport: PHONE });

	await sign_in(roger.page, "roger");
	await sign_in(ginette.page, "ginette");
	await ginette.page.getByText("Nobody yet").waitFor();
	await roger.page.getByPlaceholder("Write to").fill("@Ginette");
	await roger.page.keyboard.press("Enter");
	await write(roger.page, "Are you coming to the pond tomorrow?");
	await mine(roger.page, "the pond").getByRole("img", { name: "sent" }).waitFor();

	await ginette.page.getByRole("link", { name: "roger, online, 1 unread" }).click();
	await theirs(ginette.page, "the pond").waitFor();
	await mine(roger.page, "the pond").getByRole("img", { name: "read" }).waitFor();
	await ginette.page.getByLabel("Message", { exact: true }).pressSequentially("Yes! Shall");
	await roger.page.getByText("ginette is writing…").waitFor();
	await write(ginette.page, "Yes! Shall I bring bread?");
	await theirs(roger.page, "bread?").waitFor();
	await roger.page.getByText("ginette is writing…").waitFor({ state: "detached" });

	await theirs(roger.page, "bread?").hover();
	await theirs(roger.page, "bread?").getByRole("button", { name: "React", exact: true }).click();
	await roger.page.getByRole("menuitem", { name: "🦆" }).click();
	await ginette.page.getByRole("button", { name: "🦆 by roger" }).waitFor();
	const let_go = await hold_answers(roger.page, "**/api/v1/chat/messages");

	await write(roger.page, "Rather peas, or oats: bread is not good for them, they say. " +
		"Marcel comes too, if he reads his messages for once.");
	await theirs(ginette.page, "Marcel").waitFor();
	await ginette.page.getByLabel("Message", { exact: true }).pressSequentially("Pe");
	await roger.page.getByText("ginette is writing…").waitFor();
	/* An answer that comes later than the read mark does not take it back. */
	await mine(roger.page, "Marcel").getByRole("img", { name: "read" }).waitFor();
	await let_go();
	assert.equal(await mine(roger.page, "Marcel").getByRole("img", { name: "read" }).count(), 1);
	await roger.page.setViewportSize({ width: 1120, height: 620 });
	await shot(roger.page, "talk-desk");
	await shot(ginette.page, "talk-phone");
	await ginette.page.emulateMedia({ colorScheme: "dark" });
	await ginette.page.getByRole("link", { name: "Back to the list" }).click();
	await shot(ginette.page, "list-night");
	const [last] = (await ask("GET", "/msg/private?from=roger&to=ginette", undefined, token)).result;

	await ask("POST", "/msg/reaction", { message_id: last.id, emoji: "constructor" }, token);
	await roger.page.getByRole("button", { name: "constructor by ginette" }).waitFor();
	assert.deepEqual([...roger.complaints, ...ginette.complaints], []);
	await ginette.page.context().close();
	await roger.page.locator("[aria-current] .presence[data-present=false]").waitFor();
	assert.deepEqual(roger.complaints, []);
	await roger.page.context().close();
});

test("what was missed while the line was cut comes exactly once", async () => {
	const line = await new Line().open();
	const token = await newcomer("carol");

	await newcomer("dave");
	await ask("POST", "/channel", { name: "lake" }, token);
	const { page } = await visit(browser, `${line.origin}/chat`);

	await sign_in(page, "dave");
	await page.goto(`${line.origin}/chat#channel/lake`);
	await page.getByRole("button", { name: "Join" }).click();
	await ask("POST", "/msg", { channel: "lake", text: "in the channel: before" }, token);
	await theirs(page, "in the channel: before").waitFor();
	await ask("POST", "/msg", { to: "dave", text: "to you: before" }, token);
	await page.getByRole("link", { name: /^carol, .*1 unread/ }).click();
	await theirs(page, "to you: before").waitFor();

	line.cut();
	await page.getByText("Connection lost").waitFor();
	for (const n of [1, 2, 3]) {
		await ask("POST", "/msg", { to: "dave", text: `to you: ${n}` }, token);
		await ask("POST", "/msg", { channel: "lake", text: `in the channel: ${n}` }, token);
	}
	await write(page, "not yet");
	await page.getByText("The server cannot be reached.").waitFor();
	assert.equal(await page.getByLabel("Message", { exact: true }).inputValue(), "not yet");
	await shot(page, "lost");
	line.mend();
	await page.getByText("Connected again.").waitFor();
	await theirs(page, "to you: 3").waitFor();
	assert.deepEqual(await page.locator(".message .words").allTextContents(),
		["to you: before", "to you: 1", "to you: 2", "to you: 3"]);
	await page.getByRole("link", { name: "lake, 3 unread" }).click();
	await theirs(page, "in the channel: 3").waitFor();
	assert.deepEqual(await page.locator(".message .words").allTextContents(),
		["before", "1", "2", "3"].map((n) => `in the channel: ${n}`));
	await page.context().close();
	line.close();
});

test("a token that has ended is renewed, and a session that has ended is left", async () => {
	const { tokens } = await ask("POST", "/register",
		{ pseudo: "eve", email: "eve@example.org", password: PASSWORD });
	const { page, complaints } = await visit(browser, url);
	const old = [btoa("{}"), btoa(JSON.stringify({ exp: 1 })), "x"].join(".");

	await sign_in(page, "eve");
	await page.getByText("@eve").waitFor();
	await page.evaluate((access) => {
		const session = JSON.parse(localStorage.getItem("canaduck.session"));

		localStorage.setItem("canaduck.session", JSON.stringify({ ...session, access }));
	}, old);
	await page.reload();
	await page.getByText("Find one with the +").waitFor();
	assert.deepEqual(complaints, []);
	await ask("POST", "/logout", { token: tokens.refresh_token }, tokens.access_token);
	await page.getByRole("heading", { name: "Sign in" }).waitFor();
	assert.ok(complaints.every((text) => /\b40[13]\b.*\/refresh$/.test(text)), complaints[0]);
	await page.context().close();
});
