/*
 * shared/session.js - who is signed in, and requests in their name.
 *
 * The tokens are kept for this origin until one signs out, in all of its tabs. An access token that
 * is about to end, or that was refused, is renewed once, however many requests wait for it.
 */
const KEY = "canaduck.session";
const EARLY_S = 30;

const listeners = new Set();
let session = JSON.parse(localStorage.getItem(KEY) ?? "null");
let renewing = null;

export class RequestError extends Error {
	constructor(status, body) {
		super(sentence(status, body));
		this.status = status;
		this.code = body?.code;
		this.fields = new Map((body?.details ?? []).map((d) => [d.field, d.reason]));
	}
}

function sentence(status, body) {
	if (status === 0)
		return "The server cannot be reached.";
	if (status === 504)
		return "No answer in time: it may have been done all the same.";
	const details = (body?.details ?? []).map((d) => `${d.field} ${d.reason}`);

	return details.join("; ") || body?.error || `The server answers ${status}.`;
}

/* {id, pseudo} of who is signed in, or null. */
export const me = () => session && { id: session.id, pseudo: session.pseudo };

/* Calls back whenever somebody signs in or out. */
export function onChange(listener) {
	listeners.add(listener);
}

function keep(next) {
	const changed = next?.id !== session?.id;

	session = next;
	if (next)
		localStorage.setItem(KEY, JSON.stringify(next));
	else
		localStorage.removeItem(KEY);
	if (changed)
		listeners.forEach((listener) => listener());
}

window.addEventListener("storage", (event) => {
	if (event.key !== KEY)
		return;
	const before = session?.id;

	session = JSON.parse(event.newValue ?? "null");
	if (session?.id !== before)
		listeners.forEach((listener) => listener());
});

async function ask(method, path, body, token) {
	const headers = {};
	let answer;

	if (body !== undefined)
		headers["content-type"] = "application/json";
	if (token)
		headers.authorization = `Bearer ${token}`;
	try {
		answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
	} catch {
		throw new RequestError(0);
	}
	const read = await answer.json().catch(() => null);

	if (!answer.ok)
		throw new RequestError(answer.status, read);
	return { status: answer.status, body: read };
}

function claims(token) {
	const text = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");

	return JSON.parse(atob(text));
}

async function renew() {
	const asked = session;

	try {
		const { body } = await ask("POST", "/refresh", { token: asked.refresh });

		if (session?.refresh === asked.refresh)
			keep({ ...session, access: body.access_token, refresh: body.refresh_token });
	} catch (error) {
		/* The session has ended: elsewhere, or with time. */
		if (error.status === 401 || error.status === 403)
			keep(null);
		throw error;
	}
}

export async function refresh() {
	renewing ??= renew().finally(() => (renewing = null));
	await renewing;
}

/* An access token that is still good for a while; null when nobody is signed in. */
export async function token() {
	if (session && claims(session.access).exp - Date.now() / 1000 < EARLY_S)
		await refresh();
	return session?.access ?? null;
}

/* {status, body}: the answer's JSON, null when it has none; RequestError. */
export async function send(method, path, body) {
	const used = await token();

	try {
		return await ask(method, path, body, used);
	} catch (error) {
		if (error.status !== 401 || !session)
			throw error;
	}
	if (session.access === used)
		await refresh();
	return ask(method, path, body, session?.access);
}

export const request = async (method, path, body) => (await send(method, path, body)).body;
export const get = (path) => request("GET", path);
export const post = (path, body = {}) => request("POST", path, body);

async function enter(tokens) {
	const { body } = await ask("GET", "/users/me", undefined, tokens.access_token);

	keep({ id: body.id, pseudo: body.pseudo, access: tokens.access_token,
		refresh: tokens.refresh_token });
}

export async function signIn(name, password) {
	const by = name.includes("@", 1) ? "email" : "handle";

	await enter((await ask("POST", "/login", { [by]: name, password })).body);
}

export async function register(pseudo, email, password) {
	await enter((await ask("POST", "/register", { pseudo, email, password })).body.tokens);
}

/* Of this device only: /logout would end all sessions. */
export async function signOut() {
	const used = session?.access;

	keep(null);
	if (used)
		await ask("DELETE", `/users/me/sessions/${claims(used).sid}`, undefined, used);
}
