// Filters as nobody means them: as long as they may be and longer, deep, malformed in every way, and random bytes. Each is a filter or
// a mistake with its column and what was expected, the same one wherever it is asked, and the service goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, plant, queueFile, until } from '../harness/index.mjs';
import { size } from './size.mjs';

const MESSAGES = 30;
const TEXT_MAX = 65536;
const TERMS_MAX = 10000;
const DEPTH_MAX = 64;
let postfix, postroom;
const q = encodeURIComponent;
const sender = (i) => `user${i}@shop.example`;

before(async () => {
	postfix = await Postfix.start();
	for (let i = 0; i < MESSAGES; i++)
		plant(postfix, 'hold', `ABCD${(16 + i).toString(16).toUpperCase()}`, queueFile({ sender: sender(i), recipients: [`r${i}@full.example`], arrival: Math.floor(Date.now() / 1000) - 3600 }));
	postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).messages === MESSAGES);
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
});

// What a body says of a filter: {matched} of a view that is dropped again, or the problem.
async function view(filter) {
	const { status, body } = await postroom.api('POST', '/views', { filter });
	if (status === 201)
		await postroom.api('DELETE', `/views/${body.id}`);
	return { status, ...body };
}

async function mistake(filter, column, expected) {
	const problem = await view(filter);
	const what = filter.length < 200 ? filter : `${filter.slice(0, 40)}... (${filter.length})`;
	assert.deepEqual([problem.status, problem.code, problem.column], [400, 'invalid_filter', column], `${what}: ${problem.detail}`);
	assert.match(problem.expected, expected, what);
	const { body } = await postroom.api('POST', '/filters', { text: filter });
	assert.deepEqual(body.error, { column, expected: problem.expected, expected_words: problem.expected_words }, what);
	return problem;
}

test('10,000 terms are read, one more is a mistake', async () => {
	// A pasted list of senders, as long as the text may be; and as many terms as there may be.
	const list = [];
	for (let i = 0, length = 0; ; i++) {
		const term = `from:=${sender(i)}`;
		length += term.length + 4;
		if (length > TEXT_MAX)
			break;
		list.push(term);
	}
	assert.ok(list.length > 1500);
	assert.equal((await view(list.join(' or '))).matched, MESSAGES);
	assert.equal((await view(`-(${list.slice(0, 1500).join(' or ')})`)).matched, 0);
	assert.equal((await view(Array(TERMS_MAX).fill('u').join(' '))).matched, MESSAGES);
	assert.equal((await view(Array(TERMS_MAX).fill('zz').join(' -'))).matched, 0);
	assert.equal((await view(Array(TERMS_MAX - 1).fill('x').map((x, i) => (i % 2 ? 'age>1' : 'u')).join(' '))).matched, MESSAGES);
	await mistake(Array(TERMS_MAX + 1).fill('a').join(' '), 2 * TERMS_MAX + 1, /at most 10000 terms/);
	const explained = await postroom.api('POST', '/filters', { text: Array(TERMS_MAX).fill('u').join(' '), counts: true });
	assert.deepEqual([explained.status, explained.body.chips.length, explained.body.more_chips, explained.body.counts.matched], [200, 100, TERMS_MAX - 100, MESSAGES]);
});

test('64 KiB of one thing', async () => {
	const whole = (char, tail = '') => char.repeat(TEXT_MAX - tail.length) + tail;
	assert.equal((await view(whole('x'))).matched, 0);
	assert.equal((await view(whole(' ', 'user1@'))).matched, 1);
	assert.equal((await view(whole('-', 'user'))).matched, MESSAGES);
	assert.equal((await view(`from:${'*'.repeat(TEXT_MAX - 5)}`)).matched, MESSAGES);
	assert.equal((await view('not '.repeat(TEXT_MAX / 4 - 1) + 'user')).matched, 0);
	assert.equal((await view(`subject:"${'\\\\'.repeat(TEXT_MAX / 2 - 5)}"`)).matched, 0);
	await mistake(whole('('), DEPTH_MAX + 1, /at most 64 parentheses/);
	await mistake(whole('"'), 3, /a blank or \)/);
	await mistake(whole(')'), 1, /a term/);
	await mistake(whole('\\', '"'), TEXT_MAX, /quotes around/);
	await mistake(`"${'x'.repeat(TEXT_MAX - 1)}`, 1, /a closing "/);
	await mistake(whole('-'), TEXT_MAX + 1, /right after the -/);
	await mistake('or '.repeat(TEXT_MAX / 3), 1, /a term/);
	await mistake(`age>${'9'.repeat(TEXT_MAX - 4)}`, 5, /a time such as/);
	await mistake(`from:${'a?'.repeat(TEXT_MAX / 2 - 3)}`, 1, /at most 256 characters in a pattern/);
	for (const text of [whole('x', 'yz!') + '!', whole('💥'.repeat(2)).slice(0, TEXT_MAX)]) {
		const reply = await postroom.api('POST', '/views', { filter: text });
		assert.deepEqual([reply.status, reply.body.code, reply.body.member], [400, 'invalid_value', 'filter']);
	}
	// In an address there is less room, and what is longer than an address may be says so.
	const long = await postroom.api('GET', `/filters?text=${'x'.repeat(4097)}`);
	assert.deepEqual([long.status, long.body.error.column], [200, 4097]);
	const longer = await fetch(`${postroom.url}/api/v1/messages?filter=${'x'.repeat(20000)}`);
	assert.equal(longer.status, 414);
	assert.match(await longer.text(), /longer than 16384 bytes/);
});

