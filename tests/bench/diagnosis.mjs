// What `make bench-diagnosis` prints: how many replies are told right, how many line ends change anything, whether all of
// Postfix's own texts are known, and what it costs; each beside an older version where BEFORE names a commit.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const read = (name) => readFileSync(join(ROOT, 'tests/fixtures', name), 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));

/** The two programs of a version, built from its own source and this version's tests/bench. */
function build(folder, before) {
	const at = (name) => join(folder, name), out = mkdtempSync(join(tmpdir(), 'bench-diagnosis-'));
	execFileSync('python3', [at('src/postfix/diagnoses_to_c.py'), at('src/postfix/diagnoses.ini'), join(out, 'table.c')]);
	const sources = ['reason.c', 'diagnosis.c', 'reply.c'].filter((name) => readdirSync(at('src/postfix')).includes(name)).map((name) => at(`src/postfix/${name}`));
	sources.push(join(out, 'table.c'), ...readdirSync(at('src/base')).filter((name) => /(?<!_test)\.c$/.test(name)).map((name) => at(`src/base/${name}`)));
	for (const name of ['name', 'time'])
		execFileSync('cc', ['-O2', '-std=gnu17', '-D_GNU_SOURCE', ...(before ? ['-DBEFORE'] : []), `-I${at('src')}`, '-o', join(out, name),
			join(ROOT, `tests/bench/diagnosis_${name}.c`), ...sources]);
	const names = (reasons) => execFileSync(join(out, 'name'), { input: `${reasons.join('\n')}\n`, maxBuffer: 1 << 28 }).toString().split('\n')
		.slice(0, reasons.length).map((line) => line.split('\t'));
	const time = () => execFileSync(join(out, 'time'), [join(ROOT, 'tests/fixtures/replies.tsv')]).toString().trim().split(' ').map(Number);
	return { names, time, out };
}

/** Of rows [wanted, reason]: how many keys are right; any of several divided by `/` is, and `here` is a place. */
function right(version, rows) {
	const found = version.names(rows.map((row) => row.at(-1)));
	return found.filter(([key, where], i) => (rows[i][0] === 'here' ? where === 'here' : rows[i][0].split('/').includes(key))).length;
}

/** Each reply broken at each of its blanks, as servers do it: [unbroken, broken]. */
function breaks(rows) {
	const pairs = [];
	for (const reason of rows.map((row) => row.at(-1))) {
		const parts = /^(.*? (?:said|refused to talk to me): )([45]\d\d) ((?:[245]\.\d+\.\d+ )?)(.*?)( \(in reply to .*)?$/.exec(reason);
		if (!parts) continue;
		const [, front, code, status, words, tail = ''] = parts;
		for (let at = words.indexOf(' '); at >= 0; at = words.indexOf(' ', at + 1))
			pairs.push([reason, `${front}${code}-${status}${words.slice(0, at)} ${code} ${status}${words.slice(at + 1)}${tail}`]);
	}
	return pairs;
}

function changed(version, pairs) {
	const plain = version.names(pairs.map(([reason]) => reason)), broken = version.names(pairs.map(([, reason]) => reason));
	return plain.filter((one, i) => one[0] !== broken[i][0] || one[2] !== broken[i][2]).length;
}

function own(version, rows) {
	const found = version.names(rows.map((row) => row[3]));
	return found.filter(([key, where], i) => where === rows[i][2] && !/^(unrecognised|class-)/.test(key.replace('class-protocol', ''))).length;
}

function older() {
	const ref = process.env.BEFORE;
	if (!ref) return null;
	const folder = mkdtempSync(join(tmpdir(), 'bench-before-'));
	mkdirSync(folder, { recursive: true });
	execFileSync('sh', ['-c', `git -C "${ROOT}" archive "$1" src/base src/postfix | tar -x -C "${folder}"`, 'sh', ref]);
	return { ...build(folder, true), folder };
}

const versions = [build(ROOT, false), older()].filter(Boolean);
const tuned = read('replies.tsv'), heldOut = read('replies-held-out.tsv'), texts = read('postfix-texts.tsv'), pairs = breaks([...tuned, ...heldOut]);
const percent = (part, whole) => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
const times = versions.map((version) => version.time());
const row = (what, of) => console.log(`| ${what} | ${versions.map(of).join(' | ')} |`);

console.log(`| what | now |${versions.length > 1 ? ` ${process.env.BEFORE} |` : ''}\n|---|---|${versions.length > 1 ? '---|' : ''}`);
row('replies of tests/fixtures/replies.tsv told right', (version) => percent(right(version, tuned), tuned.length));
row('held-out replies told right', (version) => percent(right(version, heldOut), heldOut.length));
row('line ends that change diagnosis or class', (version) => percent(changed(version, pairs), pairs.length));
row('texts of Postfix itself known, and on the right side', (version) => percent(own(version, texts), texts.length));
row('a diagnosis', (_, i) => `${times[i][2]} ns`);
row('a class', (_, i) => `${times[i][3]} ns`);
console.log(`\nTimes: processor time, median of 15 runs over ${times[0][0]} replies of ${times[0][1]} bytes on average.`);
for (const { out, folder } of versions)
	for (const path of [out, folder].filter(Boolean)) rmSync(path, { recursive: true });
