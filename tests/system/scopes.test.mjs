// Whoever sees a part of the queue is told what a service would tell whose queue and log hold that part alone: the same status,
// the same bytes but for references, times of now and numbers of things. Two real services for each scope: in one others work,
// and have mail that is none of his. Every operation of the contract is asked, or refused in the same words; a new one fails
// until it is. Random filters by the thousand are in src/api/scope_routes_test.c.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { Postfix, Postroom, contract, deferLog, placeOf, queueFile, record, until } from '../harness/index.mjs';

const LONG = { timeout: 240_000 };
const PASSWORD = 'correct horse battery';
const SEED = Number(process.env.MODEL_SEED ?? 1);
const METHODS = ['get', 'post', 'put', 'delete'];
const BEGAN = Math.floor(Date.now() / 1000);
const AHEAD = 10800;
// Whole hours: what is asked for now would begin another minute later.
const DAY = `from=${new Date((BEGAN - (BEGAN % 3600) - 86400) * 1000).toISOString().replace('.000', '')}&to=${new Date((BEGAN - (BEGAN % 3600)) * 1000).toISOString().replace('.000', '')}`;
const owner = Number(execFileSync('id', ['-u', 'postfix']));

// ---- A random queue with its log ----

function dice(seed) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	return { below: (n) => Math.floor(next() * n), of: (list) => list[Math.floor(next() * list.length)] };
}

const DOMAINS = ['customer.example', 'second.example', 'other.example', 'far.example'];
const REASONS = ['host mx[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)', 'connect to mx[192.0.2.2]:25: Connection refused',
	'host mx[192.0.2.3] said: 421 4.7.0 Try again later (in reply to MAIL FROM command)'];
const LOGINS = ['shop', 'desk', 'news', ''];

// What each scope has of a message: whether a recipient is his.
const SCOPES = {
	'domain:=customer.example': (m, to) => to.endsWith('@customer.example'),
	'domain:=customer.example or from:*@customer.example': (m, to) => to.endsWith('@customer.example') || m.from.endsWith('@customer.example'),
	'login:=shop': (m) => m.login === 'shop',
};

// Messages that wait, and others that have left; of some a part of the recipients has been served.
function makeMessages(seed) {
	const { below, of } = dice(seed);
	return Array.from({ length: 60 }, (_, i) => {
		const at = BEGAN - 3600 - 40 * i;
		const gone = i % 3 === 2;
		const recipients = [...new Set(Array.from({ length: 1 + below(3) }, () => `u${below(4)}@${of(DOMAINS)}`))]
			.map((to) => ({ to, reason: of(REASONS), served: gone || (i % 3 === 1 && below(3) === 0), remote: `4R${seed}${(i * 8 + below(8)).toString(16).toUpperCase()}`, tried: at + 60 + below(900) }));
		return { id: `4ABC${seed}${(i + 0x100).toString(16).toUpperCase()}`, at, gone, from: `s${below(4)}@${of(DOMAINS)}`, login: of(LOGINS), subject: `Offer ${i}`, recipients };
	});
}

// The same as somebody has it: without the recipients that are not his.
const part = (messages, has) => messages.map((m) => ({ ...m, recipients: m.recipients.filter(({ to }) => has(m, to)) })).filter(({ recipients }) => recipients.length > 0);
const waits = (m) => m.recipients.some(({ served }) => !served);

