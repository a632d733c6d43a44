// twiml.js - reads TwiML as a vendor does: strictly, and nothing before the document.
"use strict";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const unescape = (s) => {
	if (/[<>]/.test(s)) throw new Error("a raw bracket in a text");
	return s.replace(/&([^;&]*);?/g, (whole, name) => {
		if (!whole.endsWith(";") || !(name in ENTITIES)) throw new Error("a bad entity");
		return ENTITIES[name];
	});
};

const attributes = (s) => {
	const out = {};
	const rest = s.replace(/\s+([A-Za-z]+)="([^"]*)"/g, (_, name, value) => {
		if (name in out) throw new Error("an attribute twice");
		out[name] = unescape(value);
		return "";
	});
	if (rest.trim() !== "") throw new Error("what is no attribute");
	return out;
};

// { name, attributes, children, text } of the one element of the document.
exports.parse = (xml) => {
	const head = '<?xml version="1.0" encoding="UTF-8"?>';
	if (!xml.startsWith(head)) throw new Error("no declaration first");
	if (Buffer.byteLength(xml) > 65536) throw new Error("longer than a vendor reads");
	// eslint-disable-next-line no-control-regex
	if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/.test(xml)) throw new Error("a control character");
	const tag = /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z]+="[^"]*")*)\s*(\/?)>/y;
	const root = { children: [], text: "" };
	const open = [root];
	for (let at = head.length; at < xml.length;) {
		const here = open[open.length - 1];
		const next = xml.indexOf("<", at);
		const end = next < 0 ? xml.length : next;
		here.text += unescape(xml.slice(at, end));
		if (next < 0) break;
		tag.lastIndex = end;
		const m = tag.exec(xml);
		if (m === null) throw new Error("what is no tag");
		at = tag.lastIndex;
		if (m[1] === "/") {
			if (open.pop().name !== m[2]) throw new Error("tags that cross");
			continue;
		}
		const element = { name: m[2], attributes: attributes(m[3]), children: [], text: "" };
		here.children.push(element);
		if (m[4] !== "/") open.push(element);
	}
	if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== "") throw new Error("not one document");
	if (root.children[0].name !== "Response") throw new Error("no Response");
	return root.children[0];
};
