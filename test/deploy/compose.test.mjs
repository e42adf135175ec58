/* Run by compose.sh, which says where things are: ROOT the repository, DIR what it prepared. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";

import { complaints } from "./rules.mjs";

const { ROOT, DIR } = process.env;
const require = createRequire(join(DIR, "package.json"));
const Ajv = require("ajv");
const yaml = require("yaml");

const text = (...path) => readFileSync(join(...path), "utf8");
const read = () => yaml.parse(text(ROOT, "compose.yaml"), { merge: true, logLevel: "error" });

/* Lines of `canaduck help`: "  NAME[_FILE]  default  meaning". */
const lines = [...text(DIR, "help.txt").matchAll(/^  ([A-Z][A-Z0-9_]*)(\[_FILE\])? +(\S+)/gm)];

const world = {
	image: "canaduck",
	variables: new Map(lines.filter((line) => !line[2]).map((line) => [line[1], line[3]])),
	secrets: new Set(lines.filter((line) => line[2]).map((line) => line[1])),
	image_environment: Object.fromEntries([...text(ROOT, "Dockerfile").matchAll(/^ENV (.*)$/gm)]
		.flatMap((line) => line[1].split(" ").map((pair) => pair.split("=")))),
	made_secrets: readdirSync(join(DIR, "made", "secrets")),
	exists: (path) => existsSync(join(ROOT, path)),
};

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const schema = JSON.parse(text(DIR, "node_modules", "dclint", "schemas", "compose.schema.json"));
delete schema.$schema; /* draft 7 by an address that ajv does not know */
const validate = ajv.compile(schema);

test("compose.yaml follows the specification", () => {
	assert.ok(validate(read()), ajv.errorsText(validate.errors));
});

test("compose.yaml keeps our rules", () => {
	assert.deepEqual(complaints(read(), world), []);
});

test("a key that the specification does not know is refused", () => {
	const compose = read();

	compose.services.edge.healthchek = {};
	assert.ok(!validate(compose));
});

/* Each mistake is found, so that the rules do look. */
const mistakes = [
	["a root that can be written to", (c) => delete c.services.edge.read_only, /read-only/],
	["capabilities that are kept", (c) => delete c.services.traefik.cap_drop, /capabilities/],
	["a privileged container", (c) => (c.services.postgres.privileged = true), /without privileged/],
	["a published database", (c) => (c.services.postgres.ports = ["5432:5432"]), /only traefik/],
	["no health check", (c) => delete c.services.postgres.healthcheck, /healthy/],
	["a start that waits for nothing",
		(c) => (c.services.edge.depends_on.users.condition = "service_started"), /does not wait/],
	["an image of any version", (c) => (c.services.traefik.image = "traefik:latest"), /no version/],
	["a kill in the middle of draining",
		(c) => (c.services.edge.stop_grace_period = "10s"), /drained/],
	["a variable that nobody reads", (c) => (c.services.edge.environment.PROT = "1"), /PROT/],
	["a secret in the environment",
		(c) => (c.services.edge.environment.JWT_SECRET = "x"), /by file/],
	["a secret of somebody else",
		(c) => (c.services.migrate.secrets = ["users_db_url"]), /no secret of its own/],
	["a secret that nobody makes",
		(c) => (c.secrets.jwt_secret.file = "./secrets/other"), /does not make/],
	["a mount of nothing", (c) => c.services.postgres.volumes.push("./nothing:/x:ro"), /not there/],
	["another port", (c) => (c.services.edge.environment.PORT = "8082"), /port=8082/],
	["trust in all the world",
		(c) => (c.services.edge.environment.TRUSTED_PROXIES = "0.0.0.0/0"), /trust/],
];

for (const [what, spoil, expected] of mistakes)
	test(`refused: ${what}`, () => {
		const compose = structuredClone(read());

		spoil(compose);
		assert.match(complaints(compose, world).join("\n"), expected);
	});
