// vectors.js - tests/data/twiml.tsv anew: requests as the vendors' own packages sign them.
//
//	NODE_PATH=build/npm/node_modules node tests/telephony/vectors.js >tests/data/twiml.tsv
//
// A line each: who signs, hash, key, public base, path, body, signature. A field
// that stands there twice is what the packages disagree about.
"use strict";
const crypto = require("crypto");
const twilio = require("twilio");
const path = require("path");
const signalwire = require(path.join(path.dirname(require.resolve("@signalwire/compatibility-api")), "../lib/webhooks/webhooks.js"));

const key = "0123456789abcdef0123456789abcdef";
const base = "https://gw.example";
const voice = "/v1/telephony/twiml/twilio/voice";
const call = {
	AccountSid: "AC" + "a".repeat(32), CallSid: "CA" + "1".repeat(32), From: "+447700900123",
	To: "+441632960001", Direction: "inbound", CallStatus: "ringing",
};
// the signed text is made by the package's own joining; only the hash is ours where it has one only
const sha256 = (sign, url, params) => {
	const hmac = crypto.createHmac;
	crypto.createHmac = (_, k) => hmac("sha256", k);
	try { return sign(key, url, params); } finally { crypto.createHmac = hmac; }
};
const form = (params) => Object.entries(params).flatMap(([n, v]) => [].concat(v).map((x) =>
	encodeURIComponent(n) + "=" + encodeURIComponent(x))).join("&");

const cases = [
	[base, voice, call],
	[base + ":443", voice, call],
	[base + ":8443", voice, call],
	[base, voice, { ...call, Called: "+441632960001", Caller: "+447700900123", CallerName: "", Zz: "" }],
	[base, voice, { ...call, FromCity: "Łódź 上海", Emoji: "😀", Plus: "1+1=2&3;4", Percent: "100%", Trim: "  x  ", Lines: "a\r\nb" }],
	[base, voice, { ...call, a: "lower", B: "upper", _c: "1", "é": "2" }],
	[base, voice, {}],
	[base, voice, { ...call, Many: ["b", "a", "b"], One: ["x"] }],
	[base, "/v1/telephony/twiml/sw/voice/1/" + "ab".repeat(16), { ...call, Digits: "" }],
];
const line = (...v) => console.log(v.join("\t"));
for (const [b, where, params] of cases) {
	const sign = twilio.getExpectedTwilioSignature;
	line("twilio", "sha1", key, b, where, form(params), sign(key, b + where, params));
	line("twilio", "sha256", key, b, where, form(params), sha256(sign, b + where, params));
	line("signalwire", "sha1", key, b, where, form(params), signalwire.getExpectedTwilioSignature(key, b + where, params));
}
// reference/security documentation of the vendor: a query is signed where it stands
line("twilio", "sha1", "12345", "https://example.com", "/myapp.php?foo=1&bar=2",
	form({ CallSid: "CA1234567890ABCDE", Caller: "+14158675310", Digits: "1234", From: "+14158675310", To: "+18005551212" }),
	"L/OH5YylLD5NRKLltdqwSvS0BnU=");
