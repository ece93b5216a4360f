// What accounts, sessions and tokens may do and see: rights beside the role, scopes, owners, and the end of all that.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const PASSWORD = 'correct horse battery';
let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	await postroom.post('/users', { name: 'chief', role: 'admin', password: PASSWORD });
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

let address = 1;
async function signIn(name, agent = 'Mozilla/5.0 (test)') {
	const reply = await postroom.api('POST', '/login', { name, password: PASSWORD }, { from: `127.0.8.${address++}`, headers: { Origin: postroom.url, 'User-Agent': agent } });
	assert.equal(reply.status, 200, reply.text);
	return { Cookie: /^postroom=[^;]+/.exec(reply.headers['set-cookie'][0])[0], Origin: postroom.url };
}
const as = (headers) => ({ tcp: true, headers });
const me = (headers) => postroom.get('/me', as(headers));
const status = async (headers, method = 'GET', path = '/me', body) => (await postroom.api(method, path, body, as(headers))).status;
const code = async (method, path, body, options) => {
	const reply = await postroom.api(method, path, body, options);
	return [reply.status, reply.body.code];
};
async function account(name, role, more = {}) {
	await postroom.post('/users', { name, role, password: PASSWORD, ...more });
	return signIn(name);
}

test('rights are given and taken beside the role, and count at once', async () => {
	const op = await account('op', 'operator', { taken: ['content'], given: ['settings'] });
	assert.deepEqual((await me(op)).rights, ['viewer', 'operator', 'pauses', 'settings']);
	assert.deepEqual(await code('GET', '/messages/AAAAAAAAAA/content', undefined, as(op)), [403, 'forbidden']);
	assert.deepEqual(await code('GET', '/users', undefined, as(op)), [403, 'forbidden']);
	const changed = await postroom.put('/users/op', { given: ['audit'], taken: ['pauses'] });
	assert.deepEqual(changed.rights, ['viewer', 'content', 'operator', 'audit']);
	assert.equal(await status(op), 401);
	assert.deepEqual(await code('POST', '/pauses', {}, as(await signIn('op'))), [403, 'forbidden']);
	for (const [body, expected] of [[{ given: ['accounts'] }, 'invalid_value'], [{ taken: ['operator'] }, 'invalid_value'], [{ given: ['admin'] }, 'invalid_value'], [{ given: 'audit' }, 'invalid_value'],
		[{ scope: 'from:(' }, 'invalid_filter'], [{ scope: '  ' }, 'invalid_value'], [{ scope: '' }, 'invalid_value'], [{ scope: `from:${'x'.repeat(4000)}` }, 'invalid_value']])
		assert.deepEqual(await code('PUT', '/users/op', body), [400, expected], JSON.stringify(body).slice(0, 60));
	assert.deepEqual((await postroom.get('/users/op')).rights, ['viewer', 'content', 'operator', 'audit']);
});

test('nobody gives what he has not', async () => {
	const admin = await account('blind', 'admin', { taken: ['content'] });
	for (const [method, path, body] of [['POST', '/users', { name: 'x1', role: 'operator', password: PASSWORD }], ['PUT', '/users/blind', { taken: [] }], ['POST', '/users/chief/password', { password: 'another long password' }],
		['POST', '/tokens', { name: 'x2', role: 'operator' }], ['POST', '/login-links', { name: 'x3', role: 'admin' }]])
		assert.deepEqual(await code(method, path, body, as(admin)), [403, 'forbidden'], `${method} ${path}`);
	assert.equal((await postroom.post('/users', { name: 'x4', role: 'operator', taken: ['content'], password: PASSWORD }, as(admin))).name, 'x4');
	// To take away is for everybody who changes accounts.
	assert.equal(await status(admin, 'PUT', '/users/x4', { locked: true }), 200);
});

