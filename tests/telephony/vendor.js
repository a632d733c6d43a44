// vendor.js - plays the vendor: signs webhooks with the unmodified package "twilio",
// follows the TwiML it gets, and sees to it that it is told a number in Dial and Message only.
"use strict";
const http = require("http");
const twilio = require("twilio");
const { parse } = require("./twiml.js");

const encode = (fields) => fields.map(([n, v]) => encodeURIComponent(n) + "=" + encodeURIComponent(v)).join("&");

// As the package wants them: a field that is there twice is a list.
const asParams = (fields) => {
	const out = {};
	for (const [n, v] of fields)
		out[n] = n in out ? [].concat(out[n], v) : v;
	return out;
};

class Vendor {
	constructor({ base, name, account, token, numbers }) {
		Object.assign(this, { base, name, account, token, numbers });
		this.prefix = `/v1/telephony/twiml/${name}/`;
		this.sent = [];	// what a logging proxy could have: path, body, signature
		this.told = [];	// every number that an answer told
		this.leaks = [];	// ... outside of where it may stand
		this.last = 0;
	}

	sid(prefix) {
		this.last += 1;
		return prefix + this.last.toString(16).padStart(32, "0");
	}

	raw(path, body, headers) {
		return new Promise((resolve, reject) => {
			const rq = http.request(this.base + path, { method: "POST", headers: {
				"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Content-Length": Buffer.byteLength(body), ...headers,
			} }, (answer) => {
				const parts = [];
				answer.on("data", (d) => parts.push(d));
				answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString("utf8") }));
			});
			rq.on("error", reject);
			rq.end(body);
		});
	}

	// POST fields, which are [name, value] pairs, as the vendor does.
	async post(path, fields, { token = this.token, base = this.base, headers = {}, body = encode(fields), signature } = {}) {
		const sig = signature ?? twilio.getExpectedTwilioSignature(token, base + path, asParams(fields));
		this.sent.push({ path, fields, body, signature: sig });
		const answer = await this.raw(path, body, { "X-Twilio-Signature": sig, ...headers });
		if (answer.status === 200)
			answer.twiml = parse(answer.text);
		this.look(answer);
		return answer;
	}

	// A real number may stand in <Number> and in Message's `to`, and nowhere else.
	look(answer) {
		let rest = answer.text + JSON.stringify(answer.headers);
		for (const verb of answer.twiml?.children ?? []) {
			const told = verb.name === "Dial" ? verb.children.find((c) => c.name === "Number").text : verb.name === "Message" ? verb.attributes.to : null;
			if (told === null) continue;
			this.told.push(told);
			rest = rest.replace(told, "");
		}
		for (const number of this.numbers)
			if (rest.includes(number.slice(1)))
				this.leaks.push(number);
	}

	callFields(sid, from, to, more = {}) {
		return Object.entries({
			AccountSid: this.account, ApiVersion: "2010-04-01", CallSid: sid, CallStatus: "ringing",
			CallToken: encodeURIComponent(JSON.stringify({ parentCallInfoToken: Buffer.from(from + to).toString("base64") })),
			Called: to, CalledCity: "", Caller: from, CallerCountry: "GB", Direction: "inbound", From: from, FromCity: "LONDON",
			FromState: "", StirVerstat: "TN-Validation-Passed-A", To: to, ToZip: "", ...more,
		});
	}

	path(url) {
		if (!url.startsWith(this.base + this.prefix)) throw new Error("an action that is not ours");
		return url.slice(this.base.length);
	}

	// Ring X; when asked for digits, type those of KEYS one after the other.
	// { sid, verbs, answers, dialled, gather } of all that was said.
	async call(from, to, keys = [], { sid = this.sid("CA"), more = {}, events = true } = {}) {
		const out = { sid, verbs: [], answers: [], dialled: null };
		let fields = this.callFields(sid, from, to, more), path = this.prefix + "voice";
		for (;;) {
			const answer = await this.post(path, fields);
			out.answers.push(answer);
			if (answer.status !== 200) return out;
			const verb = answer.twiml.children.find((c) => c.name !== "Say");
			out.verbs.push(verb.name);
			if (verb.name === "Dial") return this.dial(out, verb, from, to, events);
			if (verb.name !== "Gather") return out;
			out.gather = { path: this.path(verb.attributes.action), digits: verb.attributes.numDigits };
			if (keys.length === 0) return out;
			path = out.gather.path;
			fields = this.callFields(sid, from, to, { ...more, CallStatus: "in-progress", Digits: keys.shift() });
		}
	}

	async dial(out, verb, from, to, events) {
		const number = verb.children.find((c) => c.name === "Number");
		Object.assign(out, { dialled: number.text, dial: verb.attributes, status: this.path(number.attributes.statusCallback),
			action: this.path(verb.attributes.action), leg: this.sid("CA") });
		if (!events) return out;
		for (const status of ["initiated", "ringing", "in-progress", "completed"])
			await this.event(out, status);
		await this.over(out, from, to);
		return out;
	}

	// The leg's events say whom it rings in clear: to us, who know.
	event(call, status, leg = call.leg) {
		return this.post(call.status, Object.entries({ AccountSid: this.account, ApiVersion: "2010-04-01", CallSid: leg, CallStatus: status,
			Direction: "outbound-dial", From: call.dial.callerId, ParentCallSid: call.sid, SequenceNumber: "0", Timestamp: "now", To: call.dialled }));
	}

	over(call, from, to) {
		return this.post(call.action, this.callFields(call.sid, from, to, { CallStatus: "in-progress", DialCallSid: call.leg,
			DialCallStatus: "completed", DialCallDuration: "12" }));
	}

	text(from, to, body, { sid = this.sid("SM"), more = {}, options } = {}) {
		return this.post(this.prefix + "message", Object.entries({ AccountSid: this.account, ApiVersion: "2010-04-01", Body: body, From: from,
			FromCity: "", MessageSid: sid, NumMedia: "0", NumSegments: "1", SmsMessageSid: sid, SmsSid: sid, SmsStatus: "received", To: to, ...more }), options);
	}
}

exports.Vendor = Vendor;
exports.encode = encode;
exports.masked = (text) => text.replace(/\/[0-9a-f]{32}"/g, '/TOKEN"');
