// Incidents on a real Postfix, each from its cause to its end: what is wrong is caused, the incident names it, one of its actions is
// pressed through view, preview and job, and the mail that it was about is dealt with. All causes act side by side, as the longest
// part is waiting for the log's minutes. The end comes half an hour after the last evidence, which for some (a loop, our reputation) is the
// log of the half hour before: `make test-incidents` waits for it.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Postfix, Postroom, Sink, plant, plantDeferLog, queueFile, register, until } from '../harness/index.mjs';

// Servers of others have names and addresses outside 127.0/16: what is named by number there is Postfix's own neighbourhood.
// A block of its own, so that two runs do not meet.
const BLOCK = `127.${64 + process.pid % 150}.0`;
const HOSTS = Object.fromEntries(['good', 'dead', 'refusing', 'one', 'two', 'back', 'found', 'answers', 'returns'].map((name, i) => [name, `${BLOCK}.${i + 1}`]));
const RESOLVER = `${BLOCK}.53`;
// A server of our own, in 127.0/16: nothing listens there until it is cured, and nobody else takes its port meanwhile.
const FILTER = { host: `127.0.${1 + process.pid % 250}.9`, port: 10025 };
const DAY = 86400;
const LISTED = '450 4.7.1 Service unavailable; client [192.0.2.25] blocked using zen.spamhaus.org';
const FULL = process.env.POSTROOM_INCIDENTS === 'full';
const LONG = { timeout: FULL ? 5400000 : 240000 };
// Messages a minute to one destination, where an incident offers to retry gently.
const PACE = 600;
const ONE = { connections: 1 };
// A minute of the log is counted when it is over, and some incidents need two of them.
const NAMED = { timeout: 200000 };
// The same message has to lie where it is for five minutes.
const SLOWLY = { timeout: 600000 };

