// Accounts that are changed or ended: by the API, by the command line, and in the database while the service is stopped.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const PASSWORD = 'correct horse battery';
let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	await postroom.post('/users', { name: 'root-of-all', role: 'admin', password: PASSWORD });
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

let address = 1;
// Each from an address of its own, so that none counts against another.
async function signIn(name, password = PASSWORD) {
	const reply = await postroom.api('POST', '/login', { name, password }, { tcp: true, from: `127.0.9.${address++}`, headers: { Origin: postroom.url } });
	return { status: reply.status, cookie: /^postroom=[^;]+/.exec(reply.headers['set-cookie']?.[0] ?? '')?.[0] };
}
const status = async (headers) => (await postroom.api('GET', '/me', undefined, { tcp: true, headers })).status;

// An event stream that is there: `ended` resolves when the server ends it.
async function stream(headers) {
	const [host, port] = postroom.keys['http.listen'].split(':');
	const reply = await new Promise((resolve, reject) => request({ host, port, path: '/api/v1/events', agent: false, headers }, resolve).on('error', reject).end());
	assert.equal(reply.statusCode, 200);
	return { ended: new Promise((resolve) => reply.on('close', resolve).on('error', resolve).resume()) };
}

// An account with a session, a token that it made, and a stream of each.
async function somebody(name, role = 'admin') {
	await postroom.post('/users', { name, role, password: PASSWORD });
	const { cookie } = await signIn(name);
	const session = { Cookie: cookie, Origin: postroom.url };
	const made = role === 'admin' ? await postroom.post('/tokens', { name: `${name}-script`, role: 'viewer' }, { tcp: true, headers: session }) : null;
	const all = [session, ...(made ? [{ Authorization: `Bearer ${made.token}` }] : [])];
	for (const headers of all)
		assert.equal(await status(headers), 200);
	return { name, all, streams: await Promise.all(all.map(stream)) };
}

async function ended({ name, all, streams }) {
	for (const headers of all)
		assert.equal(await status(headers), 401, `${name}: ${Object.keys(headers)[0]}`);
	await Promise.all(streams.map(({ ended: end }) => end));
}

const WAYS = {
	role: (name) => postroom.put(`/users/${name}`, { role: 'operator' }),
	lock: (name) => postroom.put(`/users/${name}`, { locked: true }),
	password: (name) => postroom.post(`/users/${name}/password`, { password: 'another long password' }),
	delete: async (name) => assert.equal((await postroom.api('DELETE', `/users/${name}`)).status, 204),
};
for (const [way, change] of Object.entries(WAYS))
	test(`${way} by the API ends sessions, tokens and streams at once`, async () => {
		const other = await somebody(`other-${way}`);
		const one = await somebody(`one-${way}`);
		await change(one.name);
		await ended(one);
		for (const headers of other.all)
			assert.equal(await status(headers), 200);
		await postroom.api('DELETE', `/users/${other.name}`);
		await ended(other);
	});

for (const [way, args, input] of [['role', ['viewer'], ''], ['lock', [], ''], ['password', ['--password-stdin'], 'another long password\n'], ['delete', ['--yes'], '']])
	test(`postroom user ${way} ends sessions, tokens and streams at once`, async () => {
		const one = await somebody(`cli-${way}`);
		const { status: code, stderr } = await postroom.cliWith({ input }, 'user', way, one.name, ...args);
		assert.equal(code, 0, stderr);
		await ended(one);
	});

test('what an account may do afterwards', async () => {
	await postroom.post('/users', { name: 'dora', role: 'viewer', password: PASSWORD });
	assert.deepEqual(await postroom.put('/users/dora', { role: 'operator', locked: true }), { ...await postroom.get('/users/dora'), role: 'operator', locked: true });
	assert.equal((await signIn('dora')).status, 401);
	await postroom.put('/users/dora', { locked: false });
	assert.equal((await signIn('dora')).status, 200);
	await postroom.post('/users/dora/password', { password: 'another long password' });
	assert.equal((await signIn('dora')).status, 401);
	assert.equal((await signIn('dora', 'another long password')).status, 200);
	assert.ok((await postroom.get('/users')).users.some(({ name, role }) => name === 'dora' && role === 'operator'));
	assert.equal((await postroom.api('DELETE', '/users/dora')).status, 204);
	assert.equal((await signIn('dora', 'another long password')).status, 401);
	for (const [method, path, body] of [['GET', '/users/dora'], ['PUT', '/users/dora', { locked: true }], ['DELETE', '/users/dora'], ['POST', '/users/dora/password', { password: PASSWORD }]]) {
		const { status: code, body: problem } = await postroom.api(method, path, body);
		assert.deepEqual([code, problem.code], [404, 'user_not_found'], `${method} ${path}`);
	}
	assert.equal((await postroom.api('PUT', '/users/dora', {})).body.code, 'missing_member');
	assert.equal((await postroom.api('PUT', '/users/dora', { role: 'root' })).body.code, 'invalid_value');
});

test('the last admin stays one', async () => {
	for (const { name, role } of (await postroom.get('/users')).users)
		if (role === 'admin' && name !== 'root-of-all')
			await postroom.api('DELETE', `/users/${name}`);
	for (const [method, path, body] of [['PUT', '/users/root-of-all', { locked: true }], ['PUT', '/users/root-of-all', { role: 'operator' }], ['DELETE', '/users/root-of-all']]) {
		const { status: code, body: problem } = await postroom.api(method, path, body);
		assert.deepEqual([code, problem.code], [409, 'last_admin'], `${method} ${path}`);
	}
	const { status: code, stderr } = await postroom.cli('user', 'delete', 'root-of-all', '--yes');
	assert.equal(code, 4);
	assert.match(stderr, /last account that may sign in as admin/);
	assert.equal((await signIn('root-of-all')).status, 200);
});

