// webhooks.js - everything that a vendor's webhooks may bring, and what somebody
// could make of them who had seen some: see reference table in docs/PHONE.md.
//
//	node webhooks.js SETTINGS	a JSON file, which webhooks.sh writes
"use strict";
const fs = require("fs");
const { Vendor, encode, masked } = require("./vendor.js");
const { ok, is, note, done } = require("../lib/tap.js");

const set = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const BUYERS = Array.from({ length: 40 }, (_, i) => "+4477009006" + String(i).padStart(2, "0"));
const CALLERS = Array.from({ length: 90 }, (_, i) => "+4477009007" + String(i).padStart(2, "0"));
let fresh = 0;
const caller = () => CALLERS[fresh++];
const vendor = new Vendor({ ...set, name: "acme", numbers: [...BUYERS, ...CALLERS] });

const api = async (method, path, body) => {
	const answer = await fetch(set.base + path, { method, body: body && JSON.stringify(body), headers: {
		Authorization: `Bearer ${set.key}`, "Content-Type": "application/json", "Scrim-Purpose": "order_processing" } });
	return answer.json();
};
let orders = 0;
const bind = async (more = {}) => {
	orders += 1;
	const a = BUYERS[orders % BUYERS.length];
	const { items: [made] } = await api("POST", "/v1/bindings", { items: [{ pool: "labels", order_ref: `T-${orders}`, a, ...more }] });
	return { ...made, a, order: `T-${orders}` };
};
const end = (b) => api("DELETE", `/v1/bindings?order_ref=${b.order}`);
const never = (b) => String((Number(b.ext) + 1) % 1000000).padStart(6, "0");
const empty = (a) => a.status === 403 && a.text === "";
const voice = vendor.prefix + "voice";

const story = async () => {
	const b = await bind();
	ok("an order has a number", /^\+44163296000[12]$/.test(b.x) && /^\d{6}$/.test(b.ext), JSON.stringify(b));
	const who = caller();
	const call = await vendor.call(who, b.x, [b.ext]);
	is("a courier is asked and connected", call.verbs, ["Gather", "Dial"]);
	is("to the buyer", call.dialled, b.a);
	is("who sees X, and nothing is recorded", [call.dial.callerId, call.dial.record, call.dial.answerOnBridge], [b.x, "do-not-record", "true"]);
	is("for half an hour at most", call.dial.timeLimit, "1800");
	is("as many digits as there are are asked for", call.gather.digits, "6");
	is("an old action after the call: hang up", (await vendor.post(call.gather.path, vendor.callFields(call.sid, who, b.x,
		{ CallStatus: "in-progress", Digits: b.ext }))).twiml.children.map((c) => c.name), ["Hangup"]);
	is("the same call again: reject", (await vendor.call(who, b.x, [b.ext], { sid: call.sid })).verbs, ["Reject"]);
	const ringing = await vendor.call(caller(), b.x, [b.ext], { events: false });
	await vendor.event(ringing, "ringing");
	is("and while it rings", (await vendor.post(ringing.gather.path, vendor.callFields(ringing.sid, CALLERS[fresh - 1], b.x,
		{ CallStatus: "in-progress", Digits: b.ext }))).twiml.children.map((c) => c.name), ["Hangup"]);
	await vendor.over(ringing, CALLERS[fresh - 1], b.x);
	const wrong = await vendor.call(caller(), b.x, [never(b), b.ext]);
	is("who mistypes once is asked once more", wrong.verbs, ["Gather", "Gather", "Dial"]);
};

const misses = async () => {
	const b = await bind(), over = await bind();
	await end(over);
	const said = [];
	for (const [x, keys] of [[b.x, [never(b), never(b), never(b)]], [over.x, [over.ext, over.ext, over.ext]],
		[b.x, ["", "", ""]], [b.x, ["1", "12", "123"]]]) {
		const call = await vendor.call(caller(), x, [...keys]);
		said.push(call.answers.map((a) => masked(a.text)).join("\n"));
	}
	is("never bound, ended, nothing typed, too little: the same bytes at every step", new Set(said).size, 1);
	is("and the last is goodbye", said[0].match(/<(Gather|Hangup|Reject)/g), ["<Gather", "<Hangup", "<Gather", "<Hangup", "<Gather", "<Hangup", "<Hangup"]);
	const known = caller(), late = await bind();
	await vendor.call(known, late.x, [late.ext]);
	await end(late);
	ok("who was connected hears that it is over", /not in use any more/.test((await vendor.call(known, late.x, [late.ext])).answers[1].text));
	const stranger = await vendor.call(caller(), late.x, [late.ext, "", ""]);
	is("who was not hears what everybody hears", stranger.answers.map((a) => masked(a.text)).join("\n"), said[0]);
};