function logOf(messages) {
	const lines = [];
	const say = (at, process, text) => {
		const time = new Date(at * 1000);
		lines.push([at, `${time.toLocaleString('en', { month: 'short' })} ${String(time.getDate()).padStart(2)} ${time.toTimeString().slice(0, 8)} mail postfix/${process}[7]: ${text}\n`]);
	};
	// Of no mail: where the log of a host begins.
	say(BEGAN - 9000, 'master', 'daemon started');
	for (const m of messages) {
		say(m.at, 'smtpd', `${m.id}: client=pc.example[192.0.2.9]${m.login && `, sasl_method=PLAIN, sasl_username=${m.login}`}`);
		say(m.at, 'cleanup', `${m.id}: message-id=<${m.id}@mail.test>`);
		say(m.at, 'qmgr', `${m.id}: from=<${m.from}>, size=700, nrcpt=${m.recipients.length} (queue active)`);
		for (const { to, reason, served, remote, tried } of m.recipients)
			say(tried, 'smtp', `${m.id}: to=<${to}>, relay=mx[192.0.2.1]:25, delay=${tried - m.at}, delays=0/0/0/1, dsn=${served ? '2.0.0' : '4.0.0'}, status=${served ? `sent (250 2.0.0 Ok: queued as ${remote})` : `deferred (${reason})`}`);
		if (!waits(m))
			say(Math.max(...m.recipients.map(({ tried }) => tried)), 'qmgr', `${m.id}: removed`);
	}
	return lines.sort(([a], [b]) => a - b).map(([, line]) => line).join('');
}

// A recipient that was served stands in the file, and is passed over.
function fileOf(m) {
	const bytes = queueFile({
		arrival: m.at, sender: m.from, recipients: m.recipients.map(({ to }) => to), lines: [`Subject: ${m.subject}`, `Message-ID: <${m.id}@mail.test>`, 'To: undisclosed-recipients:;', '', 'Hello.'],
		head: [record('A', 'log_client_name=pc.example'), record('A', 'log_client_address=192.0.2.9'), ...(m.login ? [record('A', 'sasl_method=PLAIN'), record('A', `sasl_username=${m.login}`)] : [])],
	});
	for (const { to } of m.recipients.filter(({ served }) => served))
		bytes[bytes.indexOf(record('R', to))] = 'D'.charCodeAt(0);
	return bytes;
}

function put(postfix, queue, m, bytes, mode) {
	const path = placeOf(postfix, queue, m.id);
	writeFileSync(path, bytes, { mode: 0o600 });
	chownSync(path, owner, -1);
	// Hours ahead, so that the queue manager leaves it alone.
	utimesSync(path, BEGAN + AHEAD, BEGAN + AHEAD);
	chmodSync(path, mode);
}

// A service on that mail.
async function serve(messages) {
	const postfix = await Postfix.start({ past: logOf(messages) });
	for (const m of messages.filter(waits)) {
		put(postfix, 'deferred', m, fileOf(m), 0o700);
		put(postfix, 'defer', m, deferLog(m.recipients.filter(({ served }) => !served).map(({ to, reason }) => ({ address: to, reason }))), 0o600);
	}
	const postroom = await Postroom.start(postfix);
	for (const { id } of messages.filter(waits))
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
	await until('the log to be read', async () => (await postroom.get('/trace?text=nobody@nowhere.example')).log.read);
	after(async () => {
		await postroom.stop();
		postfix.remove();
	});
	return postroom;
}

// ---- Asking ----

let addresses = 0;

// One side: a service and what its answers gave.
class Side {
	constructor(postroom, name) {
		Object.assign(this, { postroom, name, kept: {}, told: [] });
	}

	async signIn(password = PASSWORD) {
		const from = `127.0.15.${this.address ??= ++addresses}`;
		const reply = await this.postroom.api('POST', '/login', { name: 'helper', password }, { from, headers: { Origin: this.postroom.url, 'User-Agent': 'Mozilla/5.0 (test)' } });
		if (reply.status === 200)
			this.headers = { Cookie: /^postroom=[^;]+/.exec(reply.headers['set-cookie'][0])[0], Origin: this.postroom.url };
		return reply;
	}

	fill(text) {
		return text.replace(/\{(\w+)\}/g, (_, name) => this.kept[name] ?? 'none');
	}

