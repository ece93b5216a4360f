// The audit has exactly its records. Every operation of the contract succeeds once here, by whoever may: what is recorded
// (x-audit) makes one record, with the right person, way, object, message, job and outcome, and nothing else makes any. A new
// operation without a case fails. What is refused, and what is tampered with, is in audit.test.mjs.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { Issuer, Pausing, Postfix, Postroom, Receiver, Visitor, contract, freePort, operationFor, until } from '../harness/index.mjs';

const LONG = { timeout: 240_000 };
const PASSWORD = 'correct horse battery';
const PROXY = '127.0.14.9';
const MIME = ['Subject: Two parts', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'One.', '--b',
	'Content-Type: text/html', '', '<p>Two.</p>', '--b--', ''].join('\r\n');
const inHours = (hours) => new Date(Math.floor(Date.now() / 1000 + hours * 3600) * 1000).toISOString().replace('.000', '');
const METHODS = ['get', 'post', 'put', 'delete'];
const OPERATIONS = Object.entries(contract.paths).flatMap(([path, operations]) => METHODS.filter((method) => operations[method]).map((method) => ({ name: `${method} ${path}`, path, ...operations[method] })));

// Of those that want it, the present password stands beside what else is asked.
const proven = (name, body) => (OPERATIONS.find((one) => one.name === name)?.requestBody?.content?.['application/json'].schema.properties?.present_password ? { ...body, present_password: PASSWORD } : body);
const isKnown = (name) => OPERATIONS.some((one) => one.name === name);

let postfix, postroom, issuer, receiver, url, ids;
// Of a record what must be as here; `times`, `from` and so on where there is one.
const TOLD = ['action', 'who', 'role', 'scope', 'via', 'uid', 'from', 'object', 'message', 'job', 'count', 'outcome', 'status', 'times'];
const expected = [];
// What succeeded: operations of the contract.
const seen = new Set();
const line = (record, text) => `${TOLD.map((name) => `${name}=${record[name] ?? ''}`).join(' ')}: ${text}`;

before(async () => {
	const port = await freePort();
	url = `http://127.0.0.1:${port}`;
	receiver = await Receiver.start();
	issuer = await Issuer.start({ people: { anna: { groups: ['mail-admins'] } }, redirect: url });
	// All of it expires soon, so that an incident is there at once.
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes', maximal_queue_lifetime: '5h', minimal_backoff_time: '3000s', maximal_backoff_time: '4000s' } });
	ids = await postfix.injectMany(6, (i) => ({ to: [`u${i}@big.example`], ...(i === 0 ? { message: MIME } : {}) }));
	await postfix.untilIn('deferred', ids);
	postroom = await Postroom.start(postfix, { set: {
		...issuer.settings, 'http.listen': `127.0.0.1:${port}`, 'access.otp': 'optional', 'access.group': ['mail-admins = admin', 'desk = operator scope domain:=big.example'],
		'http.trusted_proxy': PROXY, 'access.proxy_user_header': 'Remote-User', 'access.proxy_groups_header': 'Remote-Groups',
		'probes.allow_local': 'yes', 'probes.resolver': `127.0.0.1:${await freePort()}`,
	} });
	for (const id of ids)
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
}, LONG);
after(async () => {
	await postroom?.stop();
	issuer?.close();
	receiver?.stop();
	postfix?.remove();
});

// ---- Who ----

let addresses = 0;
const root = { as: { who: 'root', role: 'admin', via: 'socket', uid: 0, from: 'unix:uid=0' }, options: {} };
const cookieOf = (reply) => /^postroom=[^;]+/.exec(reply.headers['set-cookie'].find((one) => one.startsWith('postroom=')))[0];
const session = (who, role, cookie, from) => ({ as: { who, role, via: 'session', from }, options: { tcp: true, from, headers: { Cookie: cookie, Origin: url } } });
const stranger = (from) => ({ as: {}, options: { from, headers: { Origin: url } } });

function notes(found, who, path, reply, { text = /^$/, ...more }) {
	const action = found.operation['x-audit'];
	seen.add(`${found.method} ${found.path}`);
	if (action)
		expected.push({ record: { action, ...who.as, object: path, outcome: 'done', status: reply.status, ...more }, text });
}

// Somebody asks for something and gets it; gives the answer's body. `more`: what else its record has, and `text`, its words.
async function ask(who, method, path, body, more = {}) {
	const reply = await postroom.api(method, path, body, who.options);
	assert.ok(reply.status < 400, `${method} ${path}: ${reply.status} ${reply.text}`);
	const full = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
	notes(operationFor(method, full), who, full.replace(/\?.*/, ''), reply, more);
	return Object.assign(reply.body ?? {}, { reply });
}

