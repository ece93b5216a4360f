// Single sign-on by a proxy's word: nginx, Caddy and Apache by the files that the package ships, with an authenticator or a provider beside them; and what comes from elsewhere.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import test, { after, before } from 'node:test';
import { Authenticator, Authority, Postfix, Postroom, Proxy, PROXY_USER, register, until } from '../harness/index.mjs';

const GROUPS = ['mail-admins = admin', 'desk = operator -content scope to:*@customer.example', 'other desk = operator scope to:*@other.example', 'look = viewer', '"cn=x,dc=y" = viewer'];
const WORDS = {
	authelia: ['Remote-User', 'Remote-Groups'],
	'oauth2-proxy': ['X-Auth-Request-Preferred-Username', 'X-Auth-Request-Groups'],
};
let postfix, authority, sso;
const at = {};

before(async () => {
	authority = new Authority();
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	sso = await Authenticator.start({
		anna: { groups: 'staff,mail-admins' }, desk: { groups: 'desk' }, both: { groups: 'desk, other desk' }, carl: { groups: null }, none: { groups: 'staff' },
		nearly: { groups: 'Mail-Admins' }, look: { groups: 'look' },
	});
	for (const [kind, [user, groups]] of Object.entries(WORDS))
		at[kind] = await Postroom.start(postfix, { set: {
			'http.trusted_proxy': `127.0.0.1 unix:${PROXY_USER}`, 'http.public_url': 'https://mail.test',
			'access.proxy_user_header': user, 'access.proxy_groups_header': groups, 'access.group': GROUPS, 'access.proxy_logout_url': 'https://auth.test/logout',
		} });
});
after(async () => {
	await Promise.all(Object.values(at).map((postroom) => postroom.stop()));
	sso.stop();
	postfix.remove();
});

