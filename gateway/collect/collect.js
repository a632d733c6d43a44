// collect.js - what a shop's pages load: events for analysis, of those who want it.
//
//	<script src="https://door.example/collect.js" data-key="wk_web_0001"></script>
//	scrim.consent(3)	the person has said yes to the text of version 3
//	scrim.withdraw()	the person takes it back: what is kept here goes, the door is told
//	scrim.page()		another page, where no navigation tells
//	scrim.track(name, properties)
//
// Until scrim.consent() nothing is sent, kept or remembered; with Global Privacy Control
// or Do Not Track, never. It reads no form, title, canvas or font, of the address the path
// alone, of the referrer the host; loads nothing; and never throws.
//
// Comments, blank lines and indentation do not travel (minify.awk): what is left is at most 2,048 bytes.
(function (w, d, n) {
	"use strict";
	var me = d.currentScript, id, version, queue = [], inputs = 0, timer, pause = 3e3, path, most = 20,
		store = "scrim", types = ["click", "keydown", "touchstart", "wheel"];

	// Nothing of ours breaks a page.
	function safe(f) {
		return function (a, b) { try { f(a, b) } catch (e) { } }
	}
	function no() {
		return n.globalPrivacyControl || n.doNotTrack == 1 || w.doNotTrack == 1
	}
	function random() {
		return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b) {
			return (b + 256).toString(16).slice(1)
		}).join("")
	}
	function keep(f) {
		try { return f(localStorage) } catch (e) { }
	}

	// What fails comes again, with the same ids; after a withdrawal, that alone.
	function post(events) {
		var of = id;
		function again() {
			if ((id != of || !id) && !events[0].word) return;
			queue = events.concat(queue).slice(-200);
			pause = Math.min(pause * 2, 3e5);
			later()
		}
		fetch(new URL("/v1/batch", me.src), {
			method: "POST", credentials: "omit", keepalive: true, referrerPolicy: "no-referrer",
			body: JSON.stringify({ writeKey: me.dataset.key, batch: events, sentAt: new Date, c: version, w: n.webdriver || void 0 })
		}).then(function (r) {
			if (r.status > 499 || r.status == 429) again();
			else pause = 3e3
		}, again)
	}
	function flush() {
		clearTimeout(timer);
		timer = 0;
		while (queue.length) post(queue.splice(0, most))
	}
	function later() {
		timer = timer || setTimeout(safe(flush), pause)
	}
	function put(e) {
		if (!id || no()) return;
		e.messageId = random();
		e.anonymousId = id;
		e.timestamp = new Date;
		e.i = Math.min(inputs, 99);
		inputs = 0;
		queue.push(e);
		if (queue.length < most || pause > 3e3) later();
		else flush()
	}
	function page() {
		var p = location.pathname;
		if (!id || p == path) return;
		put({ type: "page", properties: { path: p, referrer: path ? void 0 : d.referrer.split("/").slice(0, 3).join("/") } });
		path = p
	}

	types.forEach(function (t) {
		w.addEventListener(t, function (e) { inputs += e.isTrusted }, { capture: true, passive: true })
	});
	w.addEventListener("popstate", safe(page));
	d.addEventListener("visibilitychange", safe(function () { if (d.hidden) flush() }));

	w.scrim = {
		consent: safe(function (v) {
			if (no() || !v) return;
			version = v;
			id = id || keep(function (s) { return s[store] }) || random();
			keep(function (s) { s[store] = id });
			page()
		}),
		withdraw: safe(function () {
			var of = id || keep(function (s) { return s[store] });
			queue = [];
			keep(function (s) { s.removeItem(store) });
			id = path = 0;
			if (of && !no()) post([{ type: "consent", word: "withdraw", anonymousId: of, messageId: random(), timestamp: new Date, c: version }])
		}),
		page: safe(page),
		track: safe(function (name, properties) {
			put({ type: "track", event: name, properties: properties, context: { page: { path: location.pathname } } })
		})
	}
})(window, document, navigator)