test('a scope: what is told of it, what it takes away, and one that is no filter any more', async () => {
	const desk = await account('desk', 'admin', { scope: 'domain:=customer.example or from:*@customer.example' });
	const { rights, scope, scope_words: words, scope_parts: parts } = await me(desk);
	assert.deepEqual([rights, words], [['viewer', 'content', 'operator'], 'mail to customer.example, and mail from customer.example']);
	assert.deepEqual(parts, [{ filter: scope, any: [{ what: 'to', values: ['customer.example'] }, { what: 'from', values: ['customer.example'] }] }]);
	// What it takes away is said, of the account and when it is asked for.
	assert.deepEqual((await postroom.get('/users/desk')).lost, ['pauses', 'settings', 'accounts', 'audit']);
	assert.match((await postroom.api('GET', '/users', undefined, as(desk))).body.detail, /The role of desk \(admin\) has it, but desk sees a part of the queue/);
	assert.match((await postroom.api('GET', '/users', undefined, as(await account('plain', 'viewer')))).body.detail, /^This needs the right `accounts`, which plain \(viewer\) does not have\. Whoever manages/);
	assert.equal(scope, 'domain:=customer.example or from:*@customer.example');
	for (const [method, path, body] of [['POST', '/flush', {}], ['GET', '/users'], ['PUT', '/settings', { values: {} }], ['GET', '/sessions?all=true'], ['GET', '/tokens?all=true']])
		assert.equal(await status(desk, method, path, body), 403, `${method} ${path}`);
	// Its token sees what both see, and never more than the account does.
	const { token, info } = await postroom.post('/tokens', { name: 'desk-script', role: 'operator', scope: 'from:shop' }, as(desk));
	assert.deepEqual([info.owner, info.scope, info.rights], ['desk', 'from:shop', ['viewer', 'content', 'operator']]);
	assert.equal((await postroom.get('/me', { token })).scope, '(domain:=customer.example or from:*@customer.example) (from:shop)');
	assert.equal((await postroom.get('/me', { token })).scope_words, 'mail to customer.example, and mail from customer.example; of that: from:shop');
	// A later version knows other filters: written beside the service, as an upgrade would find it.
	const id = await postfix.inject({ from: 'a@customer.example', to: ['b@customer.example'] });
	await postroom.untilMessage(id);
	assert.equal((await postroom.get('/messages', as(desk))).messages.length, 1);
	execFileSync('sqlite3', [postroom.keys['store.path'], "PRAGMA busy_timeout = 5000; UPDATE users SET scope = 'nofield:x' WHERE name = 'desk'"]);
	const problem = await until('the account to be read again', async () => (await postroom.get('/users/desk')).scope_problem);
	assert.match(problem, /^column 1: expected /);
	assert.deepEqual((await postroom.get('/messages', as(desk))).messages, []);
	assert.ok((await until('the notice', async () => (await postroom.get('/queue')).warnings.find((warning) => warning.code === 'scope_no_filter'))).text.includes('desk'));
	await postroom.put('/users/desk', { scope: null });
	assert.equal((await me(await signIn('desk'))).scope, null);
	await until('the notice to go', async () => !(await postroom.get('/queue')).warnings.some((warning) => warning.code === 'scope_no_filter'));
});

test('a right that nobody has beside a scope is refused beside one, and what stands in the database is shown', async () => {
	const scope = 'from:*@shop.example or login:=shop';
	for (const [name, more] of [['half1', { role: 'operator', given: ['audit'] }], ['half2', { role: 'operator', given: ['settings'] }], ['half3', { role: 'viewer', given: ['content', 'audit'] }]]) {
		const reply = await postroom.api('POST', '/users', { name, password: PASSWORD, scope, ...more });
		assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_value']);
		assert.match(reply.body.detail, /^the right (audit|settings) is about the whole host, and cannot be given beside a scope/);
		assert.deepEqual(await code('POST', '/tokens', { name, scope, ...more }), [400, 'invalid_value']);
	}
	// In two steps as well, unless it is taken back in the second.
	await postroom.post('/users', { name: 'half', role: 'operator', password: PASSWORD, given: ['audit'] });
	assert.deepEqual(await code('PUT', '/users/half', { scope }), [400, 'invalid_value']);
	assert.deepEqual((await postroom.put('/users/half', { scope, given: [] })).lost, ['pauses']);
	assert.deepEqual(await code('PUT', '/users/half', { given: ['audit'] }), [400, 'invalid_value']);
	assert.deepEqual((await me(await signIn('half'))).scope_parts[0].any, [{ what: 'from', values: ['shop.example'] }, { what: 'login', values: ['shop'] }]);
	execFileSync('sqlite3', [postroom.keys['store.path'], `PRAGMA busy_timeout = 5000; UPDATE users SET given = ${1 << 8} WHERE name = 'half'`]);
	await until('what an earlier version let through to be read', async () => (await postroom.get('/users/half')).lost.includes('audit'));
	assert.match((await postroom.cli('user', 'list')).stdout, /half +operator +-pauses -audit/);
	// What else is changed of it goes through, and tidies up.
	assert.deepEqual((await postroom.put('/users/half', { locked: false })).lost, ['pauses']);
	const { stdout } = await postroom.cliWith({ input: `${PASSWORD}\n` }, 'user', 'add', 'half4', '--role', 'admin', '--scope', scope, '--password-stdin');
	assert.match(stdout, /^half4 may sign in now, as admin\.\nhalf4 sees a part of the queue, and so does not have: pauses, settings, accounts, audit\.$/m);
	const refused = await postroom.cliWith({ input: `${PASSWORD}\n` }, 'user', 'add', 'half5', '--role', 'operator', '--scope', scope, '--give', 'audit', '--password-stdin');
	assert.equal(refused.status, 2);
	assert.match(refused.stderr, /cannot be given beside a scope/);
});

