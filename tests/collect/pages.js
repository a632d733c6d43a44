// pages.js - real pages in a real browser: collect.js as collect.md promises it, and two vendors'
// libraries, unmodified, pointed at the door.
//
//	node pages.js SETTINGS.json	{"base", "web", "operator", "marker", "shop_port", "browser", "scrimd_pid"}
"use strict";
const { readFileSync } = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");
const tap = require("../lib/tap.js");
const s = JSON.parse(readFileSync(process.argv[2], "utf8"));
const modules = process.env.NODE_PATH;
const shop = `http://127.0.0.1:${s.shop_port}`;

const status = async () => (await fetch(`${s.base}/v1/collect/status`, { headers: { "Scrim-Key": s.operator } })).json();
const until = async (good, ms = 8000) => {
	for (const end = Date.now() + ms; Date.now() < end; await new Promise((r) => setTimeout(r, 50)))
		if (await good()) return true;
	return false;
};

// ---- the shop: pages under a policy that lets nothing in but the door ----
const csp = `default-src 'none'; script-src 'self' ${s.base} 'nonce-t'; connect-src ${s.base}`;
const scripts = {
	"/segment.js": path.join(modules, "@segment/analytics-next/dist/umd/index.js"),
	"/rudder.js": path.join(modules, "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"),
};
const heads = {
	"/segment": `<script src="/segment.js"></script>`,
	"/rudder": `<script src="/rudder.js"></script>`,
	"": `<script src="${s.base}/collect.js" data-key="${s.web}"></script>`,
};
const server = http.createServer((req, res) => {
	const at = new URL(req.url, shop).pathname;
	if (scripts[at]) {
		res.setHeader("Content-Type", "text/javascript");
		return res.end(readFileSync(scripts[at]));
	}
	// a cookie of the shop's, which nobody else is to see
	res.setHeader("Set-Cookie", `session=${s.marker}; Path=/`);
	res.setHeader("Content-Type", "text/html");
	res.setHeader("Content-Security-Policy", csp);
	res.end(`<!doctype html><title>${s.marker}</title>${heads[at] ?? heads[""]}<form><input id=f value=${s.marker}></form><button id=b>b</button>`);
});

// ---- collect.js ----
let browser;
async function open(where = "/p/1", more = {}) {
	const context = await browser.newContext(more);
	const page = await context.newPage();
	page.sent = [];
	page.wrong = [];
	page.on("request", (r) => r.url().startsWith(s.base) && r.method() !== "GET" && page.sent.push(r));
	page.on("pageerror", (e) => page.wrong.push(String(e)));
	page.on("console", (m) => m.type() === "error" && page.wrong.push(m.text()));
	if (more.gpc) await page.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
	await page.goto(shop + where + `?q=${s.marker}`);
	return page;
}
const close = (page) => page.context().close();
const kept = (page) => page.evaluate(() => Object.keys(localStorage).length + document.cookie.split("session").length - 2);
const events = (page) => page.sent.flatMap((r) => JSON.parse(r.postData()).batch);

async function nothingBeforeConsent() {
	const page = await open();
	await page.evaluate(() => { scrim.page(); scrim.track("Product Viewed", { product_id: "sku-0" }); });
	await page.click("#b");
	await page.waitForTimeout(3500);
	tap.is("before consent nothing is sent", page.sent.length, 0);
	tap.is("nor kept", await kept(page), 0);
	tap.is("and nothing is thrown", page.wrong, []);
	await close(page);
}

async function afterConsent() {
	const before = await status(), page = await open("/p/1", { viewport: { width: 800, height: 600 } });
	await page.evaluate(() => scrim.consent(3));
	await page.click("#b");
	await page.click("#b");
	await page.evaluate(() => document.getElementById("b").click());
	await page.evaluate(() => scrim.track("Product Viewed", { product_id: "sku-1", price: 5 }));
	await page.evaluate(() => { scrim.page(); history.pushState(0, "", "/p/2"); scrim.page(); scrim.page(); });
	await page.evaluate(() => { for (let i = 0; i < 30; i++) scrim.track("Product Viewed", { product_id: "sku-" + i }); });
	tap.ok("33 events are taken", await until(async () => (await status()).taken - before.taken === 33));
	tap.is("and go on", (await status()).in - before.in, 33);
	const all = events(page), heads = await Promise.all(page.sent.map((r) => r.allHeaders()));
	tap.is("twenty at once, then what is left", page.sent.map((r) => JSON.parse(r.postData()).batch.length), [20, 13]);
	tap.is("clicks of a person are counted, a program's are not", all.slice(0, 4).map((e) => e.i), [0, 2, 0, 0]);
	tap.is("a page once, however often it is told", all.filter((e) => e.type === "page").map((e) => e.properties.path), ["/p/1", "/p/2"]);
	tap.is("one id, of this browser alone", new Set(all.map((e) => e.anonymousId)).size, 1);
	tap.is("no event twice", new Set(all.map((e) => e.messageId)).size, 33);
	tap.is("without a preflight", page.sent.map((r) => r.method()), ["POST", "POST"]);
	tap.is("no cookie, no referrer", heads.map((h) => [h.cookie, h.referer]), [[], []].map(() => [undefined, undefined]));
	tap.ok("nothing of the title, the query, the form", !page.sent.some((r) => r.postData().includes(s.marker)));
	tap.is("an id is kept, and no cookie", await kept(page), 1);
	tap.is("nothing breaks a strict policy", page.wrong, []);

	// taken back
	const id = await page.evaluate(() => localStorage.scrim);
	page.sent.length = 0;
	await page.evaluate(() => { scrim.track("Product Viewed", { product_id: "sku-9" }); scrim.withdraw(); scrim.track("Product Viewed", {}); });
	await until(async () => page.sent.length > 0);
	await page.waitForTimeout(300);
	tap.is("a withdrawal deletes the id and what waited", await kept(page), 0);
	tap.is("and is told", events(page).map((e) => [e.type, e.word, e.anonymousId]), [["consent", "withdraw", id]]);
	await page.evaluate(() => scrim.consent(3));
	tap.ok("who comes back is somebody else", (await page.evaluate(() => localStorage.scrim)) !== id);
	await close(page);
}