	async ask({ method, path, body, keep, after: done }) {
		const sent = body === undefined ? undefined : JSON.parse(this.fill(JSON.stringify(body)), (name, value) => (/^#\d+$/.test(value) ? Number(value.slice(1)) : value));
		const reply = await this.postroom.api(method, this.fill(path), sent, { tcp: true, headers: this.headers });
		if (keep)
			this.kept[keep] = reply.body.id ?? reply.body.info?.id ?? null;
		if (done)
			await done(this);
		return this.plain(reply);
	}

	// Numbers of things become their place among those that were told here.
	place(value) {
		const text = String(value);
		if (!this.told.includes(text))
			this.told.push(text);
		return `number ${this.told.indexOf(text)}`;
	}

	plain({ status, headers, body }) {
		const { postroom } = this;
		const text = (value) => value.replaceAll(postroom.postfix.dir, '<postfix>').replaceAll(postroom.dir, '<service>').replaceAll(postroom.keys['http.listen'], '<listen>')
			.replace(/127\.0\.15\.\d+:\d+/g, '<peer>').replace(/127\.0\.0\.1:\d+/g, '<peer>')
			.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => (Date.parse(time) / 1000 > BEGAN - 600 && Date.parse(time) / 1000 !== BEGAN + AHEAD ? '<now>' : time));
		const walk = (value, name) => {
			if (['reference', 'age', 'took_ms', 'token', 'secret', 'seen'].includes(name) || (name === 'address' && /^otpauth:/.test(value)))
				return value === null ? null : '<other>';
			if (['id', 'view', 'job', 'undoes', 'next', 'incident', 'generation', 'current_generation', 'version'].includes(name) && (Number.isInteger(value) || /^(\d+|[0-9a-f]{16,}|\d+\.\d+-.*)$/.test(value)))
				return this.place(value);
			if (typeof value === 'string')
				return text(value);
			if (Array.isArray(value))
				return value.map((each) => walk(each, null));
			return value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, key)])) : value;
		};
		const { 'content-type': type, 'cache-control': cache, location = null, 'retry-after': wait = null } = headers;
		return { status, type, cache, location: location && text(location), wait, body: walk(body, null) };
	}
}

const q = (path, more = {}) => ({ method: 'GET', path, ...more });
const p = (method, path, body, more = {}) => ({ method, path, body, ...more });
const jobEnds = (name) => async (side) => side.kept[name] && until('the job to end', async () => ['done', 'grace', 'undone', 'cancelled']
	.includes((await side.postroom.api('GET', `/jobs/${side.kept[name]}`, undefined, { tcp: true, headers: side.headers })).body.state));
// The queue is as the job left it: the page reads it again a moment later.
const untilQueue = (id, queue) => async (side) => until(`${side.fill(id)} in ${queue}`, async () => (await side.postroom.api('GET', `/messages/${side.fill(id)}`)).body.queue === queue);
const both = (...steps) => async (side) => {
	for (const step of steps)
		await step(side);
};

