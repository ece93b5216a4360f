// One-time passwords with real codes (oathtool): setting up, signing in, recovery, and what is not good twice.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const PASSWORD = 'correct horse battery';
const KNOWS = { present_password: PASSWORD };
let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix, { set: { 'http.public_url': 'http://queue.example/' } });
	await postroom.post('/users', { name: 'ann', role: 'admin', password: PASSWORD });
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

// What a phone shows `seconds` from now.
const code = (secret, seconds = 0) => execFileSync('oathtool', ['--totp', '-b', secret, '--now', new Date(Date.now() + seconds * 1000).toISOString().replace('T', ' ').replace(/\..*/, ' UTC')]).toString().trim();
const other = (digits) => String((Number(digits) + 1) % 1e6).padStart(6, '0');
const cookieOf = (reply) => /^postroom=[^;]+/.exec(reply.headers['set-cookie']?.find((line) => line.startsWith('postroom=')) ?? '')?.[0];
const call = (method, path, body, options) => postroom.api(method, path, body, { tcp: true, ...options });
const as = (cookie) => ({ headers: { Cookie: cookie, Origin: postroom.url } });

// Signs in as far as the code; `from`: each test has an address of its own, so that none uses up the tries of another.
const begin = (from, name = 'ann') => call('POST', '/login', { name, password: PASSWORD }, { from });
async function challenge(from, name) {
	const reply = await begin(from, name);
	assert.equal(reply.body.code, 'otp_needed');
	assert.equal(reply.status, 401);
	assert.equal(cookieOf(reply), undefined);
	return reply.body.challenge;
}
const step = (challengeText, digits, from) => call('POST', '/login/otp', { challenge: challengeText, code: digits }, { from });

let secret;
let recovery;
let confirmedBy;
let session;

test('somebody sets his up, with the first code of his phone', async () => {
	session = cookieOf(await begin('127.0.9.1'));
	assert.deepEqual((await call('GET', '/me/otp', undefined, as(session))).body, { state: 'none', required: false, since: null, codes_left: 0 });
	assert.equal((await call('POST', '/me/otp/confirm', { code: '123456' }, as(session))).body.code, 'otp_not_begun');
	// Whoever sits at an open browser does not know the password.
	assert.equal((await call('POST', '/me/otp', {}, as(session))).status, 400);
	assert.deepEqual([(await call('POST', '/me/otp', { present_password: 'a guess of the thief' }, as(session)))].map(({ status, body }) => [status, body.code]), [[403, 'password_wrong']]);
	assert.equal((await call('GET', '/me/otp', undefined, as(session))).body.state, 'none');
	const begun = await call('POST', '/me/otp', KNOWS, as(session));
	assert.equal(begun.status, 201);
	secret = begun.body.secret;
	assert.equal(begun.body.address, `otpauth://totp/Postroom:ann%20queue.example?secret=${secret}&issuer=Postroom&algorithm=SHA1&digits=6&period=30`);
	assert.equal((await call('GET', '/me/otp', undefined, as(session))).body.state, 'begun');
	// Until it is confirmed nobody is asked for one.
	assert.equal((await begin('127.0.9.1')).status, 200);
	assert.equal((await call('POST', '/me/otp/confirm', { code: other(code(secret)) }, as(session))).body.code, 'otp_wrong');
	confirmedBy = code(secret);
	const confirmed = await call('POST', '/me/otp/confirm', { code: confirmedBy }, as(session));
	assert.equal(confirmed.status, 200);
	recovery = confirmed.body.codes;
	assert.equal(new Set(recovery).size, 10);
	const { state, codes_left } = (await call('GET', '/me/otp', undefined, as(session))).body;
	assert.deepEqual([state, codes_left], ['on', 10]);
	assert.equal((await call('POST', '/me/otp', KNOWS, as(session))).body.code, 'otp_exists');
	assert.equal((await postroom.get('/users/ann')).otp, true);
	// Only the sealed secret is in the database; its key is beside it, for the service alone.
	const database = postroom.keys['store.path'];
	assert.equal(statSync(`${database}.otp-key`).mode & 0o777, 0o600);
	for (const file of [database, `${database}-wal`].filter(existsSync)) {
		assert.ok(!readFileSync(file, 'latin1').includes(secret));
		assert.ok(!readFileSync(file, 'latin1').includes(recovery[0].replaceAll('-', '')));
	}
});

test('a code is good once, over a restart too', async () => {
	// The code that has confirmed it is used up, and so is each that was good; that of the next half minute is good ahead of its time.
	const first = await challenge('127.0.9.2');
	const used = await step(first, confirmedBy, '127.0.9.2');
	assert.equal(used.body.code, 'otp_used');
	assert.ok(used.body.retry_after >= 1 && used.body.retry_after <= 60);
	assert.equal((await step(first, other(code(secret)), '127.0.9.2')).body.code, 'otp_wrong');
	const next = await until('a code that comes', async () => {
		const digits = code(secret, 30);
		const reply = await step(await challenge('127.0.9.2'), digits, '127.0.9.2');
		return reply.status === 200 && { digits, reply };
	});
	assert.equal(next.reply.body.name, 'ann');
	assert.equal((await call('GET', '/sessions', undefined, as(cookieOf(next.reply)))).body.sessions.find((one) => one.this).how, 'otp');
	const again = await challenge('127.0.9.2');
	assert.equal((await step(again, next.digits, '127.0.9.2')).body.code, 'otp_used');
	await postroom.stop();
	await postroom.up();
	// Until then nobody's password is wrong.
	await until('the accounts to be read', async () => {
		const { status, body } = await begin('127.0.9.2');
		assert.ok(status === 503 || body.code === 'otp_needed', JSON.stringify(body));
		return status !== 503;
	});
	assert.equal((await step(again, next.digits, '127.0.9.2')).body.code, 'otp_challenge_ended');
	assert.equal((await step(await challenge('127.0.9.2'), next.digits, '127.0.9.2')).body.code, 'otp_used');
});