// A browser's request through the proxy.
function ask(proxy, path, { as, headers = {}, method = 'GET', body, onReply } = {}) {
	return new Promise((resolve, reject) => {
		const outgoing = request({
			host: '127.0.0.1', port: proxy.port, servername: 'mail.test', ca: readFileSync(authority.file), agent: false, method, path,
			headers: {
				Host: `mail.test:${proxy.port}`, Accept: path.startsWith('/api') ? 'application/json' : 'text/html', 'Sec-Fetch-Site': 'same-origin',
				...(as ? { Cookie: `sso=${as}` } : {}), ...(method === 'GET' ? {} : { Origin: proxy.url, 'Content-Type': 'application/json' }), ...headers,
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
const me = (proxy, as, options) => ask(proxy, '/api/v1/me', { as, ...options });

// As the proxy itself speaks to Postroom.
const direct = (postroom, path, { method = 'GET', user, groups, headers = {}, ...options } = {}) => postroom.raw(method, path, {
	tcp: true, ...options, headers: { ...(user === undefined ? {} : { 'Remote-User': user }), ...(groups === undefined ? {} : { 'Remote-Groups': groups }), ...headers },
});
const detail = (reply) => JSON.parse(reply.body).detail;
const bytes = (text) => Buffer.from(text).toString('latin1');

async function useIt(proxy, [userHeader, groupsHeader], signInAt) {
	// Nobody has signed in: the page leads to the sign-in, what its script asks is answered with 401.
	const page = await ask(proxy, '/?filter=queue:hold');
	assert.equal(page.status, 302);
	assert.match(page.headers.location, signInAt);
	assert.equal((await me(proxy)).status, 401);
	assert.equal((await ask(proxy, '/livez')).status, 200);

	const admin = (await me(proxy, 'anna')).json();
	assert.deepEqual([admin.name, admin.role, admin.via, admin.scope], ['anna', 'admin', 'proxy', null]);
	assert.equal((await ask(proxy, '/', { as: 'anna' })).status, 200);
	const desk = (await me(proxy, 'desk')).json();
	assert.deepEqual([desk.role, desk.scope, desk.rights.includes('content')], ['operator', 'to:*@customer.example', false]);
	assert.equal((await me(proxy, 'both')).json().scope, '(to:*@customer.example) or (to:*@other.example)');

	// What a browser sends by these names counts for nothing: not for who is somebody else, nor for who is in no group.
	const forged = { [userHeader]: 'anna', [groupsHeader]: 'mail-admins' };
	assert.equal((await me(proxy, undefined, { headers: forged })).status, 401);
	assert.deepEqual((await me(proxy, 'look', { headers: forged })).json().name, 'look');
	for (const as of ['carl', 'none', 'nearly']) {
		const reply = await me(proxy, as, { headers: forged });
		assert.equal(reply.status, 403, as);
		assert.match(reply.json().detail, new RegExp(`says that you are ${as}`));
	}
	// Another site's page has the cookie of the single sign-on as well.
	const written = { as: 'anna', method: 'POST', body: { action: 'hold', ids: [] } };
	assert.equal((await ask(proxy, '/api/v1/previews', { ...written, headers: { 'Sec-Fetch-Site': 'cross-site' } })).json().code, 'csrf_refused');
	assert.notEqual((await ask(proxy, '/api/v1/previews', written)).status, 403);

	// His stream ends as soon as he asks with other rights, and he is out when the single sign-on says so.
	let stream;
	const ended = ask(proxy, '/api/v1/events', { as: 'look', onReply: (reply, outgoing) => { stream = { reply, outgoing }; } }).catch(() => {});
	await until('the stream', () => stream?.reply.statusCode === 200);
	sso.people.look = { groups: 'desk' };
	assert.equal((await me(proxy, 'look')).json().role, 'operator');
	await ended;
	delete sso.people.look;
	assert.equal((await me(proxy, 'look')).status, 401);
	sso.people.look = { groups: 'look' };
}

for (const [with_, signInAt] of [['authelia', /^https:\/\/auth\.test\/\?rd=https(:|%3A).*filter/], ['oauth2-proxy', /\/oauth2\/sign_in\?rd=https:.*filter/]])
	for (const kind of ['nginx', 'caddy'])
		test(`${kind} with ${with_}`, async () => {
			const proxy = await Proxy.start(kind, with_, { postroom: at[with_], authority, authenticator: sso, tcp: kind === 'nginx' && with_ === 'oauth2-proxy' });
			await useIt(proxy, WORDS[with_], signInAt);
			proxy.stop();
		});

// A provider of OpenID Connect (oidc-provider) with one client, which `knows` names the address of.
async function startProvider(people) {
	const { default: Provider } = await import('oidc-provider');
	const key = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' };
	const issuer = { secret: 'x'.repeat(40) };
	const server = createServer((rq, reply) => issuer.provider.callback()(rq, reply)).listen(0, '127.0.0.1');
	await once(server, 'listening');
	issuer.url = `http://127.0.0.1:${server.address().port}`;
	issuer.stop = register(() => {
		server.closeAllConnections();
		server.close();
	});
	issuer.knows = (redirect) => {
		issuer.provider = new Provider(issuer.url, {
			clients: [{ client_id: 'postroom', client_secret: issuer.secret, redirect_uris: [redirect], id_token_signed_response_alg: 'ES256' }],
			jwks: { keys: [key] }, pkce: { required: () => true, methods: ['S256'] }, claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
			findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, ...people[id] }) }), cookies: { keys: ['a key of the tests'] },
		});
	};
	return issuer;
}

// A browser without scripts, which goes from the page to the provider and back: it keeps cookies by host, and follows redirects and forms.
class Visitor {
	#jar = {};

	constructor(proxy) {
		this.proxy = proxy;
	}

	ask(address, { method = 'GET', body, headers = {} } = {}) {
		const url = new URL(address, this.proxy.url);
		const tls = url.protocol === 'https:' ? { servername: 'mail.test', ca: readFileSync(authority.file) } : {};
		return new Promise((resolve, reject) => {
			const outgoing = (url.protocol === 'https:' ? request : plainRequest)({
				...tls, host: '127.0.0.1', port: url.port, method, path: url.pathname + url.search, agent: false,
				headers: {
					Host: url.host, Accept: 'text/html', Cookie: Object.entries(this.#jar[url.host] ?? {}).map(([name, value]) => `${name}=${value}`).join('; '),
					...(body ? { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } : {}), ...headers,
				},
			}, (reply) => {
				let text = '';
				for (const line of reply.headers['set-cookie'] ?? []) {
					const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
					(this.#jar[url.host] ??= {})[name] = value;
				}
				reply.setEncoding('utf8');
				reply.on('data', (data) => { text += data; });
				reply.on('end', () => resolve({ status: reply.statusCode, location: reply.headers.location, text, json: () => JSON.parse(text) }));
			});
			outgoing.on('error', reject);
			outgoing.end(body);
		});
	}

	// Whatever password is typed is right.
	async open(path, name) {
		let url = new URL(path, this.proxy.url);
		let reply = await this.ask(url);
		for (let steps = 0; steps < 14; steps++) {
			const action = /<form[^>]*action="([^"]+)"/.exec(reply.text)?.[1];
			if (reply.location) {
				url = new URL(reply.location, url);
				reply = await this.ask(url);
			} else if (action && url.port !== String(this.proxy.port)) {
				const prompt = /name="prompt" value="(\w+)"/.exec(reply.text)[1];
				url = new URL(action, url);
				reply = await this.ask(url, { method: 'POST', body: String(new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt })) });
			} else {
				return { ...reply, url };
			}
		}
		throw new Error(`it does not end: ${url}`);
	}
}

