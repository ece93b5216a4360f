// What a text means as a filter: explained, taken apart, counted; every reply is checked against api/openapi.yaml.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, plant, queueFile, until } from '../harness/index.mjs';

let postfix, postroom;
const q = encodeURIComponent;
const now = () => Math.floor(Date.now() / 1000);

// Nothing moves in hold, so every number below is exact.
const PLANTED = [
	{ sender: 'orders@shop.example', recipients: ['a@full.example', 'b@full.example'], age: 600 },
	{ sender: 'orders@shop.example', recipients: ['a@full.example', 'c@other.example'], age: 3 * 3600 },
	{ sender: 'news@shop.example', recipients: ['d@other.example'], age: 3 * 3600 },
	{ sender: '', recipients: ['"odd name"@other.example'], age: 26 * 3600 },
	{ sender: 'no@mail.example', recipients: ['e@third.example'], age: 30 },
];

before(async () => {
	postfix = await Postfix.start();
	PLANTED.forEach(({ sender, recipients, age }, i) => plant(postfix, 'hold', `ABCDE${i}`, queueFile({ sender, recipients, arrival: now() - age })));
	postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).messages === PLANTED.length);
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
});

const explain = (text, more = '') => postroom.get(`/filters?text=${q(text)}${more}`);

test('a filter is explained, with its tree and chips in columns of characters', async () => {
	const text = 'from:"Shöp 💥" -(age>2h or size<=10k)';
	const answer = await explain(text);
	assert.equal(answer.text, text);
	assert.equal(answer.error, null);
	assert.equal(answer.explanation, 'messages whose sender contains "shöp 💥", not (older than 2 hours or of at most 10 KiB)');
	assert.deepEqual(answer.chips.map((chip) => [chip.column, chip.length, chip.text, chip.negated, chip.removal]), [
		[1, 13, 'from:"Shöp 💥"', false, { column: 1, length: 14 }],
		[15, 22, '-(age>2h or size<=10k)', true, { column: 14, length: 23 }]]);
	assert.deepEqual(answer.tree, { kind: 'and', column: 1, length: 36, terms: [
		{ kind: 'text', column: 1, length: 13, field: 'from', match: 'contains', value: 'shöp 💥' },
		{ kind: 'not', column: 15, length: 22, terms: [{ kind: 'or', column: 16, length: 21, terms: [
			{ kind: 'number', column: 17, length: 6, field: 'age', op: '>', value: 7200 },
			{ kind: 'number', column: 27, length: 9, field: 'size', op: '<=', value: 10240 }] }] }] });
	assert.equal(answer.counts, null);
	// The page cuts by these columns: what is left of either chip is the other.
	for (const [i, chip] of answer.chips.entries()) {
		const chars = [...text];
		chars.splice(chip.removal.column - 1, chip.removal.length);
		assert.equal(chars.join(''), answer.chips[1 - i].text);
	}
});

test('the empty filter, and one that is no filter, are answers too', async () => {
	assert.deepEqual(await explain(''), { text: '', error: null, explanation: 'all messages', chips: [], more_chips: 0, counts: null, tree: null });
	assert.equal((await explain(' ', '&counts=true')).counts.matched, PLANTED.length);
	const wrong = await explain('é 💥 size>10q', '&counts=true');
	assert.deepEqual(wrong.error, { column: 10, expected: 'a size such as 500k or 10M (units k M G)' });
	assert.deepEqual([wrong.explanation, wrong.chips, wrong.tree, wrong.counts], [null, [], null, null]);
	assert.equal((await explain('x'.repeat(4097))).error.column, 4097);
});

test('a long filter goes in a body', async () => {
	const text = Array.from({ length: 10000 }, (_, i) => `a${i}`).join(' ').slice(0, 60000);
	const { status, body } = await postroom.api('POST', '/filters', { text });
	assert.equal(status, 200);
	assert.equal(body.chips.length, 100);
	assert.equal(body.tree.terms.length, 100 + body.more_chips);
	assert.match(body.explanation, /more$/);
	const wrong = await postroom.api('POST', '/filters', { text: `${text} (` });
	assert.deepEqual([wrong.status, wrong.body.error.column], [200, text.length + 3]);
	for (const [question, code] of [[{}, 'missing_member'], [{ text: 7 }, 'invalid_value'], [{ text: 'x'.repeat(65537) }, 'invalid_value'],
		[{ text: '', counts: 1 }, 'invalid_value'], [{ text: '', more: true }, 'unknown_member'], [{ text: 'a\0b' }, 'invalid_json']]) {
		const reply = await postroom.api('POST', '/filters', question);
		assert.deepEqual([reply.status, reply.body.code], [400, code], JSON.stringify(question));
	}
	const bad = await postroom.api('GET', '/filters?text=x&counts=maybe');
	assert.deepEqual([bad.status, bad.body.code], [400, 'invalid_value']);
});

test('where nothing matches, the counts tell which term does it', async () => {
	const answer = await explain('from:shop.example age>2h domain:third.example', '&counts=true');
	assert.deepEqual([answer.counts.matched, answer.counts.undecided, answer.counts.complete], [0, 0, true]);
	assert.deepEqual(answer.chips.map((chip) => [chip.matched, chip.matched_without]), [[3, 0], [3, 0], [1, 2]]);
	const or = await explain('from:shop.example or from:<>', '&counts=true');
	assert.deepEqual([or.counts.matched, or.chips.map((chip) => [chip.matched, chip.matched_without])], [4, [[4, 5]]]);
	// A field that this source does not give in hold files: next is decided, it is only for what is deferred.
	assert.equal((await explain('next<0', '&counts=true')).counts.matched, 0);
});