// By name and password, from an address of its own.
async function signIn(name, role) {
	const from = `127.0.13.${++addresses}`;
	const { reply } = await ask({ ...stranger(from), as: { who: name, role, via: 'session', from } }, 'POST', '/login', { name, password: PASSWORD });
	return session(name, role, cookieOf(reply), from);
}

// The code that an authenticator app shows now (RFC 6238).
function codeOf(secret) {
	const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
	const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(counter).digest();
	return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// ---- What ----

let chief, guest;

test('accounts, and all ways to sign in', LONG, async () => {
	await ask(root, 'POST', '/users', { name: 'chief', role: 'admin', password: PASSWORD }, { text: /^chief as admin$/ });
	await ask(root, 'POST', '/users', { name: 'otto', role: 'viewer', password: 'another long password' }, { text: /^otto as viewer$/ });
	await ask(root, 'PUT', '/users/otto', { role: 'operator' }, { text: /^operator$/ });
	await ask(root, 'PUT', '/users/otto', { given: ['settings', 'audit'], taken: ['content'] }, { text: /^given settings, audit, taken content$/ });
	await ask(root, 'PUT', '/users/otto', { given: [], taken: [] }, { text: /^given none, taken none$/ });
	await ask(root, 'POST', '/users/otto/password', { password: PASSWORD }, { text: /^another password$/ });
	chief = await signIn('chief', 'admin');
	// Of the two he ends one, and all others together.
	const [second] = [await signIn('chief', 'admin'), await signIn('chief', 'admin')];
	const { sessions } = await ask(chief, 'GET', '/sessions');
	const one = sessions.find(({ this: mine, from }) => !mine && from.startsWith(`${second.as.from}:`));
	await ask(chief, 'DELETE', `/sessions/${one.id}`, undefined, { text: new RegExp(`^session ${one.id} of chief$`) });
	await ask(chief, 'DELETE', '/sessions', undefined, { text: /^all sessions of chief$/ });
	if (isKnown('post /api/v1/me/password'))
		await ask(chief, 'POST', '/me/password', proven('post /api/v1/me/password', { password: 'yet another long password' }), { text: /^.*$/ });
	const { once } = await ask(root, 'POST', '/login-links', { name: 'guest', role: 'viewer' }, { text: /guest/ });
	const from = `127.0.13.${++addresses}`;
	const link = await ask({ ...stranger(from), as: { who: 'guest', role: 'viewer', via: 'session', from } }, 'POST', '/login', { once });
	guest = session('guest', 'viewer', cookieOf(link.reply), from);
	await ask(guest, 'POST', '/logout', {});
	// One that fails is summed up, with the name that was tried.
	const tried = await postroom.api('POST', '/login', { name: 'nemo', password: PASSWORD }, stranger('127.0.13.200').options);
	assert.equal(tried.status, 401);
	expected.push({ record: { action: 'sign_in_failed', who: 'nemo', from: '127.0.13.200', outcome: 'refused', times: 1 }, text: /^$/ });
	// Whoever comes by a proxy is recorded once, when he is first seen.
	for (let i = 0; i < 2; i++) {
		const { name } = await postroom.get('/me', { from: PROXY, headers: { 'Remote-User': 'petra', 'Remote-Groups': 'desk' } });
		assert.equal(name, 'petra');
	}
	expected.push({ record: { action: 'sign_in', who: 'petra', role: 'operator', scope: 'domain:=big.example', via: 'proxy', from: PROXY, outcome: 'done' }, text: /by single sign-on as operator.*groups desk/ });
});

test('an issuer lets somebody in', LONG, async () => {
	await until('the issuer to be there', async () => (await postroom.get('/login/ways')).oidc.ready);
	const visitor = new Visitor(url);
	const { status, address, session: cookie } = await visitor.signIn('anna');
	assert.deepEqual([status, address], [303, '/']);
	const anna = session('anna', 'admin', cookie, visitor.from);
	seen.add('get /api/v1/login/oidc');
	notes(operationFor('GET', '/api/v1/login/oidc/callback'), anna, '/api/v1/login/oidc/callback', { status }, { text: /^by 127\.0\.0\.1:\d+ as admin, subject subject-of-anna, scope none$/ });
	await ask(anna, 'POST', '/logout', {});
});

test('one-time passwords', LONG, async () => {
	const otto = await signIn('otto', 'operator');
	const setUp = async () => {
		const { secret } = await ask(otto, 'POST', '/me/otp', proven('post /api/v1/me/otp', {}), { text: /begun/ });
		return (await ask(otto, 'POST', '/me/otp/confirm', { code: codeOf(secret) }, { text: /set up/ })).codes;
	};
	const codes = await setUp();
	const from = `127.0.13.${++addresses}`;
	// Half a sign-in is none yet, and no failed one.
	const half = await postroom.api('POST', '/login', { name: 'otto', password: PASSWORD }, stranger(from).options);
	assert.equal(half.body.code, 'otp_needed');
	const whole = await ask({ ...stranger(from), as: { who: 'otto', role: 'operator', via: 'session', from } }, 'POST', '/login/otp', { challenge: half.body.challenge, code: codes[0] });
	await ask(session('otto', 'operator', cookieOf(whole.reply), from), 'DELETE', '/me/otp', proven('delete /api/v1/me/otp', { code: codes[1] }), { text: /taken off/ });
	// Kept for the end, where it is taken off without the service.
	await setUp();
	await ask(root, 'POST', '/users', { name: 'olga', role: 'viewer', given: ['content'], scope: 'domain:=big.example', password: PASSWORD }, { text: /^olga as viewer, given content, scope domain:=big\.example$/ });
	const olga = await signIn('olga', 'viewer');
	olga.as.scope = expected.at(-1).record.scope = 'domain:=big.example';
	const { secret } = await ask(olga, 'POST', '/me/otp', proven('post /api/v1/me/otp', {}), { text: /begun/ });
	await ask(olga, 'POST', '/me/otp/confirm', { code: codeOf(secret) }, { text: /set up/ });
	await ask(chief, 'DELETE', '/users/olga/otp', undefined, { text: /olga/ });
	await ask(chief, 'DELETE', '/users/olga', undefined, { text: /olga|^$/ });
});

test('what is read: content, source, a printed list, the audit itself', LONG, async () => {
	const [message] = ids;
	const { parts } = await ask(chief, 'GET', `/messages/${message}/content`, undefined, { message });
	await ask(chief, 'GET', `/messages/${message}/parts/${parts.at(-1).n}`, undefined, { message });
	await ask(chief, 'GET', `/messages/${message}/raw`, undefined, { message });
	const { id } = await ask(chief, 'POST', '/views', { filter: 'domain:=big.example' });
	await ask(chief, 'GET', `/views/${id}`);
	await ask(chief, 'GET', `/views/${id}/rows`);
	await ask(chief, 'GET', `//print?view=${id}`, undefined, { text: /^.*$/ });
	await ask(chief, 'DELETE', `/views/${id}`);
	await ask(chief, 'GET', '/audit?who=chief', undefined, { text: /who=chief/ });
	await ask(root, 'GET', '/audit/export?format=csv', undefined, { text: /^.*$/ });
});

test('what is done to mail, by a session, a token and root', LONG, async () => {
	const { token, info } = await ask(chief, 'POST', '/tokens', { name: 'script', role: 'operator' }, { text: /^token \d+: script as operator$/ });
	const script = { as: { who: 'script', role: 'operator', via: 'token', from: '127.0.0.1' }, options: { token } };
	const jobText = (id, action, count) => new RegExp(`^job ${id}: ${action} of ${count} messages$`);
	const job = async (who, body, count) => {
		const made = await ask(who, 'POST', '/jobs', body, { count, text: new RegExp(`^${body.action} of ${count} messages`) });
		expected.at(-1).record.job = made.id;
		return made.id;
	};
	await postroom.untilJob(await job(script, { action: 'hold', ids: [ids[1]] }, 1));
	const deleted = await job(root, { action: 'delete', ids: [ids[2], ids[3]], undo_seconds: 600 }, 2);
	await postroom.untilJob(deleted, ['grace']);
	await ask(chief, 'POST', `/jobs/${deleted}/undo`, {}, { job: deleted, count: 2, text: jobText(deleted, 'delete', 2) });
	await postroom.untilJob(deleted, ['undone']);
	// One a minute: the second message waits until it is cancelled.
	const slow = await job(chief, { action: 'retry', ids: [ids[4], ids[5]], rate: 1 }, 2);
	await ask(script, 'POST', `/jobs/${slow}/cancel`, {}, { job: slow, count: 2, text: jobText(slow, 'retry', 2) });
	await postroom.untilJob(slow);
	await ask(root, 'POST', '/flush', {});
	for (const path of [`/jobs/${slow}`, `/jobs/${slow}/items`])
		await ask(chief, 'GET', path);
	const saved = await ask(script, 'POST', '/saved-views', { name: 'all', address: '?filter=' }, { text: /^saved view all$/ });
	await ask(script, 'PUT', `/saved-views/${saved.id}`, { name: 'every', address: '?filter=' }, { text: /every/ });
	await ask(chief, 'DELETE', `/saved-views/${saved.id}`, undefined, { text: /^.*$/ });
	await ask(chief, 'DELETE', `/tokens/${info.id}`, undefined, { text: /^.*$/ });
});

let pause;
let known; // jobs before the end of the pause

test('what is set: a pause, and Postfix', LONG, async () => {
	const { seen: lines } = await ask(chief, 'GET', '/pauses/setup');
	await ask(chief, 'POST', '/pauses/setup', { seen: lines }, { text: /^set-up of pauses$/ });
	const pauses = new Pausing(postroom);
	pause = await ask(chief, 'POST', '/pauses', { kind: 'domain', key: 'big.example', reason: 'they limit us', until: inHours(2) }, { text: /domain big\.example until .*they limit us/ });
	await pauses.until(pause.id, 'in_force');
	await ask(chief, 'PUT', `/pauses/${pause.id}`, { until: inHours(3) }, { text: /domain big\.example until/ });
	await pauses.until(pause.id, 'in_force');
	known = new Set((await postroom.get('/jobs?limit=200')).jobs.map(({ id }) => id));
	await ask(chief, 'DELETE', `/pauses/${pause.id}`, undefined, { text: /big\.example/ });
	// Until Postfix knows of that, it takes its time; meanwhile the other settings.
	const applied = (id) => until('the change to be applied', async () => (await postroom.get(`/settings/changes/${id}`)).state === 'applied', { timeout: 150_000 });
	const change = await ask(chief, 'PUT', '/settings', { values: { bounce_queue_lifetime: '4h' } }, { text: /bounce_queue_lifetime/ });
	await applied(change.id);
	await ask(chief, 'GET', `/settings/changes/${change.id}`);
	await ask(chief, 'POST', '/settings/preview', { values: { bounce_queue_lifetime: '4h' } });
	const back = await ask(chief, 'POST', `/settings/changes/${change.id}/restore`, undefined, { text: /bounce_queue_lifetime/ });
	await applied(back.id);
});

test('incidents, alerts and tests', LONG, async () => {
	const [{ id }] = await until('an incident', async () => {
		const { incidents } = await postroom.get('/incidents');
		return incidents.length > 0 && incidents;
	}, { timeout: 120_000 });
	await ask(chief, 'GET', `/incidents/${id}`);
	await ask(chief, 'POST', `/incidents/${id}/notes`, { text: 'a ticket is open' }, { text: /^.*$/ });
	await ask(chief, 'POST', `/incidents/${id}/snooze`, { until: inHours(1) }, { text: /^.*$/ });
	const revision = async (what) => (await ask(chief, 'GET', `/alerts/${what}`)).revision;
	const channels = [{ id: 'hook', kind: 'webhook', url: receiver.url, allow_local: true }];
	await ask(chief, 'PUT', '/alerts/channels', { revision: await revision('channels'), channels, heartbeat: { enabled: false, every_s: 60 } }, { text: /^1 channels/ });
	await ask(chief, 'PUT', '/alerts/rules', { revision: await revision('rules'), rules: [{ id: 'none', enabled: false, channels: ['hook'] }] }, { text: /^1 rules/ });
	await ask(chief, 'POST', '/alerts/channels/hook/test', undefined, { text: /^test of the channel hook$/ });
	const silence = await ask(chief, 'POST', '/alerts/silences', { until: inHours(1), reason: 'works' }, { text: /works/ });
	await ask(chief, 'DELETE', `/alerts/silences/${silence.id}`, undefined, { text: /^.*$/ });
	const probe = await ask(chief, 'POST', '/probes', { kind: 'own_address', address: '127.0.0.1' }, { text: /^.*$/ });
	await ask(chief, 'GET', `/probes/${probe.id}`);
});

test('the end of a pause is a job that nobody asked for, with a record of its own', LONG, async () => {
	const job = await until('the job of the end of the pause', async () => (await postroom.get('/jobs?limit=200')).jobs.find(({ id }) => !known.has(id)), { timeout: 120_000 });
	expected.push({ record: { action: 'job', who: 'chief', via: 'service', object: '/api/v1/jobs', job: job.id, count: job.total, outcome: 'done' }, text: /^What waited for the pause of big\.example$/ });
	const undone = await until('the set-up to be at rest', async () => {
		const { seen: now } = await postroom.get('/pauses/setup');
		const reply = await postroom.api('DELETE', `/pauses/setup?seen=${now}`, undefined, chief.options);
		// While a table is written it says so, and does nothing.
		if (reply.status >= 400)
			expected.push({ record: { action: 'settings', ...chief.as, object: '/api/v1/pauses/setup', outcome: reply.status < 500 ? 'refused' : 'failed', status: reply.status }, text: /^.*$/ });
		return reply.status < 400 && reply;
	});
	notes(operationFor('DELETE', '/api/v1/pauses/setup'), chief, '/api/v1/pauses/setup', undone, { text: /^set-up of pauses undone$/ });
});

// What is left only looks. `page` and so on: what stands in the address for a parameter.
const QUERIES = { 'get /api/v1/groups': '?by=cause', 'get /api/v1/trace': '?text=big.example', 'get /api/v1/filters': '?text=from:a', 'get /api/v1/filters/completions': '?text=from:' };
const BODIES = { 'post /api/v1/groups': { by: 'cause' }, 'post /api/v1/filters': { text: 'from:a' }, 'post /api/v1/previews': () => ({ action: 'hold', ids: [ids[1]] }) };
const VALUES = { id: () => ids[1], name: () => 'chief', page: () => 'first-hour.html' };

test('what only looks makes no record, and every operation was asked for', LONG, async () => {
	// A stream has no end of its own.
	const events = request({ socketPath: postroom.socket, path: '/api/v1/events', headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } });
	events.on('error', () => {});
	events.end();
	const [reply] = await once(events, 'response');
	assert.equal(reply.statusCode, 200);
	events.destroy();
	seen.add('get /api/v1/events');
	for (const { name, path } of OPERATIONS.filter((one) => !one['x-audit'] && !seen.has(one.name))) {
		const address = path.replace(/\{(\w+)\}/g, (_, parameter) => VALUES[parameter]());
		const body = typeof BODIES[name] === 'function' ? BODIES[name]() : BODIES[name];
		await ask(chief, name.split(' ')[0].toUpperCase(), `${address.replace(/^\/api\/v1|^/, (base) => (base ? '' : '/'))}${QUERIES[name] ?? ''}`, body);
	}
	const left = OPERATIONS.map(({ name }) => name).filter((name) => !seen.has(name));
	assert.deepEqual(left, [], 'operations that have no case here: each needs one, with the record that it makes');
});

