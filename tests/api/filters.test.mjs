// What a text means as a filter: explained, taken apart, counted; every reply is checked against api/openapi.yaml.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
	{ sender: '', recipients: ['odd name@other.example'], age: 26 * 3600 },
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
	assert.deepEqual(await explain(''), { text: '', error: null, explanation: 'all messages', explanation_words: { code: 'explain_all', params: {} }, chips: [], more_chips: 0, counts: null, tree: null });
	assert.equal((await explain(' ', '&counts=true')).counts.matched, PLANTED.length);
	const wrong = await explain('é 💥 size>10q', '&counts=true');
	const { expected_words: words, ...error } = wrong.error;
	assert.deepEqual(error, { column: 10, expected: 'a size such as 500k or 10M (units k M G)' });
	assert.ok(words.code, 'the error has no words');
	assert.deepEqual([wrong.explanation, wrong.chips, wrong.tree, wrong.counts], [null, [], null, null]);
	assert.equal((await explain('x'.repeat(4097))).error.column, 4097);
	// Which values there are, where no message can have this one.
	const expected = 'incoming, active, deferred, hold or maildrop (did you mean hold?)';
	const held = (await explain('é age>2h queue:held')).error;
	assert.deepEqual([held.column, held.expected], [16, expected]);
	const { status, body } = await postroom.api('GET', `/messages?filter=${q('from:<> -queue:held')}`);
	assert.deepEqual([status, body.code, body.column, body.expected], [400, 'invalid_filter', 16, expected]);
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

const complete = (text, more = '') => postroom.get(`/filters/completions?text=${q(text)}${more}`);

// The text with an item in its place.
function taken(text, answer, item) {
	const chars = [...text];
	chars.splice(answer.column - 1, answer.length, item.insert);
	return chars.join('');
}

const matched = async (filter) => (await postroom.get(`/messages?filter=${q(filter)}`)).matched;

test('a field offers the values that are there, most frequent first, each with the count of its term', async () => {
	for (const field of ['queue:', 'from:', 'to:', 'domain:', 'subject:']) {
		const answer = await complete(field);
		assert.ok(answer.items.length > 0, field);
		for (const [i, item] of answer.items.entries()) {
			assert.deepEqual([item.kind, item.complete, item.field], ['value', true, field.slice(0, -1)]);
			assert.equal(await matched(taken(field, answer, item)), item.messages, item.insert);
			assert.ok(i === 0 || item.messages <= answer.items[i - 1].messages, item.insert);
		}
	}
	const senders = await complete('from:');
	assert.deepEqual(senders.items.map((item) => [item.insert, item.label, item.messages]), [['from:=orders@shop.example', 'orders@shop.example', 2],
		['from:<>', '<>', 1], ['from:=news@shop.example', 'news@shop.example', 1], ['from:=no@mail.example', 'no@mail.example', 1]]);
	assert.equal((await complete('from:', '&limit=2')).items.length, 2);
});

test('what is typed narrows the values, and they are quoted where they must be', async () => {
	const inserts = async (text, more) => (await complete(text, more)).items.map((item) => item.insert);
	assert.deepEqual(await inserts('from:NEW'), ['from:=news@shop.example']);
	assert.deepEqual(await inserts('from:*.ex*'), ['from:=orders@shop.example', 'from:=news@shop.example', 'from:=no@mail.example']);
	assert.deepEqual(await inserts('from:@'), ['from:*@shop.example', 'from:*@mail.example']);
	assert.deepEqual(await inserts('age>1h from:*@sh'), ['from:*@shop.example']);
	assert.deepEqual(await inserts('to:odd'), ['to:="\\"odd name\\"@other.example"']);
	assert.deepEqual(await inserts('from:mailer'), ['from:<>']);
	assert.deepEqual(await inserts('from:nobody'), []);
	for (const text of ['x (domain:oth', '-domain:"oth', 'domain:="other.example"']) {
		const answer = await complete(text);
		assert.deepEqual(answer.items.map((item) => [item.insert, item.messages]), [['domain:=other.example', 3]], text);
		assert.equal(taken(text, answer, answer.items[0]), text.replace(/domain.*/, 'domain:=other.example'));
	}
});