async function saysNo() {
	const page = await open("/p/1", { gpc: true });
	await page.evaluate(() => { scrim.consent(3); scrim.track("Product Viewed", { product_id: "sku-1" }); scrim.withdraw(); });
	await page.waitForTimeout(3500);
	tap.is("Global Privacy Control beats a page's yes", [page.sent.length, await kept(page)], [0, 0]);
	await close(page);
}

async function comesAgain() {
	const page = await open(), ids = [];
	let refuse = true;
	await page.route(`${s.base}/v1/batch`, (route) => {
		ids.push(JSON.parse(route.request().postData()).batch.map((e) => e.messageId).join());
		return refuse ? route.fulfill({ status: 503, headers: { "Access-Control-Allow-Origin": "*" } }) : route.continue();
	});
	const before = await status();
	await page.evaluate(() => scrim.consent(3));
	await until(async () => ids.length === 1);
	refuse = false;
	tap.ok("what was refused comes again", await until(async () => ids.length === 2, 12000));
	tap.is("with the same ids", ids[1], ids[0]);
	tap.ok("and is taken", await until(async () => (await status()).taken - before.taken === 1));
	await close(page);
}

async function closedTab() {
	const before = await status(), page = await open();
	await page.evaluate(() => { scrim.consent(3); scrim.track("Product Viewed", { product_id: "sku-1" }); });
	await page.goto("about:blank");
	tap.ok("a page that is left says what waited", await until(async () => (await status()).taken - before.taken === 2));
	await close(page);
}

async function hiddenBlocked() {
	const page = await open();
	await page.evaluate(() => {
		Object.defineProperty(window, "localStorage", { get() { throw new Error("no"); } });
		window.fetch = () => { throw new Error("no"); };
		scrim.consent(3);
		scrim.track("Product Viewed", { product_id: "sku-1" });
		document.dispatchEvent(new Event("visibilitychange"));
		scrim.track(); scrim.consent(); scrim.withdraw();
	});
	await page.waitForTimeout(3300);
	tap.is("without storage or network nothing is thrown", page.wrong, []);
	await close(page);
}

// ---- libraries of others ----
async function segment() {
	const before = await status(), page = await open("/segment");
	await page.evaluate(([base, key, marker]) => {
		const { AnalyticsBrowser } = window.AnalyticsNext || window;
		window.a = AnalyticsBrowser.load({ writeKey: key, cdnSettings: { integrations: { "Segment.io": { apiKey: key } } } },
			{ integrations: { "Segment.io": { apiHost: base.replace("http://", "") + "/v1", protocol: "http" } } });
		const context = { consent: { categoryPreferences: { Analytics: true } } };
		a.page(marker, { title: marker }, { context });
		for (let i = 0; i < 10; i++) a.track("Product Viewed", { product_id: "sku-" + i, email: marker }, { context });
		a.identify(marker, { email: marker }, { context });
	}, [s.base, s.web, s.marker]);
	const good = await until(async () => (await status()).taken - before.taken >= 12, 15000);
	tap.ok("analytics-next: what it sent was taken", good, JSON.stringify([page.wrong, (await status()).taken - before.taken]));
	tap.is("analytics-next: all of it, and went on", [(await status()).taken - before.taken, (await status()).in - before.in], [12, 12]);
	await close(page);
}

async function rudder() {
	const before = await status(), page = await open("/rudder");
	await page.evaluate(([base, key, marker]) => {
		const r = window.r = new rudderanalytics.RudderAnalytics();
		r.load(key, base, { configUrl: base, storage: { encryption: { version: "legacy" } }, plugins: [], sendAdblockPage: false });
		const context = { consentManagement: { allowedConsentIds: ["Analytics"] } };
		r.page("", marker, { title: marker }, { context });
		for (let i = 0; i < 10; i++) r.track("Product Viewed", { product_id: "sku-r" + i, email: marker }, { context });
	}, [s.base, s.web, s.marker]);
	const good = await until(async () => (await status()).taken - before.taken >= 11, 20000);
	tap.ok("analytics-js: what it sent was taken", good, JSON.stringify([page.wrong, (await status()).taken - before.taken]));
	tap.is("analytics-js: all of it", (await status()).taken - before.taken, 11);
	await close(page);
}

(async () => {
	await new Promise((r) => server.listen(s.shop_port, "127.0.0.1", r));
	browser = await chromium.launch({ executablePath: s.browser, timeout: 90000, args: ["--no-sandbox", "--disable-gpu"] });
	for (const test of [nothingBeforeConsent, afterConsent, saysNo, comesAgain, closedTab, hiddenBlocked, segment, rudder]) await test();
	await browser.close();
	server.close();
	tap.done();
	setTimeout(() => process.exit(), 500).unref();
})().catch((e) => {
	console.log(`# ${e.stack}`);
	process.exit(1);
});