// What the service does by itself.
const OWN = /^(audit_(begin|seal|cut|key|torn|lost)|role_|sandbox_)/;

test('exactly these records are there, and no other', LONG, async () => {
	// A stop writes what was still summed up or promised.
	await postroom.stop();
	expected.push({ record: { action: 'service_started' }, text: /./ }, { record: { action: 'service_stopped' }, text: /^$/ });
	const records = postroom.audit().filter(({ action }) => !OWN.test(action));
	const found = records.map((record) => line(record, record.text ?? ''));
	const missing = [];
	for (const { record, text } of expected) {
		const begins = line(record, '');
		const at = found.findIndex((one) => one?.startsWith(begins) && text.test(one.slice(begins.length)));
		if (at < 0)
			missing.push(`${begins}${text}`);
		else
			found[at] = null;
	}
	assert.deepEqual({ missing, more: found.filter((one) => one !== null) }, { missing: [], more: [] });
	assert.equal(new Set(records.filter(({ reference }) => reference).map(({ reference }) => reference)).size, records.filter(({ reference }) => reference).length);
});

test('a command that works without the service leaves its record, too', LONG, async () => {
	const begun = postroom.audit().length;
	const run = async (input, ...args) => {
		const { status, stdout, stderr } = await postroom.cliWith({ input }, ...args);
		assert.equal(status, 0, stdout + stderr);
	};
	await run(`${PASSWORD}\n`, 'user', 'add', 'carla', '--role', 'viewer', '--password-stdin');
	await run('', 'user', 'lock', 'carla');
	await run('', 'user', 'otp', 'otto', '--reset', '--yes');
	await run('', 'user', 'delete', 'carla', '--yes');
	await postroom.up();
	const made = await until('the records', () => {
		const found = postroom.audit().slice(begun).filter(({ via }) => via === 'command');
		return found.length >= 4 && found;
	});
	assert.deepEqual(made.map(({ action, who, object, outcome, text }) => [action, who, object, outcome, text]), [
		['account', 'root', '/api/v1/users/carla', 'done', 'viewer'],
		['account', 'root', '/api/v1/users/carla', 'done', 'locked'],
		['otp', 'root', '/api/v1/users/otto/otp', 'done', 'taken off'],
		['account', 'root', '/api/v1/users/carla', 'done', 'deleted'],
	]);
});
