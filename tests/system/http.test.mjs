// What the network sees: requests that HTTP forbids, who may come in, and where from.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import test, { after, before } from 'node:test';
import { freePort, Postfix, Postroom, until } from '../harness/index.mjs';

let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	await postfix.injectDeferred();
	postroom = await Postroom.start(postfix);
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

// Sends bytes as they are, in pieces, and gives all that comes back until the server closes (or, with
// `replies`, until so many answers have begun).
function exchange(pieces, { replies = Infinity, timeout = 5000, unix = false } = {}) {
	const [host, port] = postroom.keys['http.listen'].split(':');
	return new Promise((resolve, reject) => {
		const socket = unix ? connect(postroom.socket) : connect(Number(port), host);
		let text = '';
		const timer = setTimeout(() => {
			socket.destroy();
			reject(new Error(`no end after ${timeout} ms; got: ${text}`));
		}, timeout);
		const end = () => {
			clearTimeout(timer);
			socket.destroy();
			resolve(text);
		};
		socket.on('data', (data) => {
			text += data.toString('latin1');
			if ((text.match(/HTTP\/1\.1 \d{3}/g) ?? []).length >= replies)
				end();
		});
		socket.on('error', end);
		socket.on('close', end);
		socket.on('connect', async () => {
			for (const piece of [pieces].flat()) {
				socket.write(Buffer.from(piece, 'latin1'));
				await new Promise((done) => setImmediate(done));
			}
		});
	});
}
const statusOf = (text) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
const GET = 'GET /healthz HTTP/1.1\r\n';
const HOST = 'Host: localhost\r\n';
const POST = `POST /api/v1/login HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n`;