test('one\'s own password, by the present one', async () => {
	const NEXT = 'another long password';
	const one = await account('pam', 'viewer', { scope: 'domain:=customer.example' });
	const two = await signIn('pam');
	const { token } = await postroom.post('/tokens', { name: 'pam-script', role: 'viewer' }, as(one));
	const change = (headers, present, password) => code('POST', '/me/password', { present_password: present, password }, as(headers));
	assert.equal((await me(one)).how, 'password');
	assert.deepEqual(await change(one, PASSWORD, 'short'), [400, 'invalid_value']);
	assert.deepEqual(await change(one, PASSWORD, PASSWORD), [400, 'invalid_value']);
	assert.deepEqual(await change(one, 'not the one it is', NEXT), [403, 'password_wrong']);
	assert.deepEqual([await status(one), await status(two)], [200, 200]);
	// Not by what has no password: a token, the host.
	assert.deepEqual(await code('POST', '/me/password', { present_password: PASSWORD, password: NEXT }, { token }), [409, 'password_no_account']);
	assert.deepEqual(await code('POST', '/me/password', { present_password: PASSWORD, password: NEXT }), [409, 'password_no_account']);
	const done = await postroom.post('/me/password', { present_password: PASSWORD, password: NEXT }, as(one));
	assert.equal(done.sessions_ended, 1);
	assert.deepEqual([await status(one), await status(two)], [200, 401]);
	assert.equal((await postroom.api('GET', '/me', undefined, { token })).status, 200);
	const login = (password) => postroom.api('POST', '/login', { name: 'pam', password }, { from: `127.0.8.${address++}`, headers: { Origin: postroom.url } });
	assert.equal((await login(PASSWORD)).status, 401);
	assert.equal((await login(NEXT)).status, 200);
	const record = await until('the record', () => postroom.audit().find(({ object, status: answered }) => object === '/api/v1/me/password' && answered === 200));
	assert.deepEqual([record.action, record.who, record.text, record.outcome], ['account', 'pam', 'own password', 'done']);
	// It is kept over a start anew, with the session that asked.
	await postroom.stop();
	await postroom.up();
	assert.deepEqual([await status(one), await status(two)], [200, 401]);
	// Whoever guesses on has to wait, as at the sign-in.
	const answers = [];
	for (let guess = 0; guess < 45 && answers.at(-1) !== 'too_many_requests'; guess++)
		answers.push((await change(one, `wrong guess number ${guess}`, PASSWORD))[1]);
	assert.ok(answers.length > 9 && answers.at(-1) === 'too_many_requests', answers.join());
	assert.deepEqual(new Set(answers.slice(0, -1)), new Set(['password_wrong']));
});

