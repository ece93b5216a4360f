// What the queue consists of: the table of domains by age is what qshape(1) counts on the same queue, and the API,
// the command line's list and groups, and every preview say the same number for the same filter.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, Sink, plant, queueFile, until } from '../harness/index.mjs';

let silent, postfix, postroom;
const q = encodeURIComponent;
const minutes = (age) => Math.floor(Date.now() / 1000) - age * 60 + 20;

// In hold and, with their next attempt hours ahead, in deferred. Ages are in the middle of qshape's steps.
const PLANTED = [
	['hold', 6, 'orders@shop.example', ['a@full.example', 'b@full.example', 'c@Other.EXAMPLE']],
	['hold', 30, 'orders@shop.example', ['a@full.example']],
	['hold', 30, '', ['bounced@third.example']],
	['hold', 200, 'Someone@News.Example', ['a@full.example', 'd@other.example']],
	['deferred', 15, 'orders@shop.example', ['e@other.example']],
	['deferred', 65, 'news@news.example', ['a@full.example', 'f@sub.full.example']],
	['deferred', 120, 'news@news.example', ['a@full.example']],
	['deferred', 500, '', ['g@other.example']],
	['deferred', 1000, 'orders@shop.example', ['h@third.example']],
	['deferred', 5000, 'orders@shop.example', ['h@third.example', 'i@third.example']],
];

before(async () => {
	// What goes there stays in active: nobody ever greets.
	silent = await Sink.start({ greeting: () => 'silent' });
	postfix = await Postfix.start({ transports: { 'silent.example': `smtp:[127.0.0.1]:${silent.port}` } });
	PLANTED.forEach(([queue, age, sender, recipients], i) => plant(postfix, queue, `ABCD${i}${i}`, queueFile({ arrival: minutes(age), sender, recipients })));
	// Forced to expire: the one that qshape leaves out.
	plant(postfix, 'hold', 'ABCDFF', queueFile({ arrival: minutes(30), recipients: ['forced@third.example'] }), { mode: 0o710 });
	for (const to of ['x@silent.example', 'y@silent.example'])
		await postfix.untilIn('active', await postfix.inject({ from: 'orders@shop.example', to: [to] }));
	await postfix.injectDeferred({ from: 'new@mail.example', to: ['j@full.example'] });
	postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => {
		const { messages, counts } = await postroom.get('/queue');
		return messages === PLANTED.length + 4 && counts.active === 2;
	});
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
	silent?.stop();
});

// {name: [total, then each step]} of qshape, or of the command line's table, which looks alike.
function shape(text) {
	const rows = {};
	for (const line of text.trim().split('\n').slice(1)) {
		const [name, ...numbers] = line.trim().split(/\s+/);
		rows[name] = numbers.map(Number);
	}
	return rows;
}

function qshape(...args) {
	return shape(execFileSync('qshape', ['-c', postfix.config, ...args], { encoding: 'utf8' }));
}

// The same of the API. `mode`: what qshape leaves out is left out.
async function table(by, filter, what) {
	const reply = await postroom.get(`/groups?by=${by},age&limit=1000&filter=${q(filter)}`);
	const rows = { TOTAL: [reply.total[what], ...reply.columns.map((column) => column[what])] };
	for (const row of reply.groups)
		rows[row.key ?? 'MAILER-DAEMON'] = [row[what], ...row.cells.map((cell) => cell[what])];
	return rows;
}

test('domains by age are what qshape counts, in every queue', async () => {
	const without = '-id:=ABCDFF';
	for (const queues of [['deferred'], ['hold'], ['active'], ['incoming', 'active'], ['hold', 'deferred', 'incoming', 'active']]) {
		const filter = `${without} (${queues.map((name) => `queue:=${name}`).join(' or ')})`;
		assert.deepEqual(await table('recipient_domain', filter, 'recipients'), qshape(...queues), queues.join(' '));
		assert.deepEqual(await table('sender_domain', filter, 'messages'), qshape('-s', ...queues), queues.join(' '));
	}
	const { rows: columns } = { rows: (await postroom.get('/groups?by=recipient_domain,age')).columns };
	assert.deepEqual(columns.map((column) => column.key), ['5', '10', '20', '40', '80', '160', '320', '640', '1280', '1280+']);
});

test('what qshape leaves out is counted', async () => {
	const ours = await table('recipient_domain', 'queue:hold', 'recipients');
	const theirs = qshape('hold');
	assert.equal(ours.TOTAL[0], theirs.TOTAL[0] + 1);
	assert.equal(ours['third.example'][4], theirs['third.example'][4] + 1);
});

test('postroom groups prints the same table', async () => {
	const printed = await postroom.cli('groups', '--by', 'recipient_domain,age', '--limit', '0', '-id:=ABCDFF', 'queue:deferred');
	assert.equal(printed.status, 0, printed.stderr);
	assert.match(printed.stdout, /^recipients +total +5 +10 +20 +40 +80 +160 +320 +640 +1280 +1280\+\nTOTAL /);
	assert.deepEqual(shape(printed.stdout), qshape('deferred'));
	const senders = shape((await postroom.cli('groups', '--by', 'sender_domain,age', 'queue:hold', '-id:=ABCDFF')).stdout.replace('(not known)', 'MAILER-DAEMON'));
	assert.deepEqual(senders, qshape('-s', 'hold'));
	const json = (await postroom.cli('groups', '--json', '--by', 'recipient_domain,age', 'queue:hold')).stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(json.map((row) => row.key), ['full.example', 'other.example', 'third.example']);
	assert.deepEqual(json[0].cells.filter((cell) => cell.messages > 0).map((cell) => [cell.key, cell.messages, cell.recipients]), [['10', 1, 2], ['40', 1, 1], ['320', 1, 1]]);
	// What does not fit is summed up, and the sums are right.
	const cut = await postroom.cli('groups', '--by', 'recipient_domain,sender', '--limit', '1');
	assert.match(cut.stdout, /\(all others\)/);
	const none = await postroom.cli('groups', '--by', 'age,queue', 'from:nobody');
	assert.deepEqual([none.status, none.stdout], [1, '']);
	assert.match(none.stderr, /nothing matched/);
});