// In the order in which they are asked. {in} is a message that is his, {mixed} one that goes to others, too, {out} one that is not
// his; {address}, {mine}, {theirs} of recipients; {other} the number of a job of somebody else. What an answer's `id` is kept as
// stands for the following.
const QUESTIONS = [
	q('/me'), q('/queue'), q('/settings'), p('POST', '/settings/preview', { values: { maximal_backoff_time: '2h' } }),
	q('/messages?limit=20'), q('/messages?sort=-size&filter=to:u1'), q('/messages?filter=-from:s1'), q('/messages?filter=domain:other.example'),
	...['in', 'mixed', 'out', 'half', 'left'].map((which) => q(`/messages/{${which}}`)),
	...['in', 'mixed', 'out'].flatMap((which) => [q(`/messages/{${which}}/content`), q(`/messages/{${which}}/parts/1`), q(`/messages/{${which}}/raw`)]),
	q('/filters?counts=true&text=domain:other.example'), p('POST', '/filters', { text: 'from:s1 or to:u1', counts: true }),
	...['from:', 'domain:', 'to:u', 'login:', 'reason:'].map((text) => q(`/filters/completions?text=${text}`)),
	...['sender', 'recipient_domain', 'login', 'cause,recipient_domain'].map((by) => q(`/groups?by=${by}`)), p('POST', '/groups', { by: 'reason', limit: 3 }),
	p('POST', '/views', { filter: '', sort: 'sender' }, { keep: 'view' }), q('/views/{view}'), q('/views/{view}/rows?limit=50'), q('/views/{view}/rows?around={out}'), q('//print?view={view}'),
	p('DELETE', '/views/{view}'), q('/views/{view}'),
	p('POST', '/previews', { action: 'hold', ids: ['{in}', '{out}'] }), p('POST', '/previews', { action: 'delete', ids: ['{in}'] }), p('POST', '/previews', { action: 'release', undoes: '#{other}' }),
	p('POST', '/previews', { pause: { kind: 'domain', key: 'other.example' } }),
	p('POST', '/jobs', { action: 'hold', ids: ['{out}'] }),
	p('POST', '/jobs', { action: 'hold', ids: ['{in}', '{out}'] }, { keep: 'job', after: both(jobEnds('job'), untilQueue('{in}', 'hold')) }),
	q('/jobs'), q('/jobs?limit=1'), q('/jobs?after={job}'), q('/jobs/{job}'), q('/jobs/{other}'), q('/jobs/{job}/items'), q('/jobs/{other}/items'),
	p('POST', '/jobs/{other}/cancel', {}), p('POST', '/jobs/{job}/cancel', {}), p('POST', '/jobs/{other}/undo', {}), p('POST', '/jobs/{job}/undo', {}),
	q('/messages/{in}'),
	...['{in}', '{mixed}', '{out}', '{half}', '{left}', '{mine}', '{theirs}', 'customer.example', 'other.example', 'second.example', '<{left}@mail.test>', '<{out}@mail.test>', '{remote}', '{foreign}', 'shop', 'news',
		's1@customer.example', 's1@other.example'].map((text) => text.replace('<', '%3C').replace('>', '%3E')).flatMap((text) => [q(`/trace?text=${text}`), q(`/trace?limit=2&text=${text}`)]),
	q('/incidents'), q('/incidents?state=all'), q('/incidents/2'), q('/incidents/{incident}'), q(`/history?${DAY}`), q(`/series?${DAY}`), q(`/series?by=sender&what=received&${DAY}`),
	q('/saved-views'), p('POST', '/saved-views', { name: 'night', address: '?filter=hold' }, { keep: 'saved' }), p('PUT', '/saved-views/{saved}', { name: 'day', address: '?filter=x' }), q('/saved-views'),
	p('PUT', '/saved-views/4711', { name: 'mine', address: '?' }), p('DELETE', '/saved-views/{saved}'), p('DELETE', '/saved-views/{saved}'),
	q('/probes'), p('POST', '/probes', { kind: 'destination', domain: 'far.example' }, { only: 'domain:=customer.example' }), p('POST', '/probes', { kind: 'destination', incident: '{incident}' }), q('/probes/{probe}'),
	q('/tokens'), p('POST', '/tokens', { name: 'script', role: 'viewer' }, { keep: 'token' }), q('/tokens'), q('/tokens?all=true'), p('DELETE', '/tokens/{foreigntoken}'), p('DELETE', '/tokens/{token}'), q('/tokens'),
	q('/sessions'), q('/sessions?all=true'), q('/sessions?user=chief'), p('DELETE', '/sessions/{foreignsession}'), p('DELETE', '/sessions'), p('DELETE', '/sessions?user=chief'),
	p('POST', '/me/password', { present_password: 'not the one', password: 'yet another long password' }), q('/me/otp'), p('POST', '/me/otp', {}), p('POST', '/me/otp/confirm', { code: '000000' }), p('DELETE', '/me/otp', { code: '000000' }),
	q('/login/ways'), q('/login/oidc'), q('/login/oidc/callback'), p('POST', '/login', { name: 'nemo', password: PASSWORD }), p('POST', '/login/otp', { challenge: 'x', code: '000000' }),
	...['//docs', '//docs/', '//docs/first-hour.html', '//livez', '//healthz', '//readyz'].map((path) => q(path)),
	p('POST', '/logout', {}), q('/me'), q('/queue'),
];
// A stream has a test of its own below.
const STREAMS = new Set(['get /api/v1/events']);
const VALUES = { id: '1', n: '1', name: 'chief' };