test('two accounts that differ in case alone are refused, and case does not count at the sign-in', async () => {
	assert.deepEqual(await code('POST', '/users', { name: 'CHIEF', role: 'viewer', password: PASSWORD }), [409, 'already_exists']);
	assert.equal((await me(await signIn('cHiEf'))).name, 'chief');
	for (const name of ['сhief', 'chief\u200b', 'ｃhief', 'chıef', 'шеф', 'مدير', 'x'.repeat(1000), ''])
		assert.equal((await postroom.api('POST', '/users', { name, role: 'viewer', password: PASSWORD })).status, 400, name);
});

test('sessions: one\'s own, those of others, and the end of one or all', async () => {
	const one = await account('ann', 'viewer');
	const two = await signIn('ann', 'Other/1.0 \u00e9<b>');
	const other = await account('bob', 'viewer');
	const { sessions } = await postroom.get('/sessions', as(two));
	assert.deepEqual(sessions.map(({ user, how, agent, this: mine }) => [user, how, agent, mine]), [['ann', 'password', 'Other/1.0 <b>', true], ['ann', 'password', 'Mozilla/5.0 (test)', false]]);
	assert.match(sessions[0].from, /^127\.0\.8\.\d+:\d+$/);
	// Of others he learns nothing.
	const theirs = (await postroom.get('/sessions', as(other))).sessions[0].id;
	assert.deepEqual(await code('DELETE', `/sessions/${theirs}`, undefined, as(two)), [404, 'session_not_found']);
	assert.deepEqual(await code('DELETE', '/sessions/999999', undefined, as(two)), [404, 'session_not_found']);
	for (const query of ['all=true', 'user=bob'])
		assert.equal(await status(two, 'GET', `/sessions?${query}`), 403);
	assert.equal(await status(two, 'DELETE', '/sessions?user=bob'), 403);
	assert.equal(await status(two, 'DELETE', `/sessions/${sessions[1].id}`), 204);
	assert.deepEqual([await status(one), await status(two)], [401, 200]);
	const three = await signIn('ann');
	assert.equal(await status(two, 'DELETE', '/sessions'), 204);
	assert.deepEqual([await status(three), await status(two)], [401, 200]);
	assert.ok((await postroom.get('/sessions?all=true')).sessions.some(({ id }) => id === theirs));
	assert.deepEqual((await postroom.get('/sessions?user=bob')).sessions.map(({ id }) => id), [theirs]);
	assert.equal((await postroom.api('DELETE', `/sessions/${theirs}`)).status, 204);
	assert.equal((await postroom.api('DELETE', '/sessions?user=ann')).status, 204);
	assert.deepEqual([await status(other), await status(two)], [401, 401]);
	// What is ended stays so, also for a service that has just started.
	await postroom.stop();
	await postroom.up();
	assert.deepEqual([await status(other), await status(two)], [401, 401]);
});

test('tokens belong to who made them, end with him, and last 90 days where nothing is said', async () => {
	const one = await account('tom', 'operator');
	const other = await account('tim', 'operator');
	const made = await postroom.post('/tokens', { name: 'mine', role: 'viewer' }, as(one));
	assert.equal(made.info.owner, 'tom');
	assert.equal(Math.round((new Date(made.info.expires) - new Date(made.info.created)) / 86400e3), 90);
	assert.equal((await postroom.post('/tokens', { name: 'ever', role: 'viewer', valid_seconds: null }, as(one))).info.expires, null);
	assert.deepEqual(await code('POST', '/tokens', { name: 'more', role: 'admin' }, as(one)), [403, 'forbidden']);
	assert.equal(made.info.used, null);
	assert.equal((await postroom.get('/me', { token: made.token })).via, 'token');
	const listed = (await postroom.get('/tokens', as(one))).tokens;
	assert.deepEqual(listed.map(({ name }) => name), ['ever', 'mine']);
	assert.match(listed[1].used_from, /^127\.0\.0\.1:/);
	// A token makes none, and of others nobody learns anything.
	assert.deepEqual(await code('POST', '/tokens', { name: 'child', role: 'viewer' }, { token: made.token }), [403, 'forbidden']);
	assert.deepEqual((await postroom.get('/tokens', as(other))).tokens, []);
	assert.deepEqual(await code('DELETE', `/tokens/${made.info.id}`, undefined, as(other)), [404, 'token_not_found']);
	assert.equal(await status(other, 'GET', '/tokens?all=true'), 403);
	assert.ok((await postroom.get('/tokens?all=true')).tokens.some(({ id }) => id === made.info.id));
	// Its account loses a right, and then is gone from beneath it.
	await postroom.put('/users/tom', { role: 'viewer' });
	assert.equal((await postroom.api('GET', '/me', undefined, { token: made.token })).status, 401);
	const late = await postroom.post('/tokens', { name: 'late', role: 'viewer' }, as(await signIn('tom')));
	execFileSync('sqlite3', [postroom.keys['store.path'], "PRAGMA busy_timeout = 5000; DELETE FROM users WHERE name = 'tom'"]);
	await until('the token of nobody to end', async () => (await postroom.api('GET', '/me', undefined, { token: late.token })).status === 401);
	assert.ok(!(await postroom.get('/tokens?all=true')).tokens.some(({ id }) => id === late.info.id));
});