test('Apache with a provider of OpenID Connect, by its own module', async () => {
	const issuer = await startProvider({ anna: { groups: ['staff', 'mail-admins'] }, carl: {} });
	const proxy = await Proxy.start('apache', 'openidc', { postroom: at.authelia, authority, issuer });
	issuer.knows(`${proxy.url}/openid-connect`);
	const forged = { Accept: 'application/json', 'Remote-User': 'boss', 'Remote-Groups': 'mail-admins' };
	for (const [name, status] of [['anna', 200], ['carl', 403]]) {
		const visitor = new Visitor(proxy);
		assert.equal((await visitor.ask('/api/v1/me', { headers: forged })).status, 401);
		const page = await visitor.open('/?filter=queue:hold', name);
		assert.deepEqual([page.status, page.url.href], [200, `${proxy.url}/?filter=queue:hold`]);
		const reply = await visitor.ask('/api/v1/me', { headers: forged });
		assert.equal(reply.status, status, reply.text);
		if (status === 200)
			assert.deepEqual([reply.json().name, reply.json().role, reply.json().via], ['anna', 'admin', 'proxy']);
		else
			assert.match(reply.json().detail, /you are carl, and in no group/);
		assert.equal((await visitor.ask(`/openid-connect?logout=${encodeURIComponent(`${proxy.url}/`)}`)).status, 302);
		assert.equal((await visitor.ask('/api/v1/me', { headers: forged })).status, 401);
		assert.equal((await visitor.ask('/livez', { headers: forged })).status, 200);
	}
	proxy.stop();
	issuer.stop();
});

test('from elsewhere than the proxy such a header gets nobody in, and says why', async () => {
	const postroom = at.authelia;
	for (const path of ['/api/v1/me', '/', '/api/v1/nothing']) {
		const reply = await direct(postroom, path, { user: 'mallory', groups: 'mail-admins', from: '127.0.8.8' });
		assert.equal(reply.status, 403);
		assert.match(detail(reply), /Remote-User.*http\.trusted_proxy.*127\.0\.8\.8/);
	}
	const { token } = await postroom.post('/tokens', { name: 'script', role: 'operator' });
	assert.equal((await direct(postroom, '/api/v1/me', { user: 'mallory', groups: 'mail-admins', token, from: '127.0.8.8' })).status, 403);
	// Root's command line is no proxy either.
	assert.equal((await postroom.raw('GET', '/api/v1/me', { headers: { 'Remote-User': 'anna', 'Remote-Groups': 'mail-admins' } })).status, 403);
	// One that is empty names nobody, and groups alone say nothing.
	assert.equal((await direct(postroom, '/api/v1/me', { user: '', groups: 'mail-admins' })).status, 401);
	assert.equal((await direct(postroom, '/api/v1/me', { groups: 'mail-admins' })).status, 401);
});