test('parentheses inside each other', async () => {
	const deep = (depth, inner = 'user', open = '(') => open.repeat(depth) + inner + ')'.repeat(depth);
	assert.equal((await view(deep(DEPTH_MAX))).matched, MESSAGES);
	assert.equal((await view(deep(DEPTH_MAX, 'user', '-('))).matched, MESSAGES);
	assert.equal((await view(deep(DEPTH_MAX, 'user1@', 'zz or (').slice(0, -DEPTH_MAX) + ')'.repeat(DEPTH_MAX))).matched, 1);
	assert.equal((await view(Array(500).fill(deep(60, 'a')).join(' '))).matched, MESSAGES);
	await mistake(deep(DEPTH_MAX + 1), DEPTH_MAX + 1, /at most 64/);
	await mistake(`${deep(DEPTH_MAX)} ${deep(DEPTH_MAX + 1)}`, 130 + 4 + DEPTH_MAX, /at most 64/);
});

// Every form of a mistake: text, column, what is expected. `é` and `💥` are one character each.
const MALFORMED = [
	['or', 1, /a term/], ['and a', 1, /a term/], ['a or', 5, /a term/], ['a and', 6, /a term/], ['a or or b', 6, /a term/], ['not', 4, /a term/], ['not or a', 5, /a term/],
	['a or and b', 6, /a term/], ['()', 2, /a term/], ['( )', 3, /a term/], ['(a', 1, /a closing \)/], ['((a)', 1, /a closing \)/], ['a (b', 3, /a closing \)/],
	['a)', 2, /a \( before/], ['(a))', 4, /a \( before/], [')', 1, /a term/], ['(or a)', 2, /a term/], ['(a or)', 6, /a term/], ['(a)b', 4, /a blank between/],
	['-', 2, /right after the -/], ['a -', 4, /right after the -/], ['- a', 2, /right after the -/], ['--', 3, /right after the -/], ['-)', 2, /a term/], ['-or', 2, /a term/],
	['"', 1, /a closing "/], ['"a', 1, /a closing "/], ['from:"a', 6, /a closing "/], ['"a"b', 4, /a blank or \)/], ['"a\\b"', 3, /after a backslash/], ['"a\\', 3, /after a backslash/],
	['a"b', 2, /quotes around/], ['a(b', 2, /quotes around/], ['from:a(b)', 7, /quotes around/], ['from:', 6, /a text right after/], ['from: a', 6, /a text right after/],
	['from:=', 7, /a text right after/], ['(from:)', 7, /a text right after/], ['from', null], ['from>a', 5, /: or =/], ['from<a', 5, /: or =/], ['from:<a', 6, /has no order/],
	['form:a', 1, /a field \(did you mean from:\?\)/], ['sise>1', 1, /a field/], ['x=1', 1, /a field/], ['http://x', 1, /a field/], ['size:1', 5, /one of >/], ['size', null],
	['size>', 6, /a size such as/], ['size>x', 6, /a size/], ['size>10q', 6, /a size/], ['size>10kk', 6, /a size/], ['size>-1', 6, /a size/], ['size>1.5M', 6, /a size/], ['size>>1', 6, /a size/],
	['size=>1', 6, /a size/], ['size>99999999999999999999', 6, /a size/], ['size>99999999999G', 6, /a size/], ['age>2y', 5, /a time such as/], ['age>2 h', null], ['age>h', 5, /a time/],
	['age>-5m', 5, /a time/], ['next<-', 6, /a time/], ['next<--5', 6, /a time/], ['recipients>2k', 12, /a whole number/], ['recipients>"1"', 12, /a whole number/], ['recipients>0x1', 12, /a whole number/],
	['é 💥 form:x', 5, /a field/], ['\u202e(', 2, /quotes around/], ['\t\r\n(a', 4, /a closing \)/], [`from:${'?a'.repeat(129)}`, 1, /at most 256/],
];

