// TLS in place: the same page and API, the same strict reading of requests behind it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, temporaryDirectory, until } from '../harness/index.mjs';

let postfix;
let postroom;
let ca;
let certificate;
let key;

// Another certificate in the same place; gives it.
function issue() {
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
	chmodSync(key, 0o644);
	return readFileSync(certificate);
}

before(async () => {
	const dir = temporaryDirectory('tls');
	[certificate, key] = ['cert.pem', 'key.pem'].map((name) => join(dir, name));
	chmodSync(dir, 0o755);
	ca = issue();
	postfix = await Postfix.start();
	await postfix.injectDeferred();
	postroom = await Postroom.start(postfix, { set: { 'http.tls_cert': certificate, 'http.tls_key': key } });
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const port = () => Number(postroom.keys['http.listen'].split(':')[1]);

function https(method, path, { headers = {}, body } = {}) {
	return new Promise((resolve, reject) => {
		const outgoing = request({ host: '127.0.0.1', port: port(), servername: 'localhost', ca, method, path, agent: false,
			headers: { Host: 'localhost', ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers } }, (reply) => {
			let text = '';
			reply.on('data', (data) => { text += data; });
			reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
		});
		outgoing.on('error', reject);
		outgoing.end(body ? JSON.stringify(body) : undefined);
	});
}

test('the API is there, and the session cookie is Secure', async () => {
	assert.equal((await https('GET', '/healthz')).status, 200);
	assert.equal((await https('GET', '/api/v1/queue')).status, 401);
	const { once } = await postroom.post('/login-links', { name: 'guest', role: 'viewer' });
	const login = await https('POST', '/api/v1/login', { body: { once } });
	assert.equal(login.status, 200);
	assert.match(login.headers['set-cookie'][0], /; Secure/);
	const cookie = login.headers['set-cookie'][0].split(';')[0];
	const list = await https('GET', '/api/v1/messages', { headers: { Cookie: cookie } });
	assert.equal(JSON.parse(list.text).messages.length, 1);
});

test('what HTTP forbids is refused behind TLS too', async () => {
	const text = await new Promise((resolve, reject) => {
		const socket = connect({ host: '127.0.0.1', port: port(), servername: 'localhost', ca }, () => {
			socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: other.example\r\n\r\n');
		});
		let got = '';
		socket.on('data', (data) => { got += data; });
		socket.on('end', () => resolve(got));
		socket.on('error', reject);
	});
	assert.match(text, /^HTTP\/1\.1 400 /);
});

test('who speaks no TLS is hung up on, and does no harm', async () => {
	for (const bytes of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0'.repeat(5000)])
		await new Promise((resolve) => {
			const socket = connectPlain(port(), '127.0.0.1', () => socket.write(bytes));
			let got = '';
			socket.on('data', (data) => { got += data.toString('latin1'); });
			socket.on('close', () => {
				assert.ok(!got.includes('HTTP/1.1'));
				resolve();
			});
			socket.on('error', () => {});
		});
	assert.equal((await https('GET', '/healthz')).status, 200);
});

test('files that are no certificate are named, and nothing is served without TLS', async () => {
	const dir = temporaryDirectory('tls');
	writeFileSync(join(dir, 'none.pem'), 'nothing');
	chmodSync(dir, 0o755);
	const other = await Postroom.start(postfix, { set: { 'http.tls_cert': join(dir, 'none.pem'), 'http.tls_key': join(dir, 'none.pem') } });
	const { warnings } = await other.get('/queue');
	assert.ok(warnings.some((w) => w.code === 'tls_failed' && w.text.includes('none.pem')), JSON.stringify(warnings));
	await assert.rejects(other.raw('GET', '/healthz', { tcp: true }));
	await other.stop();
});

// Last, as it takes the certificate away.
test('a reload serves a renewed certificate, ends no connection, and keeps the former one where the new is none', async () => {
	const ask = (socket) => new Promise((done, fail) => {
		socket.once('data', (data) => done(data.toString().split('\r\n')[0]));
		socket.once('close', () => fail(new Error('closed')));
		socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
	});
	const socket = connect({ host: '127.0.0.1', port: port(), servername: 'localhost', ca });
	await new Promise((done) => socket.once('secureConnect', done));
	assert.match(await ask(socket), / 200 /);
	ca = issue();
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('the new certificate', async () => (await https('GET', '/livez').catch(() => ({}))).status === 200);
	assert.match(await ask(socket), / 200 /);
	socket.destroy();
	writeFileSync(certificate, 'nothing');
	process.kill(postroom.child.pid, 'SIGHUP');
	const { warnings } = await until('a warning', async () => {
		const now = await postroom.get('/queue');
		return now.warnings.some((w) => w.code === 'tls_failed') ? now : null;
	});
	assert.match(warnings.find((w) => w.code === 'tls_failed').fix, /Until then the former certificate is served/);
	assert.equal((await https('GET', '/livez')).status, 200);
	writeFileSync(certificate, ca);
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('no warning', async () => !(await postroom.get('/queue')).warnings.some((w) => w.code === 'tls_failed'));
});