test('recovery codes are good once each, and without the key', async () => {
	const key = `${postroom.keys['store.path']}.otp-key`;
	renameSync(key, `${key}.away`);
	const lost = await step(await challenge('127.0.9.3'), '123456', '127.0.9.3');
	assert.equal(lost.status, 503);
	assert.equal(lost.body.code, 'otp_unavailable');
	const typed = recovery[0].toUpperCase().replaceAll('-', ' ');
	assert.equal((await step(await challenge('127.0.9.3'), typed, '127.0.9.3')).status, 200);
	assert.equal((await step(await challenge('127.0.9.3'), recovery[0], '127.0.9.3')).body.code, 'otp_wrong');
	renameSync(`${key}.away`, key);
});

test('wrong codes come to an end, for strangers soon', async () => {
	const from = '127.0.9.4';
	const text = await challenge(from);
	for (let i = 0; i < 5; i++)
		assert.equal((await step(text, other(code(secret)), from)).body.code, 'otp_wrong');
	assert.equal((await step(text, recovery[1], from)).body.code, 'otp_challenge_ended');
	// At other addresses, too, with the right password each time.
	let last = 0;
	await until('a stranger to be told to wait', async () => {
		const at = `127.0.10.${++last}`;
		return (await step(await challenge(at), other(code(secret)), at)).status === 429;
	});
	// An address that he has signed in from is known, and goes on.
	assert.equal((await step(await challenge('127.0.9.3'), recovery[2], '127.0.9.3')).status, 200);
	await until('the log to say so', () => /failed sign-ins: \d+, the first as ann/.test(postroom.log));
});

test('who must have one is let in to set it up, and for nothing else', async () => {
	await postroom.post('/users', { name: 'bob', role: 'operator', password: PASSWORD });
	const before = cookieOf(await call('POST', '/login', { name: 'bob', password: PASSWORD }, { from: '127.0.9.5' }));
	const { hostname, port } = new URL(postroom.url);
	const [stream] = await once(request({ host: hostname, port, path: '/api/v1/events', headers: { Cookie: before } }).end(), 'response');
	assert.equal(stream.statusCode, 200);
	const ended = new Promise((done) => stream.resume().on('error', () => {}).once('close', done));
	postroom.keys['access.otp'] = 'required';
	postroom.writeConfig();
	process.kill(postroom.child.pid, 'SIGHUP');
	// What was open without a code ends with the reload, and is not opened again.
	await ended;
	assert.equal((await call('GET', '/events', undefined, as(before))).body.code, 'otp_setup_needed');
	const bob = await until('bob to be told to set it up', async () => {
		const reply = await call('POST', '/login', { name: 'bob', password: PASSWORD }, { from: '127.0.9.5' });
		return reply.body.must?.includes('otp') && cookieOf(reply);
	});
	assert.equal((await call('GET', '/queue', undefined, as(bob))).body.code, 'otp_setup_needed');
	assert.equal((await call('POST', '/saved-views', { name: 'x', address: '?q=x' }, as(bob))).body.code, 'otp_setup_needed');
	assert.equal((await call('GET', '/me/otp', undefined, as(bob))).body.required, true);
	const { body } = await call('POST', '/me/otp', KNOWS, as(bob));
	assert.equal((await call('POST', '/me/otp/confirm', { code: code(body.secret) }, as(bob))).status, 200);
	assert.equal((await call('GET', '/queue', undefined, as(bob))).status, 200);
	assert.deepEqual((await call('GET', '/me', undefined, as(bob))).body.must, []);
	// The socket and tokens are not asked for codes.
	await postroom.get('/queue');
	assert.equal((await postroom.api('GET', '/me/otp')).body.state, 'off');
	assert.equal((await postroom.api('POST', '/me/otp', KNOWS)).body.code, 'otp_no_account');
});

test('it is taken off with a code, or by an admin', async () => {
	const ann = cookieOf(await step(await challenge('127.0.9.3'), recovery[3], '127.0.9.3'));
	// Not with a code alone, nor with the password alone, nor as one who manages the accounts: she is an admin.
	assert.equal((await call('DELETE', '/me/otp', { code: recovery[4] }, as(ann))).status, 400);
	assert.equal((await call('DELETE', '/me/otp', { code: recovery[4], present_password: 'a guess of the thief' }, as(ann))).body.code, 'password_wrong');
	assert.equal((await call('DELETE', '/users/ann/otp', undefined, as(ann))).status, 403);
	assert.equal((await postroom.get('/users/ann')).otp, true);
	assert.equal((await call('DELETE', '/me/otp', { code: recovery[3], ...KNOWS }, as(ann))).body.code, 'otp_wrong');
	assert.equal((await call('DELETE', '/me/otp', { code: recovery[4], ...KNOWS }, as(ann))).status, 204);
	assert.equal((await call('DELETE', '/me/otp', { code: recovery[5], ...KNOWS }, as(ann))).body.code, 'otp_setup_needed');
	assert.equal((await postroom.cli('user', 'otp', 'bob')).status, 2);
	const reset = await postroom.cli('user', 'otp', 'bob', '--reset');
	assert.equal(reset.status, 0, reset.stderr);
	assert.equal((await postroom.get('/users/bob')).otp, false);
	assert.equal((await postroom.cli('user', 'otp', 'bob', '--reset')).status, 1);
	assert.equal((await postroom.api('DELETE', '/users/nobody/otp')).body.code, 'user_not_found');
	assert.equal((await postroom.api('DELETE', '/users/bob/otp')).body.code, 'otp_not_found');
});
