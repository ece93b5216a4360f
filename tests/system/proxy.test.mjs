// Behind nginx, Apache and Caddy, by the files that the package ships: at a host of its own over TCP, and beneath a path over the Unix socket.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import test, { after, before } from 'node:test';
import { Authority, Postfix, Postroom, Proxy, PROXY_USER, until } from '../harness/index.mjs';

const BASE = '/postroom';
const FORGED = '203.0.113.66';
let postfix, authority, id;
const at = {};

before(async () => {
	authority = new Authority();
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	id = await postfix.injectDeferred();
	at.host = await Postroom.start(postfix, { set: { 'http.trusted_proxy': '127.0.0.1', 'http.public_url': 'https://mail.test' } });
	at.path = await Postroom.start(postfix, { set: { 'http.trusted_proxy': `192.0.2.0/24 unix:${PROXY_USER}`, 'http.base_path': BASE, 'http.public_url': `https://mail.test${BASE}` } });
});
after(async () => {
	await Promise.all(Object.values(at).map((postroom) => postroom.stop()));
	postfix.remove();
});

// A browser's request through the proxy, from an address of its own, which claims to be another.
function ask(proxy, from, method, path, { cookie, body, onReply } = {}) {
	return new Promise((resolve, reject) => {
		const outgoing = request({
			host: '127.0.0.1', port: proxy.port, localAddress: from, servername: 'mail.test', ca: readFileSync(authority.file), agent: false, method, path,
			headers: {
				Host: `mail.test:${proxy.port}`, 'X-Forwarded-For': FORGED, 'Sec-Fetch-Site': 'same-origin', 'Accept-Encoding': 'gzip', ...(cookie ? { Cookie: cookie } : {}),
				...(method === 'GET' ? {} : { Origin: proxy.url, 'Content-Type': 'application/json' }),
			},
		}, (reply) => {
			let text = '';
			onReply?.(reply, outgoing);
			reply.setEncoding('utf8');
			reply.on('data', (data) => { text += data; });
			reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text, json: () => JSON.parse(text) }));
			reply.on('error', reject);
		});
		outgoing.on('error', reject);
		outgoing.end(body ? JSON.stringify(body) : undefined);
	});
}

// Whom the audit has for what was done with jobs.
const sources = (postroom) => postroom.audit().filter(({ object }) => object === '/api/v1/jobs').map(({ from }) => from);

async function useIt(proxy, postroom, from, base) {
	const page = await ask(proxy, from, 'GET', `${base}/`);
	assert.equal(page.status, 200);
	assert.match(page.headers['content-security-policy'], /default-src 'none'/);
	const { once, path } = await postroom.post('/login-links', { name: 'guest', role: 'operator' });
	assert.ok(path.startsWith(`${base}/#login=`), path);
	const api = `${base}/api/v1`;
	const login = await ask(proxy, from, 'POST', `${api}/login`, { body: { once } });
	assert.equal(login.status, 200, login.text);
	const [set] = login.headers['set-cookie'];
	assert.match(set, base ? /^__Secure-postroom=[^;]+; Path=\/postroom\/; HttpOnly; SameSite=Strict; .*Secure$/ : /^__Host-postroom=[^;]+; Path=\/; HttpOnly; SameSite=Strict; .*Secure$/);
	const cookie = set.split(';')[0];
	const list = await ask(proxy, from, 'GET', `${api}/messages?filter=${'x'.repeat(4000)}%20or%20id:${id}`, { cookie });
	assert.deepEqual(list.json().messages.map((message) => message.id), [id]);

	// Nothing more is asked on that connection: what is kept back on the way would never come.
	let events = '', stream;
	const ended = ask(proxy, from, 'GET', `${api}/events`, { cookie, onReply: (reply, outgoing) => {
		stream = { reply, outgoing };
		reply.on('data', (data) => { events += data; });
	} }).catch(() => {});
	await until('the first event', () => events.includes('event: queue'));
	assert.equal(stream.reply.headers['content-type'], 'text/event-stream');
	assert.equal(stream.reply.headers['content-encoding'], undefined);
	const held = (await postroom.get(`/messages/${id}`)).queue === 'hold';
	const target = { action: held ? 'release' : 'hold', ids: [id] };
	const preview = await ask(proxy, from, 'POST', `${api}/previews`, { cookie, body: target });
	assert.equal(preview.json().matched ?? preview.json().count, 1, preview.text);
	const job = await ask(proxy, from, 'POST', `${api}/jobs`, { cookie, body: target });
	assert.equal(job.status, 201, job.text);
	await until('the job to be told by the stream', () => new RegExp(`event: job\\ndata: [^\\n]*"id":${job.json().id},[^\\n]*"state":"done"`).test(events));
	stream.outgoing.destroy();
	await ended;
	// It does not wait for who asks about it.
	await until('the audit', () => sources(postroom).includes(from));
	assert.ok(sources(postroom).every((source) => !source.includes(FORGED)), sources(postroom).join());
}

