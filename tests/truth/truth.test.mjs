// Random states of a real Postfix, and everything that Postroom says of each against what Postfix's own tools say
// (tests/truth/README.md). The seed is printed; TRUTH_SEED=... begins with the same choices.
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { compareDetail, compareGroups, compareMatches, comparePages, compareQueue, compareShape } from './compare.mjs';
import { EXPLAINED } from './explained.mjs';
import { matches, print } from './filters.mjs';
import { Run } from './run.mjs';

const FULL = process.env.POSTROOM_TRUTH === 'full';
const STATES = Number(process.env.TRUTH_STATES ?? (FULL ? 10000 : 44));
const SEED = Number(process.env.TRUTH_SEED ?? Date.now() % 1000000000);
// The short form ends in time on a busy machine as well, with fewer states.
const SHORT_MS = 40000;
const LEAST = 5;

describe('the comparison can fail', () => {
	let run;
	let truth;
	let said;

	before(async () => {
		run = await Run.start({ seed: 20, long: true, print: () => {} });
		// Of every kind one: deferred, in active for ever, on hold, with and without a login and a subject.
		const send = (to, headers, more) => run.steps.send(to, headers, more);
		await send(['a@full.example', 'b@mail.example', 'c@grey.example'], [], { xclient: { LOGIN: 'webshop', NAME: 'web1.shop.example', ADDR: '192.0.2.10' } });
		await send(['a@quiet.example']);
		await send(['a@mail.example'], ['X-Hold: looked at first']);
		await send(['other@grey.example', 'b@full.example']);
		await run.world.postfix.untilIn('deferred', run.world.postfix.ids('incoming'));
		({ truth, said } = await run.sides());
	});
	after(() => run.stop());

	const first = (sides, queue) => sides.messages.find((message) => message.queue === queue);
	const queueDoctors = {
		queue: (s) => { first(s, 'deferred').queue = 'hold'; },
		arrival: (s) => { s.messages[0].arrival = new Date(Date.parse(s.messages[0].arrival) + 1000).toISOString(); },
		size: (s) => { s.messages[1].size++; },
		sender: (s) => { s.messages[1].sender = 'x'; },
		forced_expire: (s) => { s.messages[2].forced_expire = !s.messages[2].forced_expire; },
		recipient_count: (s) => { s.messages[0].recipient_count--; },
		next_retry: (s) => { first(s, 'deferred').next_retry = new Date().toISOString(); },
		'next retry of a held message': (s) => { first(s, 'hold').next_retry = new Date().toISOString(); },
		expires: (s) => { s.messages[0].expires = s.messages[0].arrival; },
		'no expiry': (s) => { s.messages[0].expires = null; },
		client_name: (s) => { s.messages[0].origin.client_name = 'elsewhere.example'; },
		client_address: (s) => { s.messages[0].origin.client_address = '192.0.2.99'; },
		login: (s) => { s.messages[0].origin.login = s.messages[0].origin.login === null ? 'somebody' : null; },
		helo: (s) => { s.messages[0].origin.helo = null; },
		'no origin': (s) => { s.messages[0].origin = null; },
		subject: (s) => { s.messages[0].subject = 'Something else'; },
		recipient: (s) => { s.messages[0].recipients[0].address = 'nobody@full.example'; },
		reason: (s) => { first(s, 'deferred').recipients[0].reason += ' '; },
		'no reason': (s) => { first(s, 'deferred').recipients[0].reason = null; },
		'a reason of nobody': (s) => { first(s, 'hold').recipients[0].reason = 'made up'; },
		'a message less': (s) => { s.messages.pop(); },
		'a message more': (s) => { s.messages.push({ ...s.messages[0], id: '4jXMp05WMsz1bY2k' }); },
		...Object.fromEntries(['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt'].map((queue) => [`counts.${queue}`, (s) => { s.summary.counts[queue]++; }])),
		messages: (s) => { s.summary.messages++; },
		bytes: (s) => { s.summary.bytes--; },
		deleting: (s) => { s.summary.deleting++; },
		'a message that is deleted': (s) => { first(s, 'hold').deleting = { job: 1, until: null }; },
		oldest_arrival: (s) => { s.summary.oldest_arrival = null; },
	};

	test('a wrong value of a message or of the summary is noticed', () => {
		assert.deepEqual(compareQueue(truth, said, run.logged), []);
		for (const [name, doctor] of Object.entries(queueDoctors)) {
			const doctored = structuredClone(said);
			doctor(doctored);
			assert.notDeepEqual(compareQueue(truth, doctored, run.logged), [], name);
		}
	});

	test('a wrong value of one message\'s page is noticed', async () => {
		const theirs = truth.messages.find((m) => m.queue === 'deferred' && m.recipients.length === 2 && m.login !== null);
		const attempts = run.oracle.log.attempts(theirs.id);
		const facts = { logged: run.logged, done: await run.oracle.done(theirs.id), attempts };
		const ours = await run.world.postroom.untilMessage(theirs.id, (m) => m.attempts.length === attempts.length);
		assert.deepEqual(compareDetail(theirs, ours, facts), []);
		const doctors = {
			'a recipient less': (m) => { m.recipients.pop(); },
			delivered_count: (m) => { m.delivered_count++; },
			created: (m) => { m.schedule.created = null; },
			expires: (m) => { m.schedule.expires = null; },
			next: (m) => { m.schedule.next_earliest = m.arrival; },
			'an attempt less': (m) => { m.attempts.pop(); },
			'an attempt more': (m) => { m.attempts.push(m.attempts[0]); },
			...Object.fromEntries(['queue_id', 'recipient', 'relay', 'dsn', 'status', 'text'].map((name) => [name, (m) => { m.attempts[0][name] = 'x'; }])),
			at: (m) => { m.attempts[0].at = m.schedule.expires; },
		};
		for (const [name, doctor] of Object.entries(doctors)) {
			const doctored = structuredClone(ours);
			doctor(doctored);
			assert.notDeepEqual(compareDetail(theirs, doctored, facts), [], name);
		}
	});

	test('wrong groups, tables, pages and matches are noticed', async () => {
		const { postroom } = run.world;
		const now = Date.now() / 1000;
		for (const by of ['recipient_domain', 'sender', 'queue', 'login', 'age']) {
			const reply = await postroom.get(`/groups?by=${by}&limit=1000`);
			assert.deepEqual(compareGroups(truth, by, reply, now), [], by);
			for (const field of ['messages', 'recipients', 'bytes', 'key', 'oldest_arrival']) {
				const doctored = structuredClone(reply);
				const group = doctored.groups.find(({ messages }) => messages > 0);
				group[field] = field === 'key' ? 'x.example' : field === 'oldest_arrival' ? null : group[field] + 1;
				assert.notDeepEqual(compareGroups(truth, by, doctored, now), [], `${by} ${field}`);
			}
			assert.notDeepEqual(compareGroups(truth, by, { groups: reply.groups.filter(({ messages }) => messages > 0).slice(1) }, now), [], by);
		}
		const rows = await run.oracle.qshape('deferred');
		const table = await postroom.get('/groups?by=recipient_domain,age&limit=1000&filter=queue:deferred');
		assert.deepEqual(compareShape('deferred', rows, table), []);
		table.groups[0].cells[0].recipients++;
		assert.notDeepEqual(compareShape('deferred', rows, table), []);
		const ids = truth.messages.map(({ id }) => id);
		const page = await postroom.get('/messages?sort=size');
		assert.deepEqual(comparePages(ids, [page], 'size'), []);
		assert.notDeepEqual(comparePages(ids, [page], '-size'), []);
		assert.notDeepEqual(comparePages(ids, [page, page], 'size'), []);
		assert.notDeepEqual(comparePages(ids, [{ ...page, messages: page.messages.slice(1) }], 'size'), []);
		assert.notDeepEqual(comparePages(ids, [{ ...page, matched: page.matched + 1 }], 'size'), []);
		assert.deepEqual(compareMatches('x', ids, ids, ids.length), []);
		assert.notDeepEqual(compareMatches('x', ids, ids.slice(1), ids.length - 1), []);
		assert.notDeepEqual(compareMatches('x', ids.slice(1), ids, ids.length), []);
		assert.notDeepEqual(compareMatches('x', ids, ids, ids.length + 1), []);
	});

	test('the second filter language is the one of the manual', () => {
		const message = { ...truth.messages[0], sender: 'News@Shop.example', recipients: [{ address: 'a@full.example', original: 'alias@ours.example', seen: 'Mailbox full' }], login: null, size: 500 };
		const text = (field, kind, value) => ({ op: 'text', field, kind, text: value });
		const cases = [
			[text('from', 'contains', 'news@'), 'from:news@', true], [text('from', 'exact', 'news'), 'from:=news', false], [text('from', 'pattern', 'n*e'), 'from:n*e', true],
			[text('to', 'contains', 'alias'), 'to:alias', true], [text('domain', 'exact', 'ours.example'), 'domain:=ours.example', false], [text('reason', 'contains', 'box f'), 'reason:"box f"', true],
			[text('login', 'exact', ''), 'login:=""', true], [{ op: 'number', field: 'size', order: '>=', value: 500, unit: '' }, 'size>=500', true],
			[{ op: 'not', dash: true, node: text('any', 'contains', 'full') }, '-full', false],
		];
		for (const [node, printed, expected] of cases) {
			assert.equal(print(node), printed);
			assert.equal(matches(node, message, Date.now() / 1000), expected, printed);
		}
	});

	test('a doctored answer of the service is a difference with its history', async () => {
		const { postroom } = run.world;
		const { get } = postroom;
		const printed = [];
		run.say = (text) => printed.push(text);
		run.settle = 300;
		postroom.messages = async () => {
			const messages = await Object.getPrototypeOf(postroom).messages.call(postroom);
			return messages.map((message, i) => (i === 0 ? { ...message, size: message.size + 1 } : message));
		};
		await run.compare();
		delete postroom.messages;
		assert.equal(postroom.get, get);
		assert.ok(run.differences.some(({ what }) => what === 'size'), JSON.stringify(run.differences));
		assert.match(printed.join('\n'), /difference at state 0 \(seed 20\): size of .*\n {2}Postroom: \d+\n {2}Postfix: {2}\d+/);
	});
});

