/*
 * What the tests of pages share: Chromium, people in it, and a way to cut their connections.
 *
 * A page that logs an error, breaks its security policy or fails to load something fails its test.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { join } from "node:path";

const { EDGE_PORT, NPM_DIR, SHOTS_DIR } = process.env;
const { chromium } = createRequire(join(NPM_DIR, "package.json"))("playwright-core");
const executablePath = "/usr/bin/chromium";

export const PASSWORD = "coin-coin-42";
export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export async function launch() {
	assert.ok(existsSync(executablePath), "Chromium is missing: apt-get install -y chromium");
	return chromium.launch({ executablePath,
		args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/* Between a browser and the edge: passes all on, until it is cut. */
export class Line {
	#sockets = new Set();
	#is_cut = false;
	#server = net.createServer((near) => this.#join(near));

	#join(near) {
		if (this.#is_cut)
			return near.destroy();
		const far = net.connect(Number(EDGE_PORT), "127.0.0.1");

		for (const [one, other] of [[near, far], [far, near]]) {
			this.#sockets.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				this.#sockets.delete(one);
				other.destroy();
			});
			one.pipe(other);
		}
	}

	async open() {
		await new Promise((done) => this.#server.listen(0, "127.0.0.1", done));
		this.origin = `http://127.0.0.1:${this.#server.address().port}`;
		return this;
	}

	/* Who is connected falls off; nobody comes through until mend(). */
	cut() {
		this.#is_cut = true;
		this.#sockets.forEach((socket) => socket.destroy());
	}

	mend() {
		this.#is_cut = false;
	}

	close() {
		this.cut();
		this.#server.close();
	}
}

/* A browser of somebody's own. complaints: what its page had to say, and should not. */
export async function visit(browser, url, options = {}) {
	const context = await browser.newContext({ viewport: DESK, locale: "en-GB",
		timezoneId: "UTC", ...options });
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(15000);
	page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
	page.on("console", (message) => {
		if (["error", "warning"].includes(message.type()))
			complaints.push(`${message.type()}: ${message.text()} ${message.location().url}`);
	});
	const answer = await page.goto(url);

	assert.equal(answer.status(), 200);
	return { page, complaints };
}

/* Asks the edge past all pages; the answer's JSON. */
export async function ask(method, path, body, token) {
	const headers = { "content-type": "application/json" };

	if (token)
		headers.authorization = `Bearer ${token}`;
	const answer = await fetch(`http://127.0.0.1:${EDGE_PORT}${path}`,
		{ method, headers, body: body && JSON.stringify(body) });

	assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
	return answer.status === 204 ? null : answer.json();
}

/* Registers somebody; an access token. */
export async function newcomer(pseudo) {
	const answer = await ask("POST", "/register",
		{ pseudo, email: `${pseudo}@example.org`, password: PASSWORD });

	return answer.tokens.access_token;
}

export async function sign_in(page, name) {
	const form = page.locator("form.signin");

	await form.getByLabel("Pseudo or e-mail").fill(name);
	await form.getByLabel("Password").fill(PASSWORD);
	await form.getByRole("button", { name: "Sign in", exact: true }).click();
}

export const shot = (page, name) => page.screenshot({ path: join(SHOTS_DIR, `${name}.png`) });