const guesses = async () => {
	const b = await bind(), one = caller();
	const asked = [];
	for (let i = 0; i < 6; i++)
		asked.push((await vendor.call(one, b.x, [never(b)])).verbs.length);
	is("three wrong ones in six calls, then it is over", [asked.slice(0, 3), (await vendor.call(one, b.x, [b.ext])).dialled], [[2, 2, 2], null]);
	const many = caller();
	const calls = await Promise.all(Array.from({ length: 20 }, () => vendor.call(many, b.x, [])));
	const tries = await Promise.all(calls.map((c, i) => vendor.post(c.gather.path, vendor.callFields(c.sid, many, b.x,
		{ CallStatus: "in-progress", Digits: String(100000 + i) }))));
	ok("twenty at once: no more than three are compared", tries.filter((a) => a.text.includes("<Gather")).length <= 3);
	const copies = await vendor.call(caller(), b.x, []);
	const fields = vendor.callFields(copies.sid, CALLERS[fresh - 1], b.x, { CallStatus: "in-progress", Digits: b.ext });
	const eight = await Promise.all(Array.from({ length: 8 }, () => vendor.post(copies.gather.path, fields)));
	is("eight copies at once: one is told the number", eight.filter((a) => a.text.includes("<Dial")).length, 1);
};

const forgeries = async () => {
	const b = await bind(), who = caller();
	const fields = (more) => vendor.callFields(vendor.sid("CA"), who, b.x, more);
	ok("another key", empty(await vendor.post(voice, fields(), { token: "guessed" })));
	for (const signature of ["", "AAAA", "0".repeat(28)])
		ok(`the signature "${signature.slice(0, 4)}"`, empty(await vendor.post(voice, fields(), { signature })));
	ok("signed for a staging host, whatever Host says", empty(await vendor.post(voice, fields(), { base: "https://staging.example",
		headers: { Host: "staging.example", "X-Forwarded-Host": "staging.example", "X-Forwarded-Proto": "https" } })));
	ok("two From, as the package signs them", empty(await vendor.post(voice, [...fields(), ["From", CALLERS[0]]])));
	ok("another account", empty(await vendor.post(voice, fields({ AccountSid: "AC" + "b".repeat(32) }))));
	ok("digits that are none of a keypad's", await (async () => {
		const call = await vendor.call(who, b.x);
		return empty(await vendor.post(call.gather.path, vendor.callFields(call.sid, who, b.x, { CallStatus: "in-progress", Digits: "٠٠٤٧١١" })));
	})());
	const asked = await vendor.call(who, b.x);
	const other = ["+441632960001", "+441632960002"].find((x) => x !== b.x);
	ok("asked at one X, the action says another: nobody is dialled", !(await vendor.post(asked.gather.path,
		vendor.callFields(asked.sid, who, other, { CallStatus: "in-progress", Digits: b.ext }))).text.includes("<Dial"));
	ok("asked of one caller, the action says another: the same", !(await vendor.post(asked.gather.path,
		vendor.callFields(asked.sid, CALLERS[0], b.x, { CallStatus: "in-progress", Digits: b.ext }))).text.includes("<Dial"));
	is("the other vendor's X", (await vendor.call(who, "+441632960020")).verbs, ["Reject"]);
	for (const from of ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "anonymous", "client:alice", "sip:a@b.example", ""])
		is(`no number: "${from}"`, (await vendor.call(from, b.x)).verbs, ["Reject"]);
};

// Every border of what was captured, gone or moved; whoever has the requests has the signatures.
const foldings = async () => {
	const b = await bind();
	const from = vendor.sent.length, told = vendor.told.length;
	await vendor.call(caller(), b.x, [b.ext]);
	await vendor.text(caller(), b.x, `${b.ext} hello`, { more: { OptOutType: "STOP" } });
	const captured = vendor.sent.slice(from);
	let tried = 0, taken = 0, dialled = vendor.told.length - told;
	for (const { path, fields, signature } of captured) {
		const bent = [];
		fields.forEach(([name, value], i) => {
			const [next, after] = fields[i + 1] ?? [null];
			if (next !== null) {
				bent.push([...fields.slice(0, i), [name, value + next + after], ...fields.slice(i + 2)]);	// into the neighbour before
				bent.push([...fields.slice(0, i), [name, value + next.slice(0, 1)], [next.slice(1), after], ...fields.slice(i + 2)]);
				if (value !== "") bent.push([...fields.slice(0, i), [name, value.slice(0, -1)], [value.slice(-1) + next, after], ...fields.slice(i + 2)]);
			}
			bent.push([...fields.slice(0, i), [name + value, ""], ...fields.slice(i + 1)]);
			if (value !== "") bent.push([...fields.slice(0, i), [name + value.slice(0, 1), value.slice(1)], ...fields.slice(i + 1)]);
			bent.push([...fields.slice(0, i), [name.slice(0, -1), name.slice(-1) + value], ...fields.slice(i + 1)]);
		});
		for (const f of bent) {
			if (f.some(([n]) => n === "") || encode(f) === encode(fields)) continue;
			const answer = await vendor.post(path, f, { signature });
			tried += 1;
			taken += answer.status !== 403;
		}
		const [[name, value]] = fields;
		const longer = await vendor.post(path + name + value, fields.slice(1), { signature });	// into the URL
		taken += longer.status === 200;
	}
	dialled = vendor.told.length - told - dialled;
	note(`${tried} foldings of ${captured.length} requests`);
	is("no folding of captured requests is taken, or dialled", [tried > 300, taken, dialled], [true, 0, 0]);
};