test('every malformed form has its column and what was expected, wherever it is asked', async () => {
	for (const [text, column, expected] of MALFORMED) {
		const { error } = await postroom.get(`/filters?text=${q(text)}`);
		if (column === null) {
			assert.equal(error, null, text);
			continue;
		}
		assert.equal(error?.column, column, text);
		assert.match(error.expected, expected, text);
		for (const path of [`/messages?filter=${q(text)}`, `/groups?by=queue&filter=${q(text)}`, `/groups?by=queue,age&filter=${q(text)}`]) {
			const { status, body } = await postroom.api('GET', path);
			assert.deepEqual([status, body.code, body.column, body.expected], [400, 'invalid_filter', column, error.expected], path);
		}
		await mistake(text, column, expected);
	}
	const { status, stdout, stderr } = await postroom.cli('delete', '--yes', 'from:shop.example', '(or');
	assert.deepEqual([status, stdout], [2, '']);
	assert.match(stderr, /expected a term/);
	assert.equal((await postroom.get('/queue')).messages, MESSAGES);
});

test('bytes that are no text are refused, and text that misleads stays itself', async () => {
	for (const bad of ['%00', 'a%00b', '%ff', '%c3', '%ed%a0%80', '%f5%80%80%80', '%zz'])
		for (const path of [`/messages?filter=${bad}`, `/filters?text=${bad}`, `/filters/completions?text=${bad}`])
			assert.equal((await postroom.api('GET', path)).body.code, 'bad_request', path);
	for (const body of ['{"filter":"a\\u0000b"}', Buffer.from('7b2266696c746572223a22ff227d', 'hex'), '{"filter":"\\ud800"}'])
		assert.equal((await postroom.api('POST', '/views', body)).body.code, 'invalid_json');
	for (const text of ['\u202euser\u202c', '\u200buser', 'us\u0301er', '\u00a0', '\ufeffuser', 'user\u0007', '\u2028']) {
		const answer = await postroom.get(`/filters?text=${q(text)}`);
		assert.equal(answer.error, null);
		assert.ok(answer.explanation.includes(text), JSON.stringify(text));
		assert.equal((await view(text)).matched, 0, JSON.stringify(text));
	}
});

// The same sequence in every run (mulberry32).
function random(seed) {
	return () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const PIECES = ['from:', 'to:=', 'age', 'size>', 'next<-', 'recipients', ':', '=', '>', '<', '<>', '"', '\\', '(', ')', '-', ' ', ' ', ' ', 'or', ' or ', ' and ', 'not ', '*', '?', 'user', '1', '5m', '10k',
	'é', '💥', '\u202e', '\t', '\u0001', '\u00a0', 'shop.example', 'queue:hold', 'reason:"over quota"'];

test('random texts are filters or mistakes, the same for all who ask', async () => {
	const next = random(20261122);
	const pick = (list) => list[Math.floor(next() * list.length)];
	let filters = 0;
	for (let i = 0; i < size(250, 10000); i++) {
		const text = Array.from({ length: 1 + Math.floor(next() * 12) }, () => pick(PIECES)).join('');
		const chars = [...text];
		const answer = await postroom.get(`/filters?text=${q(text)}`);
		const made = await view(text);
		if (answer.error) {
			assert.ok(answer.error.column >= 1 && answer.error.column <= chars.length + 1, JSON.stringify(text));
			assert.deepEqual([made.status, made.column, made.expected], [400, answer.error.column, answer.error.expected], JSON.stringify(text));
		} else {
			filters++;
			assert.equal(made.status, 201, JSON.stringify(text));
			for (const chip of answer.chips) {
				const rest = [...chars];
				rest.splice(chip.removal.column - 1, chip.removal.length);
				assert.equal((await postroom.get(`/filters?text=${q(rest.join(''))}`)).error, null, JSON.stringify([text, rest.join('')]));
			}
		}
		// What is offered at any place is there to be taken.
		const found = await postroom.get(`/filters/completions?text=${q(text)}&at=${Math.floor(next() * (chars.length + 1))}`);
		assert.ok(found.column - 1 + found.length <= chars.length, JSON.stringify(text));
	}
	assert.ok(filters > size(250, 10000) / 10, `${filters} were filters`);
	assert.equal((await postroom.get('/queue')).messages, MESSAGES);
});
