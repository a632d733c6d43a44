// page.js - the marketing page in a real browser: no request, no script, no violation of axe-core's
// rules in either language, and five sheets of A4 at most.
//
//	node page.js REPORT.html BROWSER [PICTURE]	pictures of both languages, to be looked at
"use strict";
const { chromium } = require("playwright-core");
const tap = require("../lib/tap.js");
const [, , html, executablePath, picture] = process.argv;

async function strictly(browser) {
	const page = await browser.newPage({ viewport: { width: 1120, height: 900 } }), asked = [], wrong = [];
	page.on("request", (r) => r.url() !== `file://${html}` && asked.push(r.url()));
	page.on("console", (m) => m.type() === "error" && wrong.push(m.text()));
	await page.goto(`file://${html}`);
	tap.is("it asks for nothing", asked, []);
	tap.is("and breaks no policy of its own", wrong, []);
	tap.ok("no script runs in it", await page.evaluate(() => document.scripts.length === 0));
	for (const [l, title] of [["en", "Marketing report"], ["zh", "营销周报"]]) {
		await page.click(`label[for=lang-${l}]`);
		tap.ok(`${l}: the switch shows it`, (await page.innerText("h1")).includes(title));
		tap.ok(`${l}: nothing runs over the edge`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
		if (picture) await page.screenshot({ path: `${picture}-${l}.png`, fullPage: true });
	}
	const sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g).length;
	tap.ok(`it prints on five sheets or fewer (${sheets})`, sheets <= 5);
	await page.setViewportSize({ width: 390, height: 844 });
	tap.ok("it fits a phone", await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}

async function forEveryone(browser) {
	// axe is a script: only here the page's policy is passed over
	const context = await browser.newContext({ bypassCSP: true }), page = await context.newPage();
	await page.goto(`file://${html}`);
	await page.addScriptTag({ path: require.resolve("axe-core") });
	for (const l of ["en", "zh"]) {
		await page.click(`label[for=lang-${l}]`);
		const { violations } = await page.evaluate(() => axe.run());
		tap.is(`${l}: axe-core finds no violation`, violations.map((v) => [v.id, v.nodes.map((n) => n.html)]), []);
	}
}

(async () => {
	const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
	await strictly(browser);
	await forEveryone(browser);
	await browser.close();
	tap.done();
})().catch((e) => {
	console.log(`not ok - ${e.message}`);
	process.exit(1);
});