test('what is done by a link is told of who has made it, whatever name it has', async () => {
	const maker = await account('mary', 'admin');
	await account('paul', 'operator');
	const { once } = await postroom.post('/login-links', { name: 'paul', role: 'operator' }, as(maker));
	const opened = await postroom.api('POST', '/login', { once }, { tcp: true, headers: { Origin: postroom.url } });
	const session = { Cookie: /^postroom=[^;]+/.exec(opened.headers['set-cookie'][0])[0], Origin: postroom.url };
	assert.equal((await me(session)).name, 'paul');
	assert.equal(await status(session, 'POST', '/flush', {}), 200);
	const records = await until('both records', () => {
		const found = postroom.audit().filter(({ who, via, action }) => who === 'paul' && via === 'session' && ['sign_in', 'flush'].includes(action));
		return found.some(({ action }) => action === 'flush') && found;
	});
	assert.deepEqual(records.slice(-2).map(({ action, owner }) => [action, owner]), [['sign_in', 'mary'], ['flush', 'mary']]);
	// Nor has his own session an owner beside himself.
	assert.equal(records[0].owner, undefined);
	assert.ok((await postroom.get('/audit?who=mary')).records.some(({ who, action }) => who === 'paul' && action === 'flush'));
	assert.match((await postroom.cli('audit', 'list', 'who=mary')).stdout, /paul \(session of mary\)/);
});

// A request that is answered as slowly as it is read: resolves with what ended it.
function slow(headers, path) {
	const [host, port] = postroom.keys['http.listen'].split(':');
	return new Promise((resolve, reject) => {
		const outgoing = request({ host, port, path: `/api/v1${path}`, agent: false, headers }, (reply) => {
			assert.equal(reply.statusCode, 200);
			resolve({ ended: new Promise((end) => reply.on('close', () => end(reply.complete)).on('error', () => {}).resume()) });
		});
		outgoing.on('error', reject);
		outgoing.end();
	});
}

