// tap.js - Test Anything Protocol, as tests/lib/tap.sh has it.
"use strict";
let count = 0, failed = 0;

exports.ok = (name, good, note = "") => {
	count += 1;
	if (!good) failed += 1;
	console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
	if (!good && note !== "") console.log(`# ${note}`);
};
exports.is = (name, got, wanted) =>
	exports.ok(name, JSON.stringify(got) === JSON.stringify(wanted), `got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
exports.note = (text) => console.log(`# ${text}`);
exports.done = () => {
	console.log(`1..${count}`);
	process.exitCode = failed === 0 ? 0 : 1;
};
