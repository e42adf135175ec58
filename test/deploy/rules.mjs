/*
 * What we ask of compose.yaml beyond its schema. complaints() lists what is wrong, in sentences.
 *
 * compose: the file as read; world: what the rest of the repository says, see compose.test.mjs.
 */
const list = (value) => (Array.isArray(value) ? value : Object.keys(value ?? {}));
const seconds = (text) => Number(/^(\d+)s$/.exec(text ?? "10s")?.[1] ?? NaN);

/* One-shot: others wait for its end. */
function isOneShot(compose, name) {
	return Object.values(compose.services).some(
		(s) => s.depends_on?.[name]?.condition === "service_completed_successfully");
}

function* confinement(compose, name, s) {
	const loosening = ["privileged", "cap_add", "devices", "network_mode", "pid", "ipc", "userns_mode"];

	if (s.read_only !== true)
		yield "its root must be read-only";
	if (String(s.cap_drop) !== "ALL")
		yield "it must drop all capabilities";
	if (!list(s.security_opt).includes("no-new-privileges:true"))
		yield "it must not gain privileges";
	for (const key of loosening.filter((key) => key in s))
		yield `it must do without ${key}`;
	if (s.ports && name !== "traefik")
		yield "only traefik publishes ports";
}

function* life(compose, name, s, world) {
	const oneShot = isOneShot(compose, name);

	if (s.restart !== (oneShot ? "no" : "unless-stopped"))
		yield `restart: ${s.restart} does not fit it`;
	if (oneShot ? s.healthcheck?.disable !== true : !s.healthcheck?.test && s.image !== world.image)
		yield "others cannot know whether it is healthy";
	for (const [other, how] of Object.entries(s.depends_on ?? {}))
		if (how.condition !==
			(isOneShot(compose, other) ? "service_completed_successfully" : "service_healthy"))
			yield `it does not wait until ${other} is ready`;
	if (s.image !== world.image && !/:[^:]*\d[^:]*$/.test(s.image))
		yield `the image ${s.image} names no version`;
}

function* files(compose, name, s, world) {
	for (const volume of s.volumes ?? []) {
		const source = volume.split(":")[0];

		if (source.startsWith("./") && !world.exists(source))
			yield `${source} is not there`;
	}
	for (const secret of list(s.secrets))
		if (!(secret in (compose.secrets ?? {})))
			yield `the secret ${secret} is not declared`;
	for (const [variable, value] of Object.entries(s.environment ?? {}))
		if (variable.endsWith("_FILE") &&
			!list(s.secrets).some((secret) => value === `/run/secrets/${secret}`))
			yield `${variable}: ${value} is no secret of its own`;
}

/* Variables of the executable, as `canaduck help` knows them. */
function* environment(compose, name, s, world) {
	if (s.image !== world.image)
		return;
	for (const variable of Object.keys(s.environment ?? {})) {
		const bare = variable.replace(/_FILE$/, "");

		if (world.secrets.has(variable))
			yield `${variable} must come by file`;
		else if (!world.variables.has(variable) && !(variable !== bare && world.secrets.has(bare)))
			yield `canaduck knows no variable ${variable}`;
	}
	if (!isOneShot(compose, name) &&
		!(seconds(s.stop_grace_period) * 1000 > Number(valueOf(s, world, "DRAIN_TIMEOUT_MS"))))
		yield "it is killed before it has drained";
}

const valueOf = (s, world, variable) =>
	s.environment?.[variable] ?? world.image_environment[variable] ?? world.variables.get(variable);

/* What traefik needs in order to find the edge, and the edge in order to believe traefik. */
function* edge(compose, name, s, world) {
	const labels = list(s.labels);
	const port = `traefik.http.services.gateway.loadbalancer.server.port=${valueOf(s, world, "PORT")}`;
	const shared = list(s.networks).filter((n) => list(compose.services.traefik.networks).includes(n));
	const network = compose.networks[shared[0]];

	if (!labels.includes("traefik.enable=true"))
		return;
	for (const label of ["traefik.http.routers.gateway.rule=PathPrefix(`/`)",
		"traefik.http.routers.gateway.tls=true", port])
		if (!labels.includes(label))
			yield `it lacks the label ${label}`;
	if (shared.length !== 1)
		yield "it must share one network with traefik";
	else if (s.environment.TRUSTED_PROXIES !== network.ipam?.config?.[0]?.subnet)
		yield "it must trust traefik's network, and no other";
	else if (!compose.services.traefik.command.includes(`--providers.docker.network=${network.name}`))
		yield "traefik looks for it in another network";
}

function* whole(compose, world) {
	const used = new Set(Object.values(compose.services).flatMap((s) => list(s.secrets)));
	const exposed = Object.values(compose.services).filter(
		(s) => list(s.labels).includes("traefik.enable=true"));

	if (exposed.length !== 1)
		yield "one service is the edge";
	if (Object.values(compose.services).filter((s) => s.image === world.image && s.build).length !== 1)
		yield "one service builds the image";
	for (const [name, secret] of Object.entries(compose.secrets ?? {})) {
		if (!used.has(name))
			yield `nobody uses the secret ${name}`;
		if (secret.file !== `./secrets/${name}` || !world.made_secrets.includes(name))
			yield `deploy/secrets.sh does not make the secret ${name}`;
	}
	for (const name of Object.keys(world.image_environment))
		if (!world.variables.has(name))
			yield `Dockerfile: canaduck knows no variable ${name}`;
}

export function complaints(compose, world) {
	const found = [...whole(compose, world)];

	for (const [name, s] of Object.entries(compose.services))
		for (const rule of [confinement, life, files, environment, edge])
			for (const text of rule(compose, name, s, world))
				found.push(`${name}: ${text}`);
	return found;
}