const clothes = async () => {
	const b = await bind();
	const good = async (name, options, more = {}) => {
		const fields = vendor.callFields(vendor.sid("CA"), caller(), b.x, more);
		ok(name, (await vendor.post(voice, fields, typeof options === "function" ? options(fields) : options)).text.includes("<Gather"));
	};
	const port = new URL(set.base).port;
	await good("without our port", { base: set.base.replace(`:${port}`, "") });
	await good("with the scheme's own port", { base: set.base.replace(`:${port}`, ":80") });
	await good("by the second token", { token: set.token2 });
	await good("unknown fields, upper and lower case, not of this script", {}, { zeta: "1", Ältester: "2", A: "", "Łódź": "上海 😀" });
	await good("a blank as %20, as +, in other spellings", (f) => ({ body: encode(f).replace(/%2B/g, "%2b").replace("LONDON", "%4C%4fNDON") }));
	await good("fields in another order", (f) => ({ body: encode([...f].reverse()) }));
	await good("a blank and a plus", (f) => ({ body: encode(f).replace(/%20/g, "+") }), { FromCity: "NEW ROMNEY + SEA" });
};

const states = async () => {
	const orders = [["initiated", "ringing", "in-progress", "completed"], ["completed", "in-progress", "ringing", "initiated"],
		["in-progress", "completed", "initiated", "ringing"]];
	for (const order of orders) {
		const b = await bind();
		const who = caller();
		const call = await vendor.call(who, b.x, [b.ext], { events: false });
		for (const status of order)
			is(`${status}, of ${order.join(" ")}`, (await vendor.event(call, status)).status, 204);
		await vendor.event(call, "ringing", vendor.sid("CA"));
		is("and the end, twice", [(await vendor.over(call, who, b.x)).text, (await vendor.over(call, who, b.x)).text].every((t) => t.includes("<Hangup/>")), true);
	}
};

const texts = async () => {
	const b = await bind(), who = caller();
	const sent = await vendor.text(who, b.x, `${b.ext} "At" <the> 'door' & gate\u0001, ring 07700 900555 or ٠٧٧٠٠٩٠٠٥٥٥`);
	const [message] = sent.twiml.children;
	is("a text goes on, from X", [message.name, message.attributes.from, message.attributes.to], ["Message", b.x, b.a]);
	const body = message.children[0].text;
	ok("escaped, without control characters or numbers of any script", body.startsWith("\"At\" <the> 'door' & gate, ring") && !/900555|٩٠٠٥٥٥/.test(body), body);
	is("from whom it is is not said", sent.text.includes(who.slice(1)), false);
	const silent = async (name, answer) => is(name, [answer.status, answer.twiml.children.length], [200, 0]);
	await silent("a stranger's text", await vendor.text(caller(), b.x, "hello"));
	const stop = vendor.sid("SM");
	await silent("a word that stops texts", await vendor.text(who, b.x, "STOP", { sid: stop, more: { OptOutType: "STOP" } }));
	ok("the same id with other words is a forgery", empty(await vendor.text(who, b.x, `${b.ext} again`, { sid: stop })));
	const media = await vendor.text(caller(), b.x, `${b.ext} see`, { more: { NumMedia: "1", MediaUrl0: "https://vendor.example/x" } });
	is("of a picture, the words", [media.text.includes("vendor.example"), media.twiml.children[0].children[0].text], [false, "see"]);
};

const failed = async () => {
	const b = await bind(), who = caller(), sid = vendor.sid("CA");
	await vendor.call(who, b.x, [b.ext], { sid });
	const again = await vendor.post(vendor.prefix + "fallback", vendor.callFields(sid, who, b.x, { ErrorCode: "11200", ErrorUrl: set.base + voice }));
	is("a second delivery with an ErrorCode is told nothing", again.twiml.children.map((c) => c.name), ["Reject"]);
	const first = await vendor.post(vendor.prefix + "fallback", vendor.callFields(vendor.sid("CA"), who, b.x, { ErrorCode: "11205", ErrorUrl: set.base + voice }));
	is("one whose first never came is asked", first.twiml.children.map((c) => c.name), ["Gather", "Hangup"]);
};

(async () => {
	for (const part of [story, misses, forgeries, foldings, clothes, states, texts, failed, guesses])
		await part();
	ok("numbers were told, in Dial and Message", vendor.told.length > 10);
	is("and nowhere else, to nobody", vendor.leaks, []);
	done();
})().catch((e) => {
	console.log(`not ok 1000 - ${e.stack.replace(/\n/g, " ")}`);
	process.exitCode = 1;
});