test('accounts are for admins alone', async () => {
	const { token } = await postroom.post('/tokens', { name: 'op', role: 'operator' });
	for (const [method, path, body] of [['GET', '/users'], ['GET', '/users/root-of-all'], ['PUT', '/users/root-of-all', { locked: true }], ['DELETE', '/users/root-of-all'], ['POST', '/users/root-of-all/password', { password: PASSWORD }]]) {
		assert.equal((await postroom.api(method, path, body, { token })).status, 403, `${method} ${path}`);
		assert.equal((await postroom.api(method, path, body, { tcp: true })).status, 401, `${method} ${path}`);
	}
});

test('saved views are the team\'s: everybody sees them, operators write them, and a name is given once', async () => {
	const tokens = Object.fromEntries(await Promise.all(['viewer', 'operator'].map(async (role) => [role, (await postroom.post('/tokens', { name: `views-${role}`, role })).token])));
	const as = (role) => ({ token: tokens[role] });
	const night = { name: 'Nights „quiet“', address: '?filter=queue:hold%20deleting:no&sort=-size' };
	assert.equal((await postroom.api('POST', '/saved-views', night, as('viewer'))).status, 403);
	const made = await postroom.post('/saved-views', night, as('operator'));
	assert.deepEqual({ name: made.name, address: made.address }, night);
	assert.match(made.by, /views-operator/);
	assert.deepEqual((await postroom.get('/saved-views', as('viewer'))).views, [made]);
	const again = await postroom.api('POST', '/saved-views', night, as('operator'));
	assert.deepEqual([again.status, again.body.code], [409, 'name_taken']);
	const other = await postroom.put(`/saved-views/${made.id}`, { ...night, name: 'Other' }, as('operator'));
	assert.deepEqual([other.id, other.name], [made.id, 'Other']);
	for (const bad of [{ name: '' }, { name: ' x' }, { name: 'two\nlines' }, { name: 'x'.repeat(201) }, { address: '/?filter=x' }, { address: '//elsewhere.example' },
		{ address: '?a b' }, { address: '' }, { address: `?${'x'.repeat(50000)}` }, { more: 1 }])
		assert.equal((await postroom.api('POST', '/saved-views', { ...night, ...bad }, as('operator'))).status, 400, JSON.stringify(bad).slice(0, 80));
	for (const [method, body] of [['PUT', night], ['DELETE', undefined]])
		assert.equal((await postroom.api(method, '/saved-views/9007199254740993', body)).body.code, 'saved_view_not_found', method);
	assert.equal((await postroom.api('DELETE', `/saved-views/${made.id}`, undefined, as('viewer'))).status, 403);
	assert.equal((await postroom.api('DELETE', `/saved-views/${made.id}`, undefined, as('operator'))).status, 204);
	assert.deepEqual((await postroom.get('/saved-views')).views, []);
});

test('postroom user: the list, wrong usage, and passwords that are refused', async () => {
	const list = await postroom.cli('user', 'list');
	assert.match(list.stdout, /^NAME +ROLE +RIGHTS +STATE +CREATED +SCOPE\n/);
	assert.match(list.stdout, /root-of-all +admin/);
	const all = (await postroom.cli('user', 'list', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(all.find(({ name }) => name === 'root-of-all').locked, false);
	for (const args of [[], ['role', 'x'], ['lock'], ['delete', 'nobody-there'], ['list', 'x'], ['role', 'x', 'viewer', '--role', 'viewer'], ['lock', 'a/b']])
		assert.equal((await postroom.cli('user', ...args)).status, 2, args.join(' '));
	for (const password of ['password1234', 'root-of-all-17', 'elevenbytes'])
		assert.equal((await postroom.cliWith({ input: `${password}\n` }, 'user', 'password', 'root-of-all', '--password-stdin')).status, 2, password);
	assert.equal((await postroom.cli('user', 'lock', 'nobody-there')).status, 1);
});

test('without the service root changes accounts in its database, and the change counts when it is back', async () => {
	const one = await somebody('offline-one');
	const two = await somebody('offline-two');
	await postroom.stop();
	await ended({ ...one, all: [] });
	const offline = async (input, ...args) => {
		const { status: code, stdout, stderr } = await postroom.cliWith({ input }, 'user', ...args);
		return { code, text: stdout + stderr };
	};
	assert.equal((await offline('', 'lock', 'offline-one')).code, 0);
	assert.equal((await offline('another long password\n', 'password', 'offline-two', '--password-stdin')).code, 0);
	assert.equal((await offline('password1234\n', 'password', 'offline-two', '--password-stdin')).code, 2);
	assert.equal((await offline('', 'role', 'offline-two', 'viewer')).code, 0);
	const last = await offline('', 'delete', 'root-of-all', '--yes');
	assert.equal(last.code, 4, last.text);
	assert.match(last.text, /last account/);
	assert.equal((await offline('', 'lock', 'nobody-there')).code, 1);
	assert.match((await offline('', 'list')).text, /offline-one +admin +locked/);
	await postroom.up();
	for (const headers of [...one.all, ...two.all])
		assert.equal(await status(headers), 401);
	assert.equal((await signIn('offline-one')).status, 401);
	assert.equal((await signIn('offline-two', 'another long password')).status, 200);
	assert.equal((await postroom.get('/users/offline-two')).role, 'viewer');
	await until('the lock to be shown', async () => (await postroom.get('/users/offline-one')).locked);
});