test('names in every script, and those that only look like others', async () => {
	const of = (user) => direct(at.authelia, '/api/v1/me', { user: bytes(user), groups: 'look' });
	for (const [given, name] of [['ANNA@Example.COM', 'anna@example.com'], ['Зоя', 'зоя'], ['田中さん', '田中さん'], ['Jose\u0301', 'josé'], ['x'.repeat(64), 'x'.repeat(64)]])
		assert.equal(JSON.parse((await of(given)).body).name, name);
	for (const [given, why] of [['аnna', /mixes scripts/], ['ａnna', /only look like others/], ['an\u200bna', /U\+200B/], ['x'.repeat(1024), /longer than 64 bytes/], ['root', /service's own/]]) {
		const reply = await of(given);
		assert.equal(reply.status, 403, given);
		assert.match(detail(reply), why);
	}
	assert.match(detail(await direct(at.authelia, '/api/v1/me', { user: 'anna\xff', groups: 'look' })), /not UTF-8/);
});

test('the proxy\'s word counts, and not the cookie beside it; a token of ours is one', async () => {
	const postroom = at.authelia;
	const get = async (options) => JSON.parse((await direct(postroom, '/api/v1/me', options)).body);
	const { token } = await postroom.post('/tokens', { name: 'script', role: 'viewer' });
	assert.equal((await get({ user: 'anna', groups: 'mail-admins', headers: { Authorization: `Bearer ${token}` } })).name, 'script');
	// What a proxy passes on of its own sign-in is none.
	assert.equal((await get({ user: 'anna', groups: 'mail-admins', headers: { Authorization: 'Basic YW5uYTp4' } })).name, 'anna');
	assert.equal((await get({ user: 'anna', groups: 'mail-admins', headers: { Cookie: 'postroom=x' } })).name, 'anna');
	for (const header of ['Remote-User', 'Remote-Groups']) {
		const reply = await direct(postroom, '/api/v1/me', { headers: { 'Remote-User': 'anna', 'Remote-Groups': 'mail-admins', [header]: ['anna', 'desk'] } });
		assert.match(detail(reply), new RegExp(`${header} came twice`));
	}
});

test('a locked account of that name keeps him out, and a reload counts at once', async () => {
	const postroom = at.authelia;
	const status = async (user, groups) => (await direct(postroom, '/api/v1/me', { user, groups })).status;
	await postroom.post('/users', { name: 'Leaver', role: 'viewer', password: 'a password of length' });
	assert.equal(await status('leaver', 'mail-admins'), 200);
	// What he follows ends with it.
	const [host, port] = postroom.keys['http.listen'].split(':');
	const [stream] = await once(plainRequest({ host, port, path: '/api/v1/events', headers: { 'Remote-User': 'leaver', 'Remote-Groups': 'mail-admins' } }).end(), 'response');
	assert.equal(stream.statusCode, 200);
	const ended = new Promise((done) => stream.resume().on('error', () => {}).once('close', done));
	await postroom.put('/users/Leaver', { locked: true });
	await ended;
	assert.equal(await status('leaver', 'mail-admins'), 403);
	postroom.keys['access.group'] = ['look = viewer'];
	postroom.writeConfig();
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('the reload', async () => await status('anna', 'mail-admins') === 403);
	assert.equal(await status('anna', 'look'), 200);
});

test('each arrival and each refusal is in the audit', async () => {
	const postroom = at.authelia;
	const has = (wanted) => postroom.audit().some((record) => Object.entries(wanted).every(([name, value]) => (value instanceof RegExp ? value.test(record[name]) : record[name] === value)));
	// Refusals are written down together, at intervals that double: which has which depends on how fast the tests above were.
	const untilTold = (wanted) => until(`the refusal of ${wanted.who}`, () => has({ action: 'sign_in_failed', ...wanted }));
	await untilTold({ who: 'none' });
	assert.ok(has({ action: 'sign_in', who: 'desk', role: 'operator', scope: 'to:*@customer.example', via: 'proxy', from: /^127\.0\.0\.1/, text: /single sign-on.*groups desk$/ }));
	await untilTold({ who: 'mallory', from: '127.0.8.8' });
	// Whatever bytes came as a name.
	await untilTold({ who: 'anna\ufffd' });
});

test('postroom check tells a wrong set-up, and tries whether a browser is believed', async () => {
	const found = async (postroom) => (await postroom.cli('check', '--json')).stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
	const codes = async (postroom) => (await found(postroom)).map(({ code }) => code).filter((code) => /group|scope|proxy|sign_on|rights/.test(code));
	const postroom = at['oauth2-proxy'];
	assert.deepEqual(await codes(postroom), []);
	// A proxy that passes on what it is sent: here Postroom's own port, which is believed as it comes from the proxy's address.
	postroom.keys['http.public_url'] = postroom.url;
	postroom.keys['http.trusted_proxy'] = '127.0.0.1 unix:nobody-there';
	postroom.keys['access.group'] = ['look = viewer', 'bad = viewer scope from:(', 'worse = viewer scope age>x'];
	postroom.writeConfig();
	assert.deepEqual(await codes(postroom), ['proxy_user_missing', 'scope_invalid', 'scope_invalid', 'sign_on_forged']);
	const forged = (await found(postroom)).find(({ code }) => code === 'sign_on_forged');
	assert.equal(forged.severity, 'fatal');
	assert.ok((await found(postroom)).some(({ code, severity }) => code === 'host_users_believed' && severity === 'partial'));
	assert.match(postroom.log, /every user and program of this host can be anybody/);
	// By the Unix socket alone the kernel says who it is.
	postroom.keys['http.trusted_proxy'] = `unix:${PROXY_USER}`;
	postroom.writeConfig();
	assert.ok(!(await found(postroom)).some(({ code }) => code === 'host_users_believed'));
	postroom.keys['http.trusted_proxy'] = '127.0.0.1 unix:nobody-there';
	assert.match(forged.text, /passes on the header X-Auth-Request-Preferred-Username/);
	// Of what a scope takes away: what was given by name, and what makes an admin one; not that an operator sets no pauses.
	postroom.keys['access.group'] = ['desk = operator +audit scope domain:=a.example', 'chief = admin scope domain:=a.example', 'ops = operator scope domain:=a.example', 'all = operator +audit'];
	postroom.writeConfig();
	assert.deepEqual((await found(postroom)).filter(({ code }) => code === 'rights_lost').map(({ text }) => /^access\.group (\w+) .* have: ([^.]*)\./.exec(text).slice(1)), [['desk', 'audit'], ['chief', 'pauses, settings, accounts, audit']]);
	postroom.keys['access.group'] = [];
	postroom.writeConfig();
	assert.deepEqual(await codes(postroom), ['proxy_user_missing', 'groups_missing']);
});

test('over the socket, rights are for who says that he means them', async () => {
	const ask = (headers) => at.authelia.raw('GET', '/api/v1/me', { headers });
	const reply = await ask({ 'Keep-Alive': 'timeout=5' });
	assert.equal(reply.status, 403);
	assert.match(detail(reply), /user 0 of this host.*`Keep-Alive: postroom`.*http\.trusted_proxy/);
	assert.equal((await ask({})).status, 200);
	assert.equal((await at.authelia.raw('GET', '/livez', { headers: { 'Keep-Alive': '' } })).status, 200);
	assert.equal((await at.authelia.cli('status')).status, 0);
});