// A day of the log before the test: the one who will flood writes now and then.
function past() {
	const now = Math.floor(Date.now() / 60000) * 60;
	const lines = [];
	for (let at = now - 30 * 3600, i = 0; at < now - 600; at += 1800, i++) {
		const time = new Date(at * 1000);
		const stamp = `${time.toLocaleString('en', { month: 'short' })} ${String(time.getDate()).padStart(2)} ${time.toTimeString().slice(0, 8)} mail`;
		const id = `4PAST${i.toString(16).toUpperCase().padStart(6, '0')}`.replace(/[^0-9A-F]/g, '0');
		lines.push(`${stamp} postfix/smtpd[7]: ${id}: client=unknown[203.0.113.9], sasl_method=LOGIN, sasl_username=info`,
			`${stamp} postfix/cleanup[7]: ${id}: message-id=<${i}@office.example>`,
			`${stamp} postfix/qmgr[7]: ${id}: from=<info@office.example>, size=900, nrcpt=1 (queue active)`,
			`${stamp} postfix/smtp[7]: ${id}: to=<a@good.example>, relay=mx.good.example[${HOSTS.good}]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
			`${stamp} postfix/qmgr[7]: ${id}: removed`);
	}
	return `${lines.join('\n')}\n`;
}

// Answers every question for an address with one; there are no other records.
async function nameServer() {
	const socket = createSocket('udp4');
	register(() => socket.close());
	socket.on('message', (question, { port, address }) => {
		const end = question.indexOf(0, 12) + 5;
		const isAddress = question.readUInt16BE(end - 4) === 1;
		const head = Buffer.from(question.subarray(0, end));
		head.writeUInt16BE(0x8580, 2);
		head.writeUInt16BE(isAddress ? 1 : 0, 6);
		head.writeUInt32BE(0, 8);
		const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...HOSTS.found.split('.').map(Number)]);
		socket.send(Buffer.concat(isAddress ? [head, answer] : [head]), port, address);
	});
	await new Promise((done) => socket.bind(53, RESOLVER, done));
	socket.unref();
}

const far = (name, rcpt) => Sink.start({ rcpt: rcpt && ((to) => rcpt(to)) }, { host: HOSTS[name], port: 25 });

const TRANSPORTS = Object.fromEntries([
	...['good', 'dead', 'refusing', 'one', 'two', 'answers', 'returns'].map((name) => [`${name}.example`, `known:[mx.${name}.example]`]),
	['.back.example', 'known:[mx.back.example]'],
	['filtered.example', `smtp:[${FILTER.host}]:${FILTER.port}`],
	['broken.example', 'broken:'],
]);

// `known` finds hosts without a name server; `broken` does not start.
const SERVICES = `known unix - - n - - smtp
  -o smtp_dns_support_level=disabled -o smtp_host_lookup=native
broken unix - - n - - smtp
  -o inet_protocols=nonsense
`;

const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// What is caused, how it is told, what is pressed, and what takes the cause away. `about`: a key of the incident's subject.
// Two hosts: where all destinations are down, a flood's failures are nothing special.
function kinds({ outage, flooded, unheard, sinks }) {
	let goOn;
	const send = (count, make) => outage.postfix.injectMany(count, make, ONE);
	const sendAtFlooded = (count, make) => flooded.postfix.injectMany(count, make, ONE);
	return [
		{
			kind: 'flood', at: flooded, about: /^(info|info@office\.example)$/, action: 'hold',
			cause: () => sendAtFlooded(110, (i) => ({
				from: 'info@office.example', to: [`${i % 4 === 0 ? 'unknown' : i % 4 === 1 ? 'spam' : 'x'}${i}@good.example`],
				xclient: { LOGIN: 'info', ADDR: '203.0.113.77' },
			})),
		},
		{ kind: 'destination', about: /dead\.example$/, action: 'retry', cause: () => send(8, (i) => ({ to: [`d${i}@dead.example`] })), cure: () => far('dead') },
		{
			kind: 'destination', about: /refusing\.example$/, action: 'retry',
			cause: () => send(8, (i) => ({ to: [`r${i}@refusing.example`] })), cure: () => { sinks.refusing.hooks.rcpt = () => null; },
		},
		{
			kind: 'reputation', about: /^$/, action: 'retry', cause: () => send(20, (i) => ({ to: [`l${i}@${i % 2 ? 'one' : 'two'}.example`] })),
			cure: () => { sinks.one.hooks.rcpt = sinks.two.hooks.rcpt = () => null; },
		},
		{ kind: 'name_service', about: /^$/, action: 'retry', cause: () => send(60, (i) => ({ to: [`n@name${i}.example`] })), cure: nameServer },
		{
			kind: 'local_service', about: /./, action: 'retry', cause: () => send(8, (i) => ({ to: [`f${i}@filtered.example`] })),
			cure: () => Sink.start({}, FILTER),
		},
		{
			kind: 'postfix', about: /^smtp/, cause: () => send(6, (i) => ({ to: [`b${i}@broken.example`] })),
			cure: async () => {
				const { postfix } = outage;
				const file = join(postfix.config, 'master.cf');
				writeFileSync(file, readFileSync(file, 'utf8').replace(/\n *-o inet_protocols=nonsense/, ''));
				await postfix.reload();
				await postfix.command('postqueue', '-f');
			},
		},
		{
			kind: 'backscatter', at: flooded, about: /^(<>)?$/, action: 'delete',
			cause: () => sendAtFlooded(160, (i) => ({ from: '', to: [`${['unknown', 'later'][i % 8] ?? 'x'}${i}@d${i >> 3}.back.example`] })),
		},
		{
			kind: 'loop', at: flooded, about: /^$/, action: 'delete', evidence: /<round@office\.example>.*anna@answers\.example bob@answers\.example|anna@answers\.example bob@answers\.example.*<round@office\.example>/,
			cause: () => sendInCircles(flooded.postfix, sinks),
		},
		{ kind: 'held_forgotten', at: flooded, about: /^$/, action: 'delete', cause: () => plantHeld(flooded.postfix) },
		{ kind: 'expiring', at: flooded, about: /^$/, action: 'retry', cause: () => plantOld(flooded.postfix) },
		{ kind: 'blind', at: unheard, about: /^log$/, cause: () => { goOn = unheard.postroom.hang('logreader'); }, cure: () => goOn() },
	];
}

// What nobody looks at takes minutes to be told: make test-incidents alone waits for it. A destination that never answers fills the active
// queue, and what comes then stays in incoming; and Postfix wants more room than there is, nearly.
async function slowKinds() {
	const silent = await Sink.start({ rcpt: () => 'silent' });
	const { bavail, bsize } = statfsSync(tmpdir());
	const postfix = await Postfix.start({ sink: silent, main: { qmgr_message_active_limit: '20', smtp_rcpt_timeout: '1h', queue_minfree: String(Math.floor(bavail * bsize * 0.7)) } });
	const crammed = { postfix, postroom: await Postroom.start(postfix) };
	return [
		{
			kind: 'active_full', at: crammed, about: /^$/, cause: () => crammed.postfix.injectMany(60, (i) => ({ to: [`w${i}@silent.example`] }), ONE),
			cure: () => {
				silent.hooks.rcpt = () => null;
				silent.hangUp();
				return crammed.postfix.command('postqueue', '-f');
			},
		},
		{ kind: 'incoming_old', at: crammed, about: /^incoming$/, cause: () => {} },
		{ kind: 'spool_full', at: crammed, about: /^bytes$/, cause: () => {}, cure: () => crammed.postfix.set({ queue_minfree: '0' }) },
	].map((row) => ({ ...row, within: SLOWLY }));
}

// Two programs that answer each other, until one is busy and the last answer waits; and a server that sends the same message back.
async function sendInCircles(postfix, { answers, returns }) {
	let left = 44;
	answers.hooks.rcpt = () => (left > 0 ? null : '451 4.3.0 Too busy');
	answers.hooks.end = (data, { from, to }) => {
		left--;
		void postfix.inject({ from: to[0], to: [from] });
	};
	let rounds = 14;
	returns.hooks.end = (data, { from, to }) => {
		if (--rounds > 0)
			void postfix.inject({ from, to, message: data });
	};
	const message = 'From: c@office.example\r\nMessage-ID: <round@office.example>\r\nSubject: Round\r\n\r\nAnd round\r\n';
	await postfix.inject({ from: 'c@office.example', to: ['list@returns.example'], message });
	await postfix.inject({ from: 'anna@answers.example', to: ['bob@answers.example'] });
}

// Mail whose lifetime of five days ends in three hours.
function plantOld(postfix) {
	const arrival = Math.floor(Date.now() / 1000) - 5 * DAY + 3 * 3600;
	many(30, (i) => {
		const id = `A0${(i + 0x1000).toString(16).toUpperCase()}F`;
		const recipients = [`old${i}@good.example`];

		plantDeferLog(postfix, id, [{ address: recipients[0], reason: `connect to mx.good.example[${HOSTS.good}]:25: Connection timed out`, dsn: '4.4.1' }]);
		plant(postfix, 'deferred', id, queueFile({ arrival, recipients, sender: 'old@office.example' }));
	});
}

// On hold for two days, by nobody here.
function plantHeld(postfix) {
	const arrival = Math.floor(Date.now() / 1000) - 2 * DAY;
	many(3, (i) => plant(postfix, 'hold', `B0${(i + 0x1000).toString(16).toUpperCase()}F`, queueFile({ arrival, recipients: [`h${i}@good.example`], sender: 'held@office.example' })));
}

async function world() {
	const spam = (to) => (/^unknown/.test(to) ? '550 5.1.1 User unknown' : /^spam/.test(to) ? '451 4.7.1 Message looks like spam, deferred' : /^later/.test(to) ? '450 4.3.2 Not now' : null);
	const sinks = {
		good: await far('good', spam),
		back: await far('back', spam),
		found: await far('found'),
		refusing: await far('refusing', () => '451 4.3.0 Temporary lookup failure'),
		one: await far('one', () => LISTED),
		two: await far('two', () => LISTED),
		answers: await far('answers'),
		returns: await far('returns'),
	};
	const host = async () => {
		const postfix = await Postfix.start({
			main: {
				default_transport: 'smtp', smtp_dns_support_level: 'enabled', smtp_host_lookup: 'dns',
				mynetworks: '127.0.0.0/8 203.0.113.0/24', smtpd_authorized_xclient_hosts: '127.0.0.1 203.0.113.77',
			},
			transports: TRANSPORTS, services: SERVICES, past: past(),
			hosts: `127.0.0.1 localhost mail.test\n${Object.entries(HOSTS).map(([name, address]) => `${address} mx.${name}.example\n`).join('')}`,
			resolver: `nameserver ${RESOLVER}\noptions timeout:1 attempts:1\n`,
		});
		return { postfix, postroom: await Postroom.start(postfix) };
	};
	const [outage, flooded] = await Promise.all([host(), host()]);
	// A second service looks at the same mail; its log reader will hang, and nobody replaces it.
	const unheard = { postfix: flooded.postfix, postroom: await Postroom.start(flooded.postfix) };
	return { outage, flooded, unheard, sinks };
}

// What an operator does: looks at what the incident's filter matches, asks what the action will do, and does it.
async function press(postroom, incident, action) {
	const { id: view, matched } = await postroom.post('/views', { filter: incident.filter });
	const gently = action === 'retry' && !incident.actions.includes('retry');
	const preview = await postroom.post('/previews', { action, view });
	assert.ok(matched > 0, `${incident.title}: ${incident.filter} matches nothing`);
	const request = { action, view, seen: preview.seen, ...(action === 'delete' ? { undo_seconds: 0 } : {}), ...(gently ? { rate: PACE } : {}) };
	const { job } = await postroom.job(request);
	assert.equal(job.state, 'done', incident.title);
	return { matched, job };
}

const seconds = (ms) => `${(ms / 1000).toFixed(0)} s`;

const all = async ({ postroom }) => (await postroom.get('/incidents?state=all')).incidents;
const told = async (row) => (await all(row.at)).find((i) => i.kind === row.kind && row.about.test(i.subject.key) && i.state === 'open' && (row.evidence?.test(JSON.stringify(i.evidence)) ?? true));
let rows;

test('each cause is told, by its kind and name', LONG, async (t) => {
	const place = await world();
	rows = [...kinds(place), ...(FULL ? await slowKinds() : [])].map((row) => ({ at: place.outage, ...row }));
	// The log's past is counted before anything happens.
	for (const { postroom } of [place.outage, place.flooded, place.unheard])
		await until('the past to be known', async () => (await postroom.get('/series?by=login&what=received')).known_from);
	// Others' mail, which goes its way.
	await place.flooded.postfix.injectMany(80, (i) => ({ from: `p${i}@office.example`, to: ['fine@good.example'] }), ONE);
	await Promise.all(rows.map(async (row) => {
		const began = Date.now();
		await row.cause();
		row.incident = await until(`${row.kind} ${row.about} to be told`, () => told(row), row.within ?? NAMED);
		t.diagnostic(`${row.kind} [${row.incident.subject.key}] ${row.incident.severity} after ${seconds(Date.now() - began)}: ${row.incident.title}`);
	})).catch(async (error) => {
		const seen = (await Promise.all([...new Set(rows.map(({ at }) => at))].map(all))).flat().map((i) => `${i.kind} [${i.subject.key}] ${i.state} ${i.severity}: ${i.title}`);
		throw new Error(`${error.message}\n${seen.join('\n')}`);
	});
	for (const { incident } of rows) {
		// What cannot be seen shows nothing.
		assert.ok(incident.kind === 'blind' || incident.evidence.length > 0, `${incident.title} has no evidence`);
		assert.ok(Date.parse(incident.since) <= Date.parse(incident.noticed), incident.title);
	}
});

test('each has an action that can be pressed, and does it', LONG, async (t) => {
	for (const row of rows) {
		const { incident } = row;
		await row.cure?.();
		if (!row.action)
			continue;
		assert.ok(incident.actions.some((action) => action.replace('_gently', '') === row.action), `${incident.title}: ${incident.actions}`);
		const { matched, job } = await press(row.at.postroom, incident, row.action);
		t.diagnostic(`${row.action} of ${matched} (${incident.filter}): ${JSON.stringify(job.counts)}`);
	}
	// What was held of the flood is deleted by the same filter.
	await press(rows[0].at.postroom, rows[0].incident, 'delete');
	for (const { at, incident, action } of rows.filter((row) => row.action))
		await until(`nothing to be left for ${action} of ${incident.title}`, async () => (await at.postroom.messages(incident.filter)).length === 0);
});

test('each goes quiet and ends', { ...LONG, skip: !FULL && 'it takes an hour: make test-incidents' }, async () => {
	await until('each to have ended', async () => {
		for (const row of rows)
			if ((await row.at.postroom.get(`/incidents/${row.incident.id}`)).state !== 'ended')
				return false;
		return true;
	}, { timeout: LONG.timeout });
	for (const row of rows) {
		const { timeline } = await row.at.postroom.get(`/incidents/${row.incident.id}`);
		const kindsSeen = timeline.map((moment) => moment.kind);
		for (const kind of ['opened', 'quiet', 'ended'])
			assert.ok(kindsSeen.includes(kind), `${row.incident.title}: ${kindsSeen}`);
	}
});