const FILTERS = ['', 'queue:hold', 'from:shop.example', 'from:<>', '-from:<>', 'to:a@full.example', 'domain:=other.example', 'domain:*full.example',
	'age>1h', 'age>10m age<3h', 'queue:deferred (age>1h or from:<>)', 'recipients>1', 'size>1', '-(queue:hold or queue:deferred)', 'id:ABCD', 'full', 'next>1h', 'from:nobody'];

test('API, list, groups and every preview say the same number', async () => {
	for (const filter of FILTERS) {
		const { matched } = await postroom.get(`/messages?filter=${q(filter)}`);
		const words = filter === '' ? [] : [filter];
		const counted = await postroom.cli('list', '--count', ...words);
		assert.deepEqual([counted.stdout, counted.status], [`${matched}\n`, matched > 0 ? 0 : 1], filter);
		const listed = await postroom.cli('list', '--json', ...words);
		assert.equal(listed.stdout.split('\n').filter(Boolean).length, matched, filter);
		for (const by of ['queue', 'sender', 'age']) {
			const groups = (await postroom.cli('groups', '--json', '--limit', '0', '--by', by, ...words)).stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
			assert.equal(groups.reduce((sum, group) => sum + group.messages, 0), matched, `${by}: ${filter}`);
		}
		const explained = await postroom.get(`/filters?counts=true&text=${q(filter)}`);
		assert.equal(explained.counts.matched, matched, filter);
		// Every action's preview shows the same set; a release what is on hold of it.
		const held = (await postroom.get(`/messages?filter=${q(`queue:hold ${filter && `(${filter})`}`)}`)).matched;
		for (const action of filter === 'domain:=other.example' ? ['retry', 'hold', 'release', 'requeue', 'delete', 'bounce'] : ['delete']) {
			const dry = await postroom.cli(action, '--dry-run', '--json', ...(filter === '' ? ['--all'] : words));
			if (matched === 0)
				assert.equal(dry.status, 1, filter);
			else
				assert.equal(JSON.parse(dry.stdout).matched, action === 'release' ? held : matched, `${action}: ${filter}: ${dry.stderr}`);
		}
	}
	const json = await postroom.cli('list', '--count', '--json', 'queue:hold');
	assert.equal(JSON.parse(json.stdout).matched, 5);
});

test('a filter that is too long for an address is taken all the same', async () => {
	const long = Array.from({ length: 1500 }, (_, i) => `from:=user${i}@shop.example`).join(' or ') + ' or from:=orders@shop.example';
	const { matched } = await postroom.get('/messages?filter=from:=orders@shop.example');
	assert.equal((await postroom.cli('list', '--count', long)).stdout, `${matched}\n`);
	const ids = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line).id);
	assert.deepEqual(ids((await postroom.cli('list', '--json', '--sort', 'size', long)).stdout), ids((await postroom.cli('list', '--json', '--sort', 'size', 'from:=orders@shop.example')).stdout));
	assert.equal(ids((await postroom.cli('list', '--json', '--limit', '2', long)).stdout).length, 2);
	for (const by of ['queue', 'recipient_domain,age'])
		assert.equal((await postroom.cli('groups', '--json', '--by', by, long)).stdout, (await postroom.cli('groups', '--json', '--by', by, 'from:=orders@shop.example')).stdout);
	assert.equal(JSON.parse((await postroom.cli('hold', '--dry-run', '--json', long)).stdout).matched, matched);
	const wrong = await postroom.cli('list', `${long} or (`);
	assert.equal(wrong.status, 2);
	assert.match(wrong.stderr, /\n {2}\.\.\. .*orders@shop\.example or \(\n +\^\n$/);
});

test('a wrong filter is shown with a caret under the mistake', async () => {
	const fault = async (...words) => (await postroom.cli('list', ...words)).stderr.split('\n');
	assert.deepEqual(await fault('from:x', 'size>10q'), ['postroom list: at column 13 of the filter, expected a size such as 500k or 10M (units k M G)', '  from:x size>10q', '              ^', '']);
	assert.deepEqual((await fault('é💥', 'form:x')).slice(1), ['  é💥 form:x', '      ^', '']);
	assert.deepEqual((await fault('x\u001b', 'form:x')).slice(1, 3), ['  x<U+001B> form:x', '            ^']);
	const long = await fault(`${'abcde '.repeat(20)}form:x ${'f'.repeat(90)}`);
	assert.match(long[1], /^ {2}\.\.\. .*abcde form:x f+\.\.\.$/);
	assert.equal(long[1].indexOf('form:x'), long[2].indexOf('^'));
	for (const args of [['groups', '--by', 'queue', 'a or'], ['delete', '--dry-run', 'a or']])
		assert.deepEqual((await postroom.cli(...args)).stderr.split('\n').slice(1, 3), ['  a or', '      ^'], args[0]);
});