test('what is explained says why', () => {
	for (const { name, why, is } of EXPLAINED) {
		assert.ok(name && why.length > 30 && typeof is === 'function', name);
		assert.equal(is({ what: 'size', id: 'all', ours: 1, theirs: 2 }, { truth: { messages: [] }, oracle: { redirected: () => false, earlier: () => false }, version: 3.7 }), false, name);
	}
});

async function states(name, seed, long, count, deadline) {
	const lines = [];
	const say = (text) => {
		lines.push(text);
		console.log(text.split('\n').map((line) => `# ${name}: ${line}`).join('\n'));
	};
	say(`TRUTH_SEED=${SEED}`);
	const run = await Run.start({ seed, long, print: say });
	try {
		await run.go(count, { until: deadline, least: LEAST });
	} finally {
		await run.stop();
	}
	say(`${run.states} states, ${run.values} values compared, ${run.differences.length} differences, ${run.unsettled} unsettled, slowest to settle ${run.slowest} ms; explained: ${JSON.stringify(Object.fromEntries(run.explained))}`);
	assert.ok(run.states >= Math.min(count, LEAST), `${run.states} states only`);
	assert.deepEqual(run.differences.map(({ what, id, ours, theirs }) => ({ what, id, ours, theirs })), [], 'differences that nobody has explained');
}

describe('no state differs', { concurrency: true }, () => {
	const deadline = () => (FULL ? Infinity : Date.now() + SHORT_MS);

	test('with long queue IDs', () => states('long', SEED, true, Math.ceil(STATES / 2), deadline()));
	test('with short queue IDs', () => states('short', SEED + 1, false, Math.floor(STATES / 2), deadline()));
});