for (const [i, kind] of ['nginx', 'apache', 'caddy'].entries()) {
	test(`${kind}, at a host of its own`, async () => {
		const proxy = await Proxy.start(kind, 'host', { postroom: at.host, authority, tcp: true });
		await useIt(proxy, at.host, `127.0.7.${2 * i + 1}`, '');
		proxy.stop();
	});
	test(`${kind}, beneath a path, by the Unix socket`, async () => {
		const proxy = await Proxy.start(kind, 'path', { postroom: at.path, authority });
		// Whoever comes through the socket is nobody by himself.
		assert.equal((await ask(proxy, '127.0.7.9', 'GET', `${BASE}/api/v1/queue`)).status, 401);
		assert.equal((await ask(proxy, '127.0.7.9', 'GET', BASE)).status >= 301, true);
		await useIt(proxy, at.path, `127.0.7.${2 * i + 2}`, BASE);
		proxy.stop();
	});
}

test('beneath a path, all else is answered as what it is', async () => {
	const get = (path, options) => at.path.raw('GET', path, { tcp: true, ...options });
	const page = await get(`${BASE}/`);
	assert.equal(page.status, 200);
	assert.deepEqual([...page.body.matchAll(/(?:href|src|content)="(\/[^"]*)"/g)], [], 'an address that forgets the path');
	const edge = await get(`${BASE}?filter=queue:hold`);
	assert.deepEqual([edge.status, edge.headers.location], [302, `${BASE}/?filter=queue:hold`]);
	for (const path of ['/', '/api/v1/queue', '/healthz', '/metrics', '/postroomx/', '/POSTROOM/', `//postroom/`]) {
		const reply = await get(path);
		assert.equal(reply.status, 404, path);
		assert.match(JSON.parse(reply.body).detail, /beneath \/postroom\/ here \(http\.base_path\)/, path);
	}
	assert.equal((await at.path.raw('POST', BASE, { tcp: true, body: {} })).status, 404);
	assert.equal((await get(`${BASE}/healthz`)).status, 200);
	assert.equal((await get(`${BASE}/readyz`)).status, 200);
	assert.equal((await get(`${BASE}/metrics`)).status, 401);
	assert.equal((await get(`${BASE}${BASE}/healthz`)).status, 404);
	const runbook = await get(`${BASE}/runbook/flood`);
	assert.equal(new URL(runbook.headers.location, `https://mail.test${BASE}/runbook/flood`).href, `https://mail.test${BASE}/?page=runbook&id=flood`);
});

test('a stranger\'s word for where he comes from counts for nothing', async () => {
	const { token } = await at.path.post('/tokens', { name: 'script', role: 'operator' });
	await at.path.raw('POST', `${BASE}/api/v1/jobs`, { token, from: '127.0.9.9', body: { action: 'hold', ids: [] }, headers: { 'X-Forwarded-For': '192.0.2.5', 'X-Forwarded-Proto': 'https' } });
	await until('the audit', () => sources(at.path).includes('127.0.9.9'));
	assert.ok(sources(at.path).every((source) => !source.startsWith('192.0.2.')));
	const plain = await at.path.raw('GET', `${BASE}/healthz`, { from: '127.0.9.9', headers: { 'X-Forwarded-Proto': 'https' } });
	assert.equal(plain.status, 200);
});

test('a proxy at the socket that is not named there gets nobody in, whoever it is', async () => {
	for (const headers of [{ 'X-Forwarded-For': '192.0.2.5' }, { 'Sec-Fetch-Site': 'same-origin' }, { Via: '1.1 web' }]) {
		const reply = await at.host.raw('GET', '/api/v1/queue', { headers });
		assert.equal(reply.status, 403);
		assert.match(JSON.parse(reply.body).detail, /http\.trusted_proxy \(unix:USER\)/);
	}
	// nginx as it comes adds no header to what a script asks it.
	const socket = connect(at.host.socket);
	socket.end('GET /api/v1/queue HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n');
	assert.match((await socket.toArray()).join(''), /^HTTP\/1\.1 403 .*trusted_proxy/s);
	assert.equal((await at.host.raw('GET', '/api/v1/queue')).status, 200);
});

test('the command line and the metrics listener know of no path', async () => {
	const { status, stdout } = await at.path.cli('list', '--json');
	assert.equal(status, 0);
	assert.match(stdout, new RegExp(id));
});
