// clients.js - the unmodified npm packages of two vendors, as back ends use them: what they
// send is taken, and counted one for one.
//
//	node clients.js SETTINGS.json	{"base", "web", "shop", "operator", "marker"}
"use strict";
const { readFileSync } = require("fs");
const tap = require("../lib/tap.js");
const s = JSON.parse(readFileSync(process.argv[2], "utf8"));

const status = async () => (await fetch(`${s.base}/v1/collect/status`, { headers: { "Scrim-Key": s.operator } })).json();
const consent = { consent: { categoryPreferences: { Analytics: true } } };
const N = 60;

// Marks in everything that a client library lets its user say.
const properties = (i) => ({ product_id: `sku-${i}`, price: 10 + i, email: `${s.marker}@example.com`, note: s.marker });
const traits = { email: `${s.marker}@example.com`, name: s.marker, birthday: "1990-01-01" };

async function counted(name, wanted, send) {
	const before = await status();
	await send();
	let after = before;
	for (let i = 0; i < 100 && after.taken - before.taken < wanted.taken; i++) {
		await new Promise((r) => setTimeout(r, 100));
		after = await status();
	}
	tap.is(`${name}: what was sent was taken`, after.taken - before.taken, wanted.taken);
	if (wanted.in !== undefined) tap.is(`${name}: what has consent went on`, after.in - before.in, wanted.in);
}

async function segment() {
	const { Analytics } = require("@segment/analytics-node");
	const errors = [];
	const page = (i) => ({ anonymousId: "segment-device", event: "Product Viewed", properties: properties(i), context: consent });
	// a site's key, as a server that renders pages has it: its word is a page's
	const web = new Analytics({ writeKey: s.web, host: s.base, path: "/v1/batch", flushAt: 20 });
	web.on("error", (e) => errors.push(e));
	await counted("analytics-node with a write key", { taken: N + 1, in: N + 1 }, async () => {
		for (let i = 0; i < N; i++) web.track(page(i));
		web.page({ anonymousId: "segment-device", name: s.marker, properties: { path: "/p/1", title: s.marker, url: `https://shop.example/?q=${s.marker}` }, context: consent });
		await web.closeAndFlush({ timeout: 5000 });
	});
	const shop = new Analytics({ writeKey: s.shop, host: s.base, path: "/v1/batch", flushAt: 20 });
	shop.on("error", (e) => errors.push(e));
	// who somebody is: a link of the device and one trait that is declared; nobody of them consented
	await counted("analytics-node with a back end's key", { taken: N + 2, in: 0 }, async () => {
		for (let i = 0; i < N; i++) shop.track({ userId: "u-segment", event: "Product Viewed", properties: properties(i) });
		shop.identify({ userId: "u-segment", anonymousId: "segment-device-2", traits });
		await shop.closeAndFlush({ timeout: 5000 });
	});
	tap.is("analytics-node: no error", errors.map(String), []);
}

async function rudder() {
	const imported = require("@rudderstack/rudder-sdk-node");
	const RudderAnalytics = imported.default || imported;
	// as it is: packed, and called a form
	const client = new RudderAnalytics(s.web, { dataPlaneUrl: s.base, flushAt: 20, gzip: true });
	const managed = { consentManagement: { allowedConsentIds: ["Analytics"] } };
	await counted("rudder-sdk-node", { taken: N, in: N }, async () => {
		for (let i = 0; i < N; i++)
			client.track({ anonymousId: "rudder-device", event: "Product Viewed", properties: properties(i + 100), context: managed });
		await new Promise((r) => client.flush(r));
	});
}

(async () => {
	await segment();
	await rudder();
	tap.done();
	setTimeout(() => process.exit(), 500).unref();
})().catch((e) => {
	console.log(`# ${e.stack}`);
	process.exitCode = 1;
	process.exit();
});