test('at the cursor fields are offered, then values of a bare word, and numbers with their units', async () => {
	const items = async (text, more) => (await complete(text, more)).items;
	const fields = (list) => list.filter((item) => item.kind === 'field').map((item) => item.insert);
	assert.deepEqual(fields(await items('', '&limit=50')), ['id:', 'queue:', 'from:', 'to:', 'domain:', 'reason:', 'cause:', 'remote_host:', 'client:', 'login:', 'helo:', 'subject:', 'deleting:', 'paused:',
		'age>', 'age<', 'size>', 'size<', 'next>', 'next<', 'recipients>', 'recipients<', 'expires>', 'expires<']);
	assert.deepEqual(fields(await items('x -re')), ['reason:', 'remote_host:', 'recipients>', 'recipients<']);
	assert.deepEqual((await items('shop')).map((item) => item.insert), ['from:=orders@shop.example', 'from:=news@shop.example']);
	assert.deepEqual((await items('age>2')).map((item) => [item.insert, item.label]),
		[['age>2m', 'older than 2 minutes'], ['age>2h', 'older than 2 hours'], ['age>2d', 'older than 2 days'], ['age>2w', 'older than 2 weeks'], ['age>2s', 'older than 2 seconds']]);
	assert.equal((await items('size<'))[0].label, 'smaller than 10 KiB');
	assert.deepEqual(await items('age>2x'), []);
	assert.deepEqual((await items('paused:')).map((item) => item.insert), ['paused:yes', 'paused:no']);
	assert.deepEqual((await items('paused:y')).map((item) => item.insert), ['paused:yes']);
	// In characters, with a cursor before the end.
	const text = 'é💥 from:new queue:hold';
	const answer = await complete(text, '&at=11');
	assert.deepEqual([answer.column, answer.length, answer.items.map((item) => item.insert)], [4, 8, ['from:=news@shop.example']]);
	assert.equal(taken(text, answer, answer.items[0]), 'é💥 from:=news@shop.example queue:hold');
	// In a field's name its value stays.
	const name = await complete('fro:new', '&at=2');
	assert.equal(name.items.length, 1);
	assert.deepEqual(await complete('x'.repeat(5000)).then((found) => found.items), []);
	for (const query of ['at=-1', 'at=x', 'limit=0', 'limit=51'])
		assert.equal((await postroom.api('GET', `/filters/completions?text=x&${query}`)).body.code, 'invalid_value', query);
});

test('two keys are a table whose filters select its cells', async () => {
	const table = await postroom.get('/groups?by=recipient_domain,age');
	assert.deepEqual(table.columns.map((column) => column.key), ['5', '10', '20', '40', '80', '160', '320', '640', '1280', '1280+']);
	const shape = (row) => [row.key, row.messages, row.recipients, row.cells.map((cell) => cell.recipients).join(' ')];
	assert.deepEqual(table.groups.map(shape), [
		['other.example', 3, 3, '0 0 0 0 0 0 2 0 0 1'], ['full.example', 2, 3, '0 0 2 0 0 0 1 0 0 0'], ['third.example', 1, 1, '1 0 0 0 0 0 0 0 0 0']]);
	assert.deepEqual([table.total.messages, table.total.recipients, table.other], [5, 7, null]);
	for (const row of table.groups)
		for (const [i, column] of table.columns.entries())
			assert.equal(await matched(`${row.filter} ${column.filter}`), row.cells[i].messages, `${row.key} ${column.key}`);
	// One row and one column, and everything else beyond.
	const cut = await postroom.get(`/groups?by=recipient_domain,sender_domain&limit=1&columns=1&filter=${q('age>1m')}`);
	assert.deepEqual(cut.groups.map(shape), [['other.example', 3, 3, '2']]);
	assert.deepEqual([cut.columns.length, cut.columns[0].key, cut.columns[0].messages], [1, 'shop.example', 3]);
	assert.deepEqual([cut.groups[0].other_columns.messages, cut.other.messages, cut.other.recipients, cut.other.cells[0].messages, cut.other.other_columns.messages], [1, 2, 3, 2, 0]);
	assert.equal(cut.total.messages, 4);
	// By age as rows: all of them, whatever the limit.
	const ages = await postroom.get('/groups?by=age,queue&limit=1');
	assert.deepEqual([ages.groups.length, ages.columns.map((column) => column.key)], [10, ['incoming', 'active', 'deferred', 'hold', 'deleting', 'maildrop']]);
	for (const by of ['sender', 'sender_domain', 'queue', 'recipient_domain'])
		for (const group of (await postroom.get(`/groups?by=${by}`)).groups)
			assert.equal(await matched(group.filter), group.messages, group.filter);
});

test('the examples of the manual mean what it says', async () => {
	const manual = readFileSync(new URL('../../man/postroom-filter.7', import.meta.url), 'utf8').split('.Sh EXAMPLES')[1];
	const examples = [...manual.matchAll(/\.Bd -literal -offset indent\n(.*)\n\.Ed\n\.D1 (.*)\n/g)];
	assert.ok(examples.length >= 6);
	for (const [, filter, meaning] of examples)
		assert.equal((await explain(filter)).explanation, meaning.replaceAll('\\(dq', '"'));
});