test('what is under way for a session or token ends with it: streams, and a request whose body still comes', async () => {
	const headers = await account('leaver', 'operator');
	const { token, info } = await postroom.post('/tokens', { name: 'leaving', role: 'viewer' }, as(headers));
	const stays = await account('stayer', 'viewer');
	const streams = await Promise.all([slow({ Authorization: `Bearer ${token}` }, '/events'), slow(headers, '/events'), slow(stays, '/events')]);
	// Half a body: it is with the service, and waits.
	const [host, port] = postroom.keys['http.listen'].split(':');
	const half = connect(Number(port), host);
	const closed = new Promise((resolve) => half.on('close', resolve).on('error', () => {}).resume());
	half.write(`POST /api/v1/views HTTP/1.1\r\nHost: ${host}:${port}\r\nCookie: ${headers.Cookie}\r\nOrigin: ${headers.Origin}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
	await until('the request to be known', async () => (await postroom.get('/sessions?user=leaver')).sessions[0].used_from.endsWith(`:${half.localPort}`));
	assert.equal((await postroom.api('DELETE', `/tokens/${info.id}`)).status, 204);
	await streams[0].ended;
	assert.equal(await status(headers), 200);
	assert.equal((await postroom.api('DELETE', '/sessions?user=leaver')).status, 204);
	await Promise.all([streams[1].ended, closed]);
	assert.equal(await Promise.race([streams[2].ended, 'open']), 'open');
	await postroom.api('DELETE', '/users/stayer');
	await streams[2].ended;
});

test('two admins who remove each other at once: one of them stays', async () => {
	const one = await account('adam', 'admin');
	const two = await account('eve', 'admin');
	await postroom.put('/users/chief', { locked: true });
	for (const { name, role } of (await postroom.get('/users')).users)
		if (role === 'admin' && !['adam', 'eve', 'chief'].includes(name))
			await postroom.api('DELETE', `/users/${name}`);
	// Who is removed while he waits for his answer gets none.
	const remove = (headers, name) => status(headers, 'DELETE', `/users/${name}`).catch(() => 0);
	const both = await Promise.all([remove(one, 'eve'), remove(two, 'adam')]);
	assert.equal(both.filter((each) => each === 204).length, 1, both.join());
	const left = (await postroom.get('/users')).users.filter(({ role, locked }) => role === 'admin' && !locked);
	assert.equal(left.length, 1);
	assert.deepEqual(await code('PUT', `/users/${left[0].name}`, { scope: 'from:shop' }), [409, 'last_admin']);
});

test('the command line: set, sessions, tokens', async () => {
	const cli = async (...args) => {
		const { status: exit, stdout, stderr } = await postroom.cliWith({ input: `${PASSWORD}\n` }, ...args);
		return { exit, text: stdout + stderr };
	};
	assert.equal((await cli('user', 'add', 'carol', '--role', 'viewer', '--scope', 'domain:=customer.example', '--give', 'content', '--password-stdin')).exit, 0);
	assert.match((await cli('user', 'list')).text, /carol +viewer +\+content +\S+ \S+ +domain:=customer\.example/);
	assert.match((await cli('user', 'set', 'carol', '--scope', 'none', '--give', 'none')).text, /carol may do and see something else now/);
	assert.match((await cli('user', 'list')).text, /carol +viewer +[0-9]/);
	for (const [exit, ...args] of [[2, 'user', 'set', 'carol'], [2, 'user', 'set', 'carol', '--give', 'accounts'], [2, 'user', 'set', 'carol', '--scope', 'from:('], [2, 'user', 'lock', 'carol', '--give', 'content'], [1, 'sessions', 'end', '999999'], [1, 'sessions', 'end-all', 'nobody-there'], [2, 'sessions', 'end', 'x'], [2, 'sessions', 'x'], [2, 'token', 'create', '--role', 'viewer', '--valid', 'soon']])
		assert.equal((await cli(...args)).exit, exit, args.join(' '));
	const headers = await signIn('carol');
	assert.match((await cli('sessions')).text, /^SESSION +NAME[^]*carol +password +127\.0\.8\.\d+/);
	const { id } = (await postroom.get('/sessions?user=carol')).sessions[0];
	assert.equal((await cli('sessions', 'end', String(id))).exit, 0);
	assert.equal(await status(headers), 401);
	const again = await signIn('carol');
	assert.equal((await cli('sessions', 'end-all', 'carol')).exit, 0);
	assert.equal(await status(again), 401);
	const made = await cli('token', 'create', '--role', 'viewer', '--name', 'scoped', '--scope', 'from:shop', '--valid', 'never');
	assert.equal((await postroom.get('/me', { token: made.text.trim() })).scope, 'from:shop');
	assert.match((await cli('token', 'list')).text, /scoped +viewer/);
	// Without the service: rights can be changed, and of scopes only taken away.
	await postroom.stop();
	assert.equal((await cli('user', 'set', 'carol', '--role', 'operator', '--take', 'content,pauses', '--scope', 'none')).exit, 0);
	assert.equal((await cli('user', 'set', 'carol', '--scope', 'from:shop')).exit, 2);
	assert.equal((await cli('user', 'set', 'carol', '--take', 'operator')).exit, 2);
	await postroom.up();
	const carol = await until('the accounts to be read', async () => {
		const { status: answer, body } = await postroom.api('GET', '/users/carol');
		assert.notEqual(answer, 404);
		return answer === 200 && body;
	});
	assert.deepEqual(carol.rights, ['viewer', 'operator']);
});
