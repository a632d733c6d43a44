// pages.js - the sample pages in a browser.
//
//	node pages.js BROWSER FOLDER [SHOTS]	SHOTS: a folder for pictures, for who looks at them
"use strict";
const { readdirSync, readFileSync } = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");
const tap = require("../lib/tap.js");

const [, , executablePath, folder, shots] = process.argv;
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pages = readdirSync(folder).filter((f) => f.endsWith(".html")).sort();
const sheets = { "marks.html": 5, "report.html": 5, "report_largest.html": 8 }; // at most

async function open(browser, file, width, more = {}) {
	const context = await browser.newContext({ viewport: { width, height: 900 }, ...more });
	const page = await context.newPage();
	page.asked = [];
	page.wrong = [];
	page.on("request", (r) => page.asked.push(r.url()));
	page.on("console", (m) => page.wrong.push(m.text()));
	page.on("pageerror", (e) => page.wrong.push(String(e)));
	await page.goto(pathToFileURL(path.join(folder, file)).href);
	return page;
}

async function violations(page) {
	// axe is put in by the debugger: the page's own policy lets no script in
	await page.evaluate(axe);
	const r = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
	return r.violations.map((v) => `${v.id}: ${v.nodes.length} times, ${v.nodes[0].html.slice(0, 120)}`);
}

// As a reader of screens meets it: pictures with a name, of the language that is shown.
async function pictures(page) {
	const client = await page.context().newCDPSession(page);
	const { nodes } = await client.send("Accessibility.getFullAXTree");
	return nodes.filter((n) => !n.ignored && n.role && ["image", "img"].includes(n.role.value.toLowerCase())).map((n) => n.name.value);
}

const chinese = (s) => /[\u4e00-\u9fff]/.test(s);
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function desk(browser, file) {
	const page = await open(browser, file, 1120);
	tap.is(`${file} asks for itself and nothing else`, page.asked.length, 1);
	tap.is(`${file} complains of nothing`, page.wrong, []);
	tap.is(`axe-core finds nothing in ${file}`, await violations(page), []);
	tap.ok(`${file} is as wide as its window`, (await overflow(page)) <= 0);
	if (shots) await page.screenshot({ path: path.join(shots, `${file}.en.png`), fullPage: true });
	const seen = await pictures(page);
	tap.ok(`every picture of ${file} has a name`, seen.length > 0 && seen.every((n) => n !== ""), JSON.stringify(seen));
	await page.context().close();
	return seen;
}

// ---- the switch: no script, the keyboard alone ----
async function languages(browser, file, english) {
	const page = await open(browser, file, 1120, { javaScriptEnabled: false });
	const h1 = () => page.locator("h1").innerText();
	const before = await h1();
	tap.ok(`${file} begins in English`, !chinese(before), before);
	await page.keyboard.press("Tab");
	await page.keyboard.press("ArrowRight");
	tap.ok(`a Tab and an arrow make ${file} Chinese, without a script`, chinese(await h1()), await h1());
	tap.ok("and nothing of it stays English", (await page.locator(".en:visible").count()) === 0);
	const focus = await page.evaluate(() => getComputedStyle(document.querySelector("label[for=lang-zh]")).outlineStyle).catch(() => "unseen");
	tap.ok("where the keyboard is, is seen", focus !== "none", focus);
	const seen = await pictures(page);
	tap.is(`${file} has as many pictures in Chinese`, seen.length, english.length);
	tap.ok("and their names are Chinese", seen.every(chinese), JSON.stringify(seen.filter((n) => !chinese(n))));
	if (shots) await page.screenshot({ path: path.join(shots, `${file}.zh.png`), fullPage: true });
	await page.locator("label[for=lang-en]").click();
	tap.is("a click goes back", await h1(), before);
	await page.context().close();
	const again = await open(browser, file, 1120);
	await again.locator("label[for=lang-zh]").click();
	tap.is(`axe-core finds nothing in ${file} in Chinese`, await violations(again), []);
	await again.context().close();
}

async function phone(browser, file) {
	const page = await open(browser, file, 390);
	tap.ok(`${file} is as wide as a phone`, (await overflow(page)) <= 0, `${await overflow(page)} pixels more`);
	tap.is(`axe-core finds nothing in ${file} on a phone`, await violations(page), []);
	if (shots) await page.screenshot({ path: path.join(shots, `${file}.phone.png`), fullPage: true });
	await page.context().close();
}

async function paper(browser, file) {
	const page = await open(browser, file, 1120);
	const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true, path: shots && path.join(shots, `${file}.pdf`) })).toString("latin1");
	const n = (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length;
	tap.ok(`${file} prints on ${sheets[file]} sheets at most`, n > 0 && n <= sheets[file], `${n} sheets`);
	tap.note(`${file}: ${n} sheets`);
	const [, w, h] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf).map(Number);
	tap.ok("of A4", Math.abs(w - 595) < 2 && Math.abs(h - 842) < 2, `${w} by ${h}`);
	await page.context().close();
}

(async () => {
	const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
	try {
		for (const file of pages) {
			const english = await desk(browser, file);
			await phone(browser, file);
			if (readFileSync(path.join(folder, file), "utf8").includes('id="lang-zh"')) await languages(browser, file, english);
			if (sheets[file]) await paper(browser, file);
		}
	} finally {
		await browser.close();
	}
	tap.done();
})();