const FORBIDDEN = {
	'two Hosts': [`${GET}${HOST}${HOST}\r\n`, 400],
	'two different Hosts': [`${GET}${HOST}Host: other.example\r\n\r\n`, 400],
	'no Host': [`${GET}\r\n`, 400],
	'length and chunked together': [`${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
	'two lengths': [`${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`, 400],
	'a list of lengths': [`${POST}Content-Length: 2, 2\r\n\r\n{}`, 400],
	'a signed length': [`${POST}Content-Length: +2\r\n\r\n{}`, 400],
	'an unknown coding': [`${POST}Transfer-Encoding: identity\r\n\r\n`, 501],
	'chunked twice': [`${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 501],
	'bare LF': ['GET /healthz HTTP/1.1\nHost: localhost\n\n', 400],
	'bare LF at the end': [`${GET}Host: localhost\r\n\n`, 400],
	'bare CR': [`${GET}${HOST}X: a\rb\r\n\r\n`, 400],
	'a space before the colon': [`${GET}Host : localhost\r\n\r\n`, 400],
	'a space in a name': [`${GET}${HOST}X Y: 1\r\n\r\n`, 400],
	'NUL in a value': [`${GET}${HOST}X: a\0b\r\n\r\n`, 400],
	'NUL in the address': [`GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
	'a folded line': [`${GET}${HOST}X: a\r\n b\r\n\r\n`, 400],
	'a leading empty line': [`\r\n${GET}${HOST}\r\n`, 400],
	'a bad method': [`G@T / HTTP/1.1\r\n${HOST}\r\n`, 400],
	'another version': [`GET / HTTP/3.0\r\n${HOST}\r\n`, 505],
	'an absolute address': [`GET http://localhost/healthz HTTP/1.1\r\n${HOST}\r\n`, 400],
	'too long an address': [`GET /${'a'.repeat(20000)} HTTP/1.1\r\n${HOST}\r\n`, 414],
	'too large a head': [`${GET}${HOST}X: ${'a'.repeat(40000)}\r\n\r\n`, 431],
	'too many headers': [`${GET}${HOST}${'X: a\r\n'.repeat(200)}\r\n`, 431],
	'chunk extensions': [`${POST}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n`, 400],
	trailers: [`${POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n`, 400],
	'a body larger than its bound': [`${POST}Content-Length: 10000000\r\n\r\n`, 413],
	'chunks larger than their bound': [`${POST}Transfer-Encoding: chunked\r\n\r\n${'8000\r\n'}${'a'.repeat(0x8000)}\r\n${'8001\r\n'}${'a'.repeat(0x8001)}\r\n`, 413],
};

for (const [name, [bytes, status]] of Object.entries(FORBIDDEN))
	test(`refuses ${name} and closes`, async () => {
		// Behind it stands a whole request that must not be answered: the connection is over.
		assert.equal(statusOf(await exchange(bytes)), status);
		const both = await exchange([bytes + `${GET}${HOST}\r\n`]);
		assert.equal(statusOf(both), status);
		assert.equal(both.match(/HTTP\/1\.1 \d{3}/g).length, 1, both);
		assert.match(both, /connection: close/i);
	});

test('answers one byte at a time, several in a row, and HTTP/1.0', async () => {
	assert.equal(statusOf(await exchange([...`${GET}${HOST}Connection: close\r\n\r\n`])), 200);
	const three = await exchange(`${GET}${HOST}\r\n`.repeat(2) + `${GET}${HOST}Connection: close\r\n\r\n`);
	assert.equal(three.match(/HTTP\/1\.1 200/g).length, 3, three);
	assert.equal(statusOf(await exchange('GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n')), 200);
	const head = await exchange(`HEAD /healthz HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
	assert.match(head, /content-length: 16/i);
	assert.ok(head.endsWith('\r\n\r\n'));
});

test('reads a chunked body, and answers a client that waits to be asked for it', async () => {
	const chunked = await exchange(`${POST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`);
	assert.equal(statusOf(chunked), 400);
	assert.match(chunked, /missing_member/);
	const waiting = await exchange([`${POST}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`, '{}']);
	assert.match(waiting, /^HTTP\/1\.1 (100|400)/);
	assert.match(waiting, /missing_member/);
});

// The store's thread checks passwords, so that the token waits for its turn while the body comes.
test('reads a large body whole that comes before its sender is known', async () => {
	const { token, info } = await postroom.post('/tokens', { name: 'large', role: 'operator' });
	const ids = Array.from({ length: 60000 }, (_, i) => `4dCzQ8${String(100000 + i)}z1p3V`);
	const logins = [1, 2, 3].map((i) => postroom.api('POST', '/login', { name: `busy${i}`, password: 'wrong' }, { tcp: true }));
	const preview = await postroom.api('POST', '/previews', { action: 'hold', ids }, { token });
	assert.equal(preview.status, 200, JSON.stringify(preview.body));
	assert.equal(preview.body.warnings.find(({ code }) => code === 'not_found').count, ids.length);
	await Promise.all(logins);
	assert.equal((await postroom.api('DELETE', `/tokens/${info.id}`)).status, 204);
});

test('survives clients that go away at any moment', async () => {
	const [host, port] = postroom.keys['http.listen'].split(':');
	for (const bytes of ['', 'GET', `${GET}${HOST}`, `${POST}Content-Length: 100\r\n\r\n{`, `GET /api/v1/events HTTP/1.1\r\n${HOST}\r\n`])
		await new Promise((done) => {
			const socket = connect(Number(port), host, () => socket.write(bytes, () => {
				socket.resetAndDestroy?.() ?? socket.destroy();
				done();
			}));
			socket.on('error', () => {});
		});
	assert.equal(postroom.pids('server').length, 1);
	assert.equal((await postroom.raw('GET', '/healthz')).status, 200);
});

test('answers only for its own names', async () => {
	for (const host of ['localhost', '127.0.0.1', '127.0.0.1:8025', '[::1]:80', 'LOCALHOST'])
		assert.equal((await postroom.raw('GET', '/healthz', { tcp: true, headers: { Host: host } })).status, 200, host);
	for (const host of ['rebind.example', '192.0.2.1', 'localhost.example', '127.0.0.1.example']) {
		const { status, body } = await postroom.api('GET', '//healthz', undefined, { tcp: true, headers: { Host: host } });
		assert.equal(status, 421, host);
		assert.equal(body.code, 'unknown_host');
	}
});

test('nothing but health, sign-in and the page is answered without a sign-in', async () => {
	for (const path of ['/queue', '/messages', '/groups?by=queue', '/me', '/jobs', '/settings', '/history', '/events', '/tokens', '/nothing']) {
		const { status, body } = await postroom.api('GET', path, undefined, { tcp: true });
		assert.equal(status, 401, path);
		assert.equal(body.code, 'not_authenticated');
	}
	for (const path of ['/views', '/jobs', '/previews', '/flush', '/logout', '/users', '/login-links'])
		assert.equal((await postroom.api('POST', path, {}, { tcp: true })).status, 401, path);
	assert.equal((await postroom.api('GET', '/queue', undefined, { token: 'postroom_nonsense' })).status, 401);
	assert.equal((await postroom.api('GET', '/queue', undefined, { tcp: true, headers: { Authorization: 'Basic cm9vdDpyb290' } })).status, 401);
	assert.equal((await postroom.api('GET', '/queue', undefined, { tcp: true, headers: { Cookie: 'postroom=x; postroom=y' } })).status, 401);
	for (const path of ['//livez', '//healthz', '//readyz'])
		assert.equal((await postroom.api('GET', path, undefined, { tcp: true })).status, 200, path);
});

test('roles: a viewer sees the queue, no content, and does nothing', async () => {
	const { token, info } = await postroom.post('/tokens', { name: 'watch', role: 'viewer' });
	assert.equal(info.role, 'viewer');
	const me = await postroom.get('/me', { token });
	assert.deepEqual(me.rights, ['viewer']);
	assert.equal(me.via, 'token');
	const [message] = (await postroom.get('/messages', { token })).messages;
	for (const [method, path] of [['GET', `/messages/${message.id}/content`], ['GET', `/messages/${message.id}/raw`],
		['POST', '/jobs'], ['POST', '/previews'], ['POST', '/flush'], ['PUT', '/settings'], ['POST', '/tokens'], ['POST', '/users'],
		['POST', '/login-links']]) {
		const { status, body } = await postroom.api(method, path, method === 'GET' ? undefined : {}, { token });
		assert.equal(status, 403, path);
		assert.equal(body.code, 'forbidden');
	}
	const { tokens } = await postroom.get('/tokens');
	assert.deepEqual(tokens.map((t) => t.id), [info.id]);
	assert.equal((await postroom.api('DELETE', `/tokens/${info.id}`)).status, 204);
	assert.equal((await postroom.api('GET', '/queue', undefined, { token })).status, 401);
	assert.equal((await postroom.api('DELETE', `/tokens/${info.id}`)).body.code, 'token_not_found');
});

async function signIn(body, { from, headers } = {}) {
	const reply = await postroom.api('POST', '/login', body, { tcp: true, from, headers });
	return { ...reply, cookie: /^(__Host-)?postroom=[^;]+/.exec(reply.headers['set-cookie']?.[0] ?? '')?.[0] };
}

test('a password opens a session, a wrong one does not, and many wrong ones have to wait', async () => {
	await postroom.post('/users', { name: 'ann', role: 'operator', password: 'correct horse battery' });
	assert.equal((await postroom.api('POST', '/users', { name: 'ann', role: 'viewer', password: 'another password' })).body.code, 'already_exists');
	assert.equal((await postroom.api('POST', '/users', { name: 'bob', role: 'viewer', password: 'short' })).body.code, 'invalid_value');
	assert.equal((await postroom.api('POST', '/users', { name: 'b b', role: 'viewer', password: 'long enough 123' })).body.code, 'invalid_value');
	const wrong = await signIn({ name: 'ann', password: 'wrong' });
	assert.equal(wrong.status, 401);
	assert.equal(wrong.body.code, 'login_failed');
	assert.equal((await signIn({ name: 'nobody-here', password: 'wrong' })).body.detail, wrong.body.detail);

	const right = await signIn({ name: 'ann', password: 'correct horse battery' });
	assert.equal(right.status, 200);
	assert.equal(right.body.role, 'operator');
	assert.match(right.headers['set-cookie'][0], /; HttpOnly; SameSite=Strict/);
	const me = await postroom.get('/me', { tcp: true, headers: { Cookie: right.cookie } });
	assert.equal(me.name, 'ann');
	assert.equal(me.via, 'session');

	const origin = postroom.url;
	assert.equal((await postroom.api('POST', '/logout', undefined, { tcp: true, headers: { Cookie: right.cookie, Origin: origin } })).status, 204);
	assert.equal((await postroom.api('GET', '/me', undefined, { tcp: true, headers: { Cookie: right.cookie } })).status, 401);

	const from = '127.0.0.9';
	await until('a failed login to be told to wait', async () => (await signIn({ name: 'ann', password: 'wrong' }, { from })).status === 429);
	assert.equal((await signIn({ name: 'ann', password: 'correct horse battery' }, { from })).body.code, 'too_many_requests');
});

const STRANGERS = Array.from({ length: 40 }, (_, i) => `127.0.1.${i + 1}`);
test('strangers at many addresses lock out neither the browser nor the address that has signed in before', async () => {
	const ann = { name: 'anna', password: 'correct horse battery' };
	await postroom.post('/users', { role: 'viewer', ...ann });
	const first = await signIn(ann, { from: '127.0.2.1' });
	assert.equal(first.status, 200);
	const device = first.headers['set-cookie'].map((line) => /^postroom-device=[^;]+/.exec(line)?.[0]).find(Boolean);
	assert.match(device, /^postroom-device=\S+/);
	let waits = 0;
	for (const from of STRANGERS)
		waits += (await signIn({ name: 'anna', password: 'wrong' }, { from })).status === 429;
	assert.ok(waits >= 5, `${waits} of ${STRANGERS.length} strangers had to wait`);
	// The name is used up for strangers, with the right password too, but not for whoever is known. It is soon good for one again, so
	// what is asked of a stranger is asked from one address after another, behind wrong ones.
	let last = 0;
	const stranger = (account, headers = {}) => until('a stranger to be told to wait', async () => {
		await Promise.all([1, 2, 3].map(() => signIn({ name: 'anna', password: 'wrong' }, { from: `127.0.4.${++last}` })));
		return (await signIn(account, { from: `127.0.4.${++last}`, headers })).status === 429;
	});
	await stranger(ann);
	assert.equal((await signIn(ann, { from: '127.0.3.1', headers: { Cookie: device } })).status, 200);
	assert.equal((await signIn(ann, { from: '127.0.3.2', headers: { Cookie: first.cookie, Origin: postroom.url } })).status, 200);
	assert.equal((await signIn(ann, { from: '127.0.2.1' })).status, 200);
	// A cookie that was made for another name, or by somebody else, helps nobody.
	await stranger(ann, { Cookie: `${device.slice(0, -2)}AA` });
	// Nor is there an end to what one may try with a good one.
	await until('the browser to be told to wait', async () => (await signIn({ name: 'anna', password: 'wrong' }, { from: '127.0.3.4', headers: { Cookie: device } })).status === 429);
});

test('on a socket of IPv6 each IPv4 address is one caller', async () => {
	const port = await freePort();
	const both = await Postroom.start(postfix, { tcp: false, set: { 'http.listen': `[::ffff:127.0.0.1]:${port}`, 'http.insecure': 'yes' } });
	await both.post('/users', { name: 'dora', role: 'viewer', password: 'correct horse battery' });
	const attempt = (from, password) => new Promise((resolve, reject) => {
		const outgoing = request({ host: '127.0.0.1', port, localAddress: from, agent: false, method: 'POST', path: '/api/v1/login',
			headers: { Host: 'localhost', 'Content-Type': 'application/json' } }, (reply) => resolve(reply.resume().statusCode));
		outgoing.on('error', reject).end(JSON.stringify({ name: 'dora', password }));
	});
	assert.equal(await attempt('127.0.4.1', 'correct horse battery'), 200);
	await until('a stranger to be told to wait', async () => (await attempt('127.0.4.2', 'wrong')) === 429);
	assert.equal(await attempt('127.0.4.3', 'correct horse battery'), 200);
	await both.stop();
});

test('a login ends the session that it replaces', async () => {
	const bea = { name: 'bea', password: 'correct horse battery' };
	await postroom.post('/users', { role: 'viewer', ...bea });
	const { cookie: old } = await signIn(bea, { from: '127.0.4.1' });
	const { cookie: fresh } = await signIn(bea, { from: '127.0.4.1', headers: { Cookie: old, Origin: postroom.url } });
	const status = async (cookie) => (await postroom.api('GET', '/me', undefined, { tcp: true, headers: { Cookie: cookie } })).status;
	assert.deepEqual([await status(old), await status(fresh)], [401, 200]);
});

test('weak passwords are refused wherever one is set', async () => {
	for (const password of ['elevenbytes', 'password1234', 'Passwordpassword', 'claramaria-17', '123456789012', 'aaaaaaaaaaaa']) {
		const { status, body } = await postroom.api('POST', '/users', { name: 'ClaraMaria', role: 'viewer', password });
		assert.deepEqual([status, body.code], [400, 'invalid_value'], password);
	}
	await postroom.post('/users', { name: 'ClaraMaria', role: 'viewer', password: 'a long enough password' });
	assert.equal((await postroom.api('POST', '/users/ClaraMaria/password', { password: 'football2026!' })).body.code, 'invalid_value');
});

test('a request that is under way while its session ends does not prolong it', async () => {
	await postroom.post('/users', { name: 'leaver', role: 'viewer', password: 'correct horse battery' });
	const { cookie } = await signIn({ name: 'leaver', password: 'correct horse battery' });
	const headers = { Cookie: cookie, Origin: postroom.url };
	// The store is busy with passwords: everything below waits for it together.
	const logins = [1, 2, 3].map((i) => signIn({ name: `busy${i}`, password: 'wrong' }));
	const under = [postroom.api('POST', '/logout', undefined, { tcp: true, headers })];
	for (let i = 0; i < 20; i++)
		under.push(postroom.api('GET', '/me', undefined, { tcp: true, headers }));
	assert.equal((await under[0]).status, 204);
	await Promise.all([...logins, ...under]);
	assert.equal((await postroom.api('GET', '/me', undefined, { tcp: true, headers })).status, 401);
});

const HOLDING = { idle: '', 'in the middle of a body': `${POST}Content-Length: 100\r\n\r\n{` };
for (const [how, bytes] of Object.entries(HOLDING)) test(`whoever takes all connections of the port, ${how}, locks out nobody`, async () => {
	const [host, port] = postroom.keys['http.listen'].split(':');
	const sockets = [];
	let refused = 0;
	for (let i = 0; i < 1100; i++)
		await new Promise((done) => {
			const socket = connect(Number(port), host, () => socket.write(bytes, done));
			socket.on('error', done).on('close', () => { refused++; });
			sockets.push(socket);
		});
	try {
		await until('the port takes no more', () => refused > 0);
		assert.equal((await postroom.raw('GET', '/healthz')).status, 200);
		assert.equal((await postroom.get('/me')).via, 'socket');
		assert.equal((await postroom.raw('GET', '/healthz', { tcp: true })).status, 200);
	} finally {
		for (const socket of sockets)
			socket.destroy();
	}
	await until('the port answers again', async () => (await postroom.raw('GET', '/healthz', { tcp: true }).catch(() => ({}))).status === 200);
});

const events = (token, method = 'GET') => new Promise((resolve, reject) => {
	const [host, port] = postroom.keys['http.listen'].split(':');
	const outgoing = request({ host, port, method, path: '/api/v1/events', agent: false, headers: { Authorization: `Bearer ${token}` } }, (reply) => resolve({ status: reply.statusCode, headers: reply.headers, reply, end: () => outgoing.destroy() }));
	outgoing.on('error', reject).end();
});

test('HEAD of the events ends at once, and 500 of them keep nobody out', async () => {
	const { token, info } = await postroom.post('/tokens', { name: 'heads', role: 'viewer' });
	const [host, port] = postroom.keys['http.listen'].split(':');
	const head = `HEAD /api/v1/events HTTP/1.1\r\n${HOST}Authorization: Bearer ${token}\r\n\r\n`;
	// It has its end: the next request on the connection is answered.
	const both = await exchange(`${head}${GET}${HOST}Connection: close\r\n\r\n`);
	assert.equal(both.match(/HTTP\/1\.1 200/g).length, 2, both);
	assert.match(both, /text\/event-stream/);
	const sockets = Array.from({ length: 500 }, () => connect(Number(port), host, function send() { this.write(head); }).on('error', () => {}));
	await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('data', done).once('close', done))));
	const stream = await events(token);
	assert.equal(stream.status, 200);
	stream.end();
	for (const socket of sockets)
		socket.destroy();
	await postroom.api('DELETE', `/tokens/${info.id}`);
});

test('one who opens streams without end keeps out only himself, and so do downloads that he does not read', async () => {
	const { token: greedy } = await postroom.post('/tokens', { name: 'greedy', role: 'operator' });
	const { token: other } = await postroom.post('/tokens', { name: 'other', role: 'operator' });
	const streams = [];
	for (let i = 0; i < 30; i++)
		streams.push(await events(greedy));
	assert.deepEqual(streams.map(({ status }) => status), [...Array(16).fill(200), ...Array(14).fill(429)]);
	assert.equal((await postroom.raw('GET', '/api/v1/queue', { token: greedy })).status, 200);
	const one = await events(other);
	assert.equal(one.status, 200);
	for (const stream of [one, ...streams])
		stream.end();
	await until('a stream to be free again', async () => { const stream = await events(greedy); stream.end(); return stream.status === 200; });

	const large = await postfix.injectDeferred({ body: `${'x'.repeat(900)}\r\n`.repeat(9000) });
	await postroom.untilMessage(large);
	const [host, port] = postroom.keys['http.listen'].split(':');
	const unread = [];
	for (let i = 0; i < 8; i++)
		unread.push(connect(Number(port), host, function write() {
			this.pause().write(`GET /api/v1/messages/${large}/raw HTTP/1.1\r\n${HOST}Authorization: Bearer ${greedy}\r\n\r\n`);
		}).on('error', () => {}));
	try {
		await until('the greedy one to be refused', async () => (await postroom.raw('GET', `/api/v1/messages/${large}/raw`, { token: greedy })).status === 429);
		const read = await postroom.raw('GET', `/api/v1/messages/${large}/raw`, { token: other });
		assert.equal(read.status, 200);
		assert.ok(read.bytes.length > 8e6);
	} finally {
		for (const socket of unread)
			socket.destroy();
	}
	await until('his own place to be free again', async () => (await postroom.raw('GET', `/api/v1/messages/${large}/raw`, { token: greedy })).status === 200);
});

test('2,000 half-open sign-ins keep out neither those who are there nor those who come', async () => {
	const { token } = await postroom.post('/tokens', { name: 'there', role: 'viewer' });
	const [host, port] = postroom.keys['http.listen'].split(':');
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const here = () => new Promise((resolve, reject) => request({ host, port, agent, path: '/api/v1/me', headers: { Authorization: `Bearer ${token}` } },
		(reply) => { const { localPort } = reply.socket; reply.resume().on('end', () => resolve(localPort)); }).on('error', reject).end());
	const before = await here();
	const sockets = Array.from({ length: 2000 }, () => connect(Number(port), host, function send() { this.write(`${POST}Content-Length: 100\r\n\r\n{`); }).on('error', () => {}));
	try {
		await until('the flood to be pushed out by itself', () => sockets.filter((socket) => socket.destroyed || socket.readyState === 'closed').length > 1000);
		assert.equal(await here(), before, 'the connection of somebody known was closed');
		assert.equal((await postroom.raw('GET', '/api/v1/queue', { token, from: '127.0.7.7' })).status, 200);
		assert.equal((await signIn({ name: 'nobody', password: 'wrong' }, { from: '127.0.7.7' })).status, 401);
	} finally {
		agent.destroy();
		for (const socket of sockets)
			socket.destroy();
	}
});

test('half-open sign-ins from 600 addresses let browsers come in and sign in', async () => {
	const boss = { name: 'boss', password: 'correct horse battery' };
	await postroom.post('/users', { role: 'viewer', ...boss });
	assert.equal((await signIn(boss, { from: '127.0.6.1' })).status, 200);
	const { token } = await postroom.post('/tokens', { name: 'browser', role: 'viewer' });
	const [host, port] = postroom.keys['http.listen'].split(':');
	let ended = false;
	const sockets = new Set();
	// Whoever is closed comes again.
	const hold = (from) => {
		const socket = connect({ host, port: Number(port), localAddress: from }, () => socket.write(`${POST}Content-Length: 100\r\n\r\n{`));
		sockets.add(socket);
		socket.on('error', () => {}).on('close', () => { sockets.delete(socket); if (!ended) setImmediate(hold, from); }).resume();
	};
	for (let i = 0; i < 600; i++)
		hold(`127.5.${Math.floor(i / 250)}.${i % 250 + 1}`);
	try {
		await until('all of them to be there', () => sockets.size >= 500);
		for (let round = 0; round < 3; round++) {
			const replies = Array.from({ length: 6 }, () => postroom.raw('GET', '/api/v1/queue', { token, from: '127.0.6.1' }));
			assert.deepEqual((await Promise.all(replies)).map(({ status }) => status), Array(6).fill(200));
			assert.equal((await signIn(boss, { from: '127.0.6.1' })).status, 200);
		}
	} finally {
		ended = true;
		for (const socket of sockets)
			socket.destroy();
	}
});

test('behind the trusted proxy, each client has failed logins of his own', async () => {
	const behind = await Postroom.start(postfix, { set: { 'http.trusted_proxy': '127.0.0.1', 'http.public_url': 'https://queue.mail.example/' } });
	const attempt = async (client) => (await behind.api('POST', '/login', { name: 'ann', password: 'wrong' },
		{ tcp: true, headers: { Host: 'queue.mail.example', 'X-Forwarded-For': `198.51.100.9, ${client}` } })).status;
	await until('the first client to be told to wait', async () => (await attempt('192.0.2.1')) === 429);
	assert.equal(await attempt('192.0.2.2'), 401);
	const { once } = await behind.post('/login-links', { name: 'guest', role: 'viewer' });
	const login = await behind.api('POST', '/login', { once }, { tcp: true, headers: { Host: 'queue.mail.example' } });
	assert.match(login.headers['set-cookie'][0], /^__Host-postroom=[^;]+; Path=\/; .*; Secure/);
	assert.equal(login.headers['strict-transport-security'], 'max-age=31536000');
	const secret = /=([^;]+)/.exec(login.headers['set-cookie'][0])[1];
	const as = async (name) => (await behind.api('GET', '/me', undefined, { tcp: true, headers: { Host: 'queue.mail.example', Cookie: `${name}=${secret}` } })).status;
	assert.deepEqual([await as('__Host-postroom'), await as('postroom')], [200, 401]);
	await behind.stop();
});

test('a one-time link opens one session', async () => {
	const { once, path } = await postroom.post('/login-links', { name: 'guest', role: 'admin', valid_seconds: 60 });
	assert.equal(path, `/#login=${once}`);
	const first = await signIn({ once });
	assert.equal(first.body.role, 'admin');
	assert.equal((await signIn({ once })).body.code, 'login_link_invalid');
	assert.equal((await postroom.api('GET', '/queue', undefined, { token: once })).status, 401);
	assert.equal((await signIn({ once, name: 'x' })).body.code, 'bad_request');
});

test('requests that another site made a browser send are refused', async () => {
	const { once } = await postroom.post('/login-links', { name: 'guest', role: 'admin' });
	const { cookie } = await signIn({ once });
	const attempt = async (headers, body = {}) => {
		const { status, body: problem } = await postroom.api('POST', '/views', body, { tcp: true, headers: { Cookie: cookie, ...headers } });
		return status === 403 ? problem.code : status;
	};
	assert.equal(await attempt({ Origin: postroom.url }), 201);
	assert.equal(await attempt({ Origin: postroom.url, 'Sec-Fetch-Site': 'same-origin' }), 201);
	assert.equal(await attempt({}), 'csrf_refused');
	assert.equal(await attempt({ Origin: 'https://evil.example' }), 'csrf_refused');
	assert.equal(await attempt({ Origin: 'null' }), 'csrf_refused');
	assert.equal(await attempt({ Origin: postroom.url.replace('http:', 'https:') }), 'csrf_refused');
	assert.equal(await attempt({ Origin: postroom.url.replace('http:', 'ftp:') }), 'csrf_refused');
	assert.equal(await attempt({ Origin: postroom.url, 'Sec-Fetch-Site': 'none' }), 'csrf_refused');
	assert.equal(await attempt({ 'Sec-Fetch-Site': 'cross-site' }), 'csrf_refused');
	assert.equal(await attempt({ Origin: postroom.url, 'Sec-Fetch-Site': 'same-site' }), 'csrf_refused');
	const plain = await postroom.api('POST', '/logout', undefined, { tcp: true, headers: { Cookie: cookie, Origin: postroom.url, 'X-Postroom': '' } });
	assert.equal(plain.status, 204);
	const form = await postroom.raw('POST', '/api/v1/views', { body: 'filter=a', tcp: true,
		headers: { Cookie: (await signIn({ once: (await postroom.post('/login-links', { name: 'guest', role: 'admin' })).once })).cookie,
			Origin: postroom.url, 'Content-Type': 'application/x-www-form-urlencoded' } });
	assert.equal(form.status, 415);
	assert.equal((await postroom.api('POST', '/login', { name: 'a', password: 'b' }, { tcp: true, headers: { Origin: 'https://evil.example' } })).body.code, 'csrf_refused');
});

test('what is not known is refused: members, parameters, methods, JSON', async () => {
	const code = async (...args) => (await postroom.api(...args)).body.code;
	assert.equal(await code('POST', '/views', { filter: '', more: 1 }), 'unknown_member');
	assert.equal(await code('POST', '/views', '{"filter":"a","filter":"b"}'), 'invalid_json');
	assert.equal(await code('POST', '/views', '{"filter":'), 'invalid_json');
	assert.equal(await code('POST', '/views', '[]'), 'invalid_json');
	assert.equal(await code('POST', '/views', { filter: 7 }), 'invalid_value');
	assert.equal(await code('GET', '/messages?limit=10&colour=red'), 'unknown_parameter');
	assert.equal(await code('GET', '/messages?limit=1&limit=2'), 'unknown_parameter');
	assert.equal(await code('GET', '/messages?limit=0'), 'invalid_value');
	assert.equal(await code('GET', '/messages?limit=99999999999999999999'), 'invalid_value');
	assert.equal(await code('GET', '/messages?filter=%ff'), 'bad_request');
	assert.equal(await code('GET', '/messages?filter=%zz'), 'bad_request');
	assert.equal(await code('GET', '/messages?filter=%00'), 'bad_request');
	assert.equal(await code('GET', '/%00'), 'bad_request');
	assert.equal((await postroom.raw('DELETE', '/api/v1/queue')).status, 405);
	assert.equal((await postroom.raw('OPTIONS', '/api/v1/queue')).status, 405);
	assert.equal((await postroom.raw('GET', '/api/v1/queue/more')).status, 404);
});

test('a path has one spelling: what needs no encoding, or separates, may not be encoded', async () => {
	for (const path of ['/%61pi/v1/queue', '/api/v1/%71ueue', '/api%2fv1/queue', '/api/v1%2Fqueue', '/api/v1/x/%2e%2e/queue', '/api/v1/x%5cqueue', '/%2e/'])
		for (const method of ['GET', 'POST'])
			assert.equal((await postroom.raw(method, path)).status, 400, `${method} ${path}`);
});

test('bad queue IDs are answered, not looked for', async () => {
	for (const id of ['ALL', '-', 'a;b', '..%2f..%2fetc', '%0a', `${'A'.repeat(300)}`, '%00']) {
		const { status } = await postroom.raw('GET', `/api/v1/messages/${id}`);
		assert.ok(status === 400 || status === 404, `${id}: ${status}`);
	}
	assert.equal((await postroom.api('GET', '/messages/4jXMp05WMsz1bY2k')).body.code, 'message_not_found');
	assert.equal((await postroom.api('GET', '/messages/4jXMp05WMsz1bY2k/content')).body.code, 'message_not_found');
});

test('every answer carries the headers that keep a browser safe', async () => {
	for (const path of ['/', '/healthz', '/api/v1/queue', '/nothing']) {
		const { headers } = await postroom.raw('GET', path, { tcp: true });
		assert.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'.*trusted-types 'none'/, path);
		assert.equal(headers['x-content-type-options'], 'nosniff');
		assert.equal(headers['x-frame-options'], 'DENY');
		assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
	}
});

test('what strangers are refused is counted, and failed sign-ins are written down with the name that was tried', async () => {
	const before = postroom.audit().length;
	const ask = () => postroom.raw('POST', '/api/v1/jobs', { body: {}, tcp: true });
	for (let i = 0; i < 20; i++)
		assert.deepEqual((await Promise.all(Array.from({ length: 25 }, ask))).map(({ status }) => status), Array(25).fill(401));
	for (let i = 0; i < 3; i++)
		await signIn({ name: 'mallory', password: 'wrong' }, { from: '127.0.5.1' });
	const failed = await until('the failed sign-ins in the audit', () => postroom.audit().find(({ who, action }) => who === 'mallory' && action === 'sign_in_failed'));
	assert.deepEqual([failed.from, failed.times, failed.outcome], ['127.0.5.1', 3, 'refused']);
	await until('the sum of the refusals', () => postroom.audit().find(({ action, times, text }) => action === 'refused' && times >= 500 && /[5-9]\d\d with 401/.test(text)));
	assert.ok(postroom.audit().length - before < 60, `${postroom.audit().length - before} records for 500 refusals`);
	// It was written before the record; this process may not have read it yet.
	await until('the line in the log', () => /requests refused before anybody had signed in: \d+/.test(postroom.log));
});

test('the audit has what may change something; questions that come as POST leave no line', async () => {
	for (const [path, body] of [['/views', { filter: 'queue:hold' }], ['/filters', { text: 'from:' }], ['/groups', { by: 'queue', filter: '' }],
		['/previews', { action: 'hold', ids: ['4jXMp05WMsz1bY2k'] }], ['/settings/preview', { values: { queue_run_delay: '300s' } }]]) {
		const { status, body: reply } = await postroom.api('POST', path, body);
		assert.ok(status < 300, `${path}: ${status} ${JSON.stringify(reply)}`);
	}
	assert.equal((await postroom.api('POST', '/jobs/4711/cancel', {})).status, 404);
	const cancel = await until('the refused cancel in the audit', () => postroom.audit().find(({ object }) => object === '/api/v1/jobs/4711/cancel'));
	assert.deepEqual([cancel.action, cancel.who, cancel.role, cancel.via, cancel.uid, cancel.outcome, cancel.status], ['cancel', 'root', 'admin', 'socket', 0, 'refused', 404]);
	for (const { object = '' } of postroom.audit())
		assert.ok(!/\/(views|filters|groups|previews|preview)$/.test(object), `${object} is in the audit`);
});

test('the audit says what a request was about, also of one who did not wait for the answer', async () => {
	const found = (of, how, what) => until(`${what} of ${of} in the audit`, () => postroom.audit().find(({ object, outcome, text }) => object === of && outcome === how && what.test(text)));
	const { body: { messages: [{ id }] } } = await postroom.api('GET', '/messages?limit=1');
	const { status, body: { token } } = await postroom.api('POST', '/tokens', { name: 'audited', role: 'admin' });
	assert.equal(status, 201);
	assert.equal((await postroom.api('POST', '/jobs', { action: 'retry', ids: [id] })).status, 201);
	assert.equal((await found('/api/v1/tokens', 'done', /^token \d+: audited as admin$/)).who, 'root');
	const made = await found('/api/v1/jobs', 'done', /^retry of 1 messages$/);
	assert.deepEqual([made.action, made.count], ['job', 1]);
	assert.ok(made.job > 0);

	// Another process holds the database, so that no answer can come before the connection is reset.
	const holder = spawn('python3', ['-c', `import sqlite3, sys
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])}, isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('held', flush=True)
sys.stdin.read()`], { stdio: ['pipe', 'pipe', 'inherit'] });
	await new Promise((done) => holder.stdout.once('data', done));
	const [host, port] = postroom.keys['http.listen'].split(':');
	const body = JSON.stringify({ name: 'quick', role: 'viewer', password: 'a long enough pass phrase' });
	const head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`;
	const socket = connect(Number(port), host);
	await new Promise((done) => socket.on('error', () => {}).once('data', done).write(`GET /api/v1/me HTTP/1.1\r\n${head}\r\n`));
	await new Promise((done) => socket.write(`POST /api/v1/users HTTP/1.1\r\n${head}X-Postroom: 1\r\n` +
		`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`, done));
	// After two more answers the server has looked at all its connections.
	const looked = async () => [await postroom.get('/me'), await postroom.get('/me')];
	await looked();
	await new Promise((done) => socket.once('close', done).resetAndDestroy());
	await looked();
	holder.stdin.end();
	assert.equal((await found('/api/v1/users', 'left', /^quick as viewer$/)).who, 'audited');
	await until('the account', async () => (await postroom.api('GET', '/users/quick')).status === 200);
});