const askedFor = new Set();
const operations = Object.entries(contract.paths).flatMap(([path, all]) => METHODS.filter((method) => all[method]).map((method) => ({ name: `${method} ${path}`, method, path, ...all[method] })));

// Which operation a question is: {in} stands for one part of a path.
function operationOf({ method, path }) {
	const full = (path.startsWith('//') ? path.slice(1) : `/api/v1${path}`).replace(/\?.*/, '');
	const fits = operations.filter((one) => one.method === method.toLowerCase() && new RegExp(`^${one.path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(full));
	return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]?.name;
}

// Others work in the whole, and come to nobody's ears.
async function work(whole, out, other) {
	await whole.post('/users', { name: 'chief', role: 'admin', password: PASSWORD });
	const { id } = await whole.post('/jobs', { action: 'hold', ids: [out.id], note: 'none of his business' });
	await whole.untilJob(id);
	await whole.post('/jobs', { action: 'delete', ids: [other.id], undo_seconds: 600 });
	await whole.post('/saved-views', { name: 'night', address: '?filter=from:secret' });
	const { info } = await whole.post('/tokens', { name: 'secret', role: 'viewer' });
	const reply = await whole.api('POST', '/login', { name: 'chief', password: PASSWORD }, { from: '127.0.16.1', headers: { Origin: whole.url } });
	assert.equal(reply.status, 200);
	const { sessions } = await whole.get('/sessions?user=chief');
	return { foreigntoken: String(info.id), foreignsession: String(sessions[0].id), other: String(id) };
}

async function begin(scope, seed) {
	const has = SCOPES[scope];
	const all = makeMessages(seed);
	const shareOf = (m) => m.recipients.filter(({ to }) => has(m, to)).length / m.recipients.length;
	const find = (what, fits) => all.find(fits) ?? assert.fail(`no message is ${what}; MODEL_SEED=${seed}`);
	const [inside, held] = all.filter((m) => waits(m) && shareOf(m) === 1 && m.recipients.every(({ served }) => !served));
	const outs = all.filter((m) => waits(m) && shareOf(m) === 0);
	const left = find('his, and gone', (m) => m.gone && shareOf(m) === 1);
	const foreign = find('gone, and not his', (m) => m.gone && shareOf(m) === 0);
	// By a login all recipients are of one kind.
	const mixed = all.find((m) => waits(part([m], has)[0] ?? { recipients: [] }) && shareOf(m) < 1) ?? inside;
	// What was his is served, and others wait.
	const half = all.find((m) => waits(m) && shareOf(m) > 0 && shareOf(m) < 1 && !waits(part([m], has)[0])) ?? left;
	const kept = {
		in: inside.id, held: held.id, out: outs[0].id, mixed: mixed.id, half: half.id, left: left.id, mine: inside.recipients[0].to, theirs: outs[0].recipients[0].to,
		remote: left.recipients[0].remote, foreign: foreign.recipients[0].remote, incident: '4711', probe: '4711',
	};
	const [whole, only] = await Promise.all([serve(all), serve(part(all, has))]);
	const sides = [new Side(whole, 'whole'), new Side(only, 'part')];
	const theirs = await work(whole, outs[0], outs[1]);
	for (const side of sides) {
		await side.postroom.post('/users', { name: 'helper', role: 'operator', password: PASSWORD, scope });
		Object.assign(side.kept, kept, side.name === 'whole' ? theirs : { foreigntoken: '4711', foreignsession: '4711', other: '4711' });
		assert.equal((await side.signIn()).status, 200);
	}
	return { sides, outs };
}

// null, or how the two answers differ.
async function difference([whole, only], question) {
	const answers = [await whole.ask(question), await only.ask(question)];
	try {
		assert.deepEqual(answers[0], answers[1]);
		return null;
	} catch (error) {
		return `${question.method} ${question.path} is not as in a queue without the rest:\n${error.message}`;
	}
}

// What a stream tells from its beginning to the end of a job of his.
async function listen(side, happens) {
	let text = '';
	const stream = request({ host: '127.0.0.1', port: side.postroom.url.split(':').at(-1), path: '/api/v1/events', headers: side.headers }, (reply) => reply.on('data', (data) => { text += data; }));
	stream.on('error', () => {});
	stream.end();
	const events = () => [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, name, data]) => ({ name, data: JSON.parse(data) }));
	await until('the first event', () => events().length > 0);
	const id = await happens(side);
	await until('the end of his job', () => events().some(({ name, data }) => name === 'job' && data.id === id && data.state === 'done'));
	stream.destroy();
	return { text, events: events() };
}

for (const [i, scope] of Object.keys(SCOPES).entries())
	test(`${scope}: every answer is that of a service without the rest`, LONG, async () => {
		const seed = SEED + i;
		const { sides, outs } = await begin(scope, seed);
		// Of all that is refused the words are the same, too.
		for (const one of operations.filter((each) => each['x-scope'] === 'refused')) {
			const path = one.path.replace(/^\/api\/v1|^/, (base) => (base ? '' : '/')).replace(/\{(\w+)\}/g, (_, name) => VALUES[name]);
			const question = { method: one.method.toUpperCase(), path, body: one.requestBody ? {} : undefined };
			const answers = [await sides[0].ask(question), await sides[1].ask(question)];
			assert.deepEqual([answers[0].status, answers[0].body.code], [403, 'forbidden'], one.name);
			assert.deepEqual(answers[0], answers[1], one.name);
			askedFor.add(one.name);
		}
		// Others go on while he looks: none of it is told.
		const told = await Promise.all(sides.map((side) => listen(side, async () => {
			if (side.name === 'whole') {
				const { id } = await side.postroom.post('/jobs', { action: 'hold', ids: [outs[2].id], note: 'secret' });
				await side.postroom.untilJob(id);
				await side.postroom.post('/alerts/silences', { until: new Date((BEGAN + 7200) * 1000).toISOString().replace('.000', ''), reason: 'secret' });
			}
			const made = await side.postroom.post('/jobs', { action: 'hold', ids: [side.kept.held] }, { tcp: true, headers: side.headers });
			await untilQueue('{held}', 'hold')(side);
			return made.id;
		})));
		assert.ok(!told[0].text.includes('secret') && !told[0].text.includes(outs[2].id));
		/* The queue is told at most four times a second, a job at most once: how often, differs from time to time. Before his own job nothing is told. */
		const shape = ({ events }) => ({ before: events.slice(0, events.findIndex(({ name }) => name === 'job')).map(({ name }) => name), names: [...new Set(events.map(({ name }) => name))].sort() });
		assert.deepEqual(shape(told[0]), { before: ['queue', 'incidents'], names: ['incidents', 'job', 'queue'] });
		assert.deepEqual(shape(told[1]), shape(told[0]));
		const wrong = [];
		for (const question of QUESTIONS.filter((each) => operationOf(each) && (!each.only || each.only === scope))) {
			wrong.push(await difference(sides, question));
			askedFor.add(operationOf(question));
		}
		assert.equal(wrong.filter(Boolean).join('\n\n'), '', `MODEL_SEED=${seed}`);
	});

test('every operation of the contract was asked for', () => {
	assert.deepEqual(operations.map(({ name }) => name).filter((name) => !askedFor.has(name) && !STREAMS.has(name)), [], 'each needs a question here');
});
