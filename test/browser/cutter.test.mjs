import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

/* The pages are no package of node's: their modules come as text. */
const text = readFileSync(new URL("../../edge/pages/shared/cutter.js", import.meta.url));
const { Cutter } = await import(`data:text/javascript;base64,${text.toString("base64")}`);

function cut(pieces) {
	const events = [], ids = [];
	const cutter = new Cutter((name, data) => events.push([name, data]), (id) => ids.push(id));

	pieces.forEach((piece) => cutter.push(piece));
	return { events, last_id: ids.at(-1) };
}

const cases = [
	["an event has a name, data and an id", "event: created\nid: 7\ndata: {}\n\n",
		[["created", "{}"]], "7"],
	["without a name it is a message", "data: x\n\n", [["message", "x"]], undefined],
	["lines of data are joined", "data: a\ndata: b\n\n", [["message", "a\nb"]], undefined],
	["one space goes, others stay", "data:  a \ndata:b\n\n", [["message", " a \nb"]], undefined],
	["comments and unknown fields are no events", ": open\nretry: 5\nother\n\n", [], undefined],
	["an id counts without data", ":\nid: 9\n\n", [], "9"],
	["a name without data is forgotten", "event: gone\n\ndata: x\n\n", [["message", "x"]], undefined],
	["an empty line of data is data", "data\n\n", [["message", ""]], undefined],
	["what has not ended does not count", "data: a\n\ndata: b\nid: 3\n", [["message", "a"]], undefined],
	["no other character ends a line", "data: a\u2028b\u0085c\n\n", [["message", "a\u2028b\u0085c"]],
		undefined],
	["lines end in three ways", "data: a\r\ndata: b\rdata: c\n\r\n", [["message", "a\nb\nc"]],
		undefined],
];

for (const [claim, stream, events, last_id] of cases)
	test(`${claim}, wherever the stream is cut`, () => {
		for (let at = 0; at <= stream.length; at++)
			assert.deepEqual(cut([stream.slice(0, at), stream.slice(at)]), { events, last_id });
		assert.deepEqual(cut([...stream]), { events, last_id });
	});
