// Signing in by a real issuer of OpenID Connect, over HTTP alone as a browser would; and what a stranger, a hostile issuer and one
// that is down can do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { SignJWT, importJWK } from 'jose';
import { Issuer, Postfix, Postroom, Visitor, freePort, until } from '../harness/index.mjs';

const PEOPLE = {
	anna: { groups: ['mail-admins', 'everybody'] },
	otto: { groups: ['mail-operators'] },
	vera: { groups: ['helpdesk'] },
	gast: { groups: ['everybody'] },
	alone: {},
	strange: { groups: ['mail-admins'], preferred_username: 'root' },
	listed: { groups: { 'mail-admins': true } },
};
let postfix, postroom, issuer, url;

const ways = () => postroom.get('/login/ways');
const untilReady = (ready) => until(`the issuer to be ${ready ? 'there' : 'missed'}`, async () => (await ways()).oidc.ready === ready);
const me = async (cookie) => {
	const { status, body } = await postroom.api('GET', '/me', undefined, { tcp: true, headers: { Cookie: cookie } });
	return status === 200 ? body : null;
};
const word = (address) => /^\/\?sign_in=(\w+)$/.exec(address)?.[1];

// The settings of the guide, as they stand there: [[key, value]].
function guide() {
	const page = readFileSync(new URL('../../docs/guide/openid-connect.md', import.meta.url), 'utf8');
	let section = '';
	return /^ *```ini\n([^`]*)```/m.exec(page)[1].split('\n').map((line) => line.trim()).filter(Boolean).flatMap((line) => {
		const begins = /^\[(\w+)\]$/.exec(line);
		section = begins ? begins[1] : section;
		return begins ? [] : [[`${section}.${/^\w+/.exec(line)[0]}`, line.replace(/^\w+ = /, '')]];
	});
}

before(async () => {
	postfix = await Postfix.start();
	const port = await freePort();
	url = `http://127.0.0.1:${port}`;
	issuer = await Issuer.start({ people: PEOPLE, redirect: url });
	const written = guide();
	assert.deepEqual([...new Set(written.map(([key]) => key))].sort(), [...Object.keys(issuer.settings), 'access.group'].sort());
	// Of the guide, only the addresses and the place of the secret are another's here.
	const set = { ...Object.fromEntries(written), ...issuer.settings, 'access.oidc_client_id': Object.fromEntries(written)['access.oidc_client_id'] };
	postroom = await Postroom.start(postfix, { set: { ...set, 'http.listen': `127.0.0.1:${port}`,
		'access.group': written.filter(([key]) => key === 'access.group').map(([, line]) => line) } });
	await untilReady(true);
});
after(async () => {
	await postroom?.stop();
	issuer?.close();
	postfix?.remove();
});

test('somebody signs in by the issuer, with what his groups may do, and signs out', async () => {
	assert.deepEqual(await ways(), { oidc: { issuer: `127.0.0.1:${issuer.port}`, ready: true } });
	const { status, address, session, cookies } = await new Visitor(url).signIn('anna');
	assert.deepEqual([status, address], [303, '/']);
	const [cookie] = cookies.filter((line) => line.startsWith('postroom='));
	assert.match(cookie, /; HttpOnly; SameSite=Strict;/);
	assert.match(cookies.find((line) => line.startsWith('postroom-sign-in=')), /^postroom-sign-in=; .*Max-Age=0/);
	const caller = await me(session);
	assert.deepEqual([caller.name, caller.role, caller.scope, caller.via, caller.how], ['anna', 'admin', null, 'session', 'oidc']);
	const own = await postroom.api('POST', '/me/password', { present_password: 'whatever it is', password: 'another long password' }, { tcp: true, headers: { Cookie: session, Origin: url } });
	assert.deepEqual([own.status, own.body.code], [409, 'password_elsewhere']);
	const otto = await me((await new Visitor(url).signIn('otto')).session);
	assert.deepEqual([otto.role, otto.rights.includes('content'), otto.rights.includes('operator')], ['operator', false, true]);
	const vera = await me((await new Visitor(url).signIn('vera')).session);
	assert.deepEqual([vera.role, vera.scope], ['viewer', 'domain:=customer.example']);
	// Nobody gets an account by it.
	assert.equal((await postroom.api('GET', '/users/anna')).status, 404);
	const leads = new URL(caller.logout_url);
	assert.equal((await postroom.api('POST', '/logout', {}, { tcp: true, headers: { Cookie: session, Origin: url } })).status, 204);
	assert.equal(await me(session), null);
	assert.equal(leads.origin, issuer.url);
	assert.deepEqual([leads.searchParams.get('client_id'), leads.searchParams.get('post_logout_redirect_uri')], ['postroom', `${url}/`]);
	assert.match((await new Visitor(url).get(leads.href)).body, /session\/end\/confirm/);
});

// Loads the configuration anew with these groups.
function setGroups(lines) {
	postroom.keys['access.group'] = lines;
	postroom.writeConfig();
	postroom.child.kill('SIGHUP');
}

// An open stream of events: a promise of its end.
async function follow(session) {
	const { hostname, port } = new URL(url);
	const [stream] = await once(request({ host: hostname, port, path: '/api/v1/events', headers: { Cookie: session } }).end(), 'response');
	assert.equal(stream.statusCode, 200);
	return { ended: new Promise((done) => stream.resume().on('error', () => {}).once('close', done)) };
}

test('what a group may follows the configuration: sessions, streams and tokens with it', async () => {
	const before = postroom.keys['access.group'];
	const { session } = await new Visitor(url).signIn('anna');
	const as = { tcp: true, headers: { Cookie: session, Origin: url } };
	const made = await postroom.api('POST', '/tokens', { name: 'nightly', role: 'operator' }, as);
	assert.equal(made.status, 201);
	const { person, owner, expires } = made.body.info;
	assert.deepEqual([owner, person.name, person.by], [null, 'anna', 'oidc']);
	// Longer than 14 days she need not be away for it to end, whatever end it has itself.
	assert.ok(Math.abs(Date.parse(person.until) - Date.parse(person.seen) - 14 * 86400e3) < 1000 && person.until < expires);
	const listed = await postroom.api('GET', '/tokens', undefined, as);
	assert.deepEqual(listed.body.tokens.map(({ name }) => name), ['nightly']);
	assert.equal(listed.body.away_seconds, 14 * 86400);
	const byToken = () => postroom.api('GET', '/me', undefined, { tcp: true, headers: { Authorization: `Bearer ${made.body.token}` } });
	assert.equal((await byToken()).body.rights.includes('operator'), true);
	// What it does is hers in the audit.
	assert.equal((await postroom.api('POST', '/flush', {}, { tcp: true, headers: { Authorization: `Bearer ${made.body.token}` } })).status, 200);
	await until('the record of what the token did', () => postroom.audit().some(({ action, who, token, owner: whose }) => action === 'flush' && who === 'nightly' && token === made.body.info.id && whose === 'anna'));
	const trail = await postroom.get('/audit?who=anna&action=flush');
	assert.deepEqual(trail.records.map(({ who, token, owner: whose }) => [who, token, whose]), [['nightly', made.body.info.id, 'anna']]);

	let stream = await follow(session);
	setGroups(['mail-admins = viewer scope to:*@customer.example']);
	await stream.ended;
	const caller = await me(session);
	assert.deepEqual([caller.role, caller.scope, caller.rights], ['viewer', 'to:*@customer.example', ['viewer']]);
	assert.deepEqual((await byToken()).body.rights, ['viewer']);
	assert.equal((await postroom.api('POST', '/tokens', { name: 'more', role: 'viewer' }, as)).status, 403);

	// A group that gives nothing any more ends it all, and for good.
	stream = await follow(session);
	setGroups(['others = viewer']);
	await stream.ended;
	assert.equal(await me(session), null);
	assert.equal((await byToken()).status, 401);
	setGroups(before);
	await until('the groups', async () => (await new Visitor(url).signIn('anna')).address === '/');
	assert.equal((await byToken()).status, 401);
	assert.deepEqual((await postroom.get('/tokens?all=true')).tokens, []);
});

test('who comes again with other groups, or another issuer, has what they give', async () => {
	const { session } = await new Visitor(url).signIn('otto');
	assert.equal((await me(session)).role, 'operator');
	issuer.people.otto = { groups: ['helpdesk'] };
	const later = (await new Visitor(url).signIn('otto')).session;
	assert.equal((await me(later)).role, 'viewer');
	assert.equal((await me(session)).role, 'viewer');
	issuer.people.otto = { groups: ['everybody'] };
	assert.equal(word((await new Visitor(url).signIn('otto')).address), 'no_role');
	await until('his sessions to end', async () => await me(later) === null && await me(session) === null);
	issuer.people.otto = { groups: ['mail-operators'] };
});

test('nobody comes in without a group, a name or a place; the page is the one place that all of it leads to', async () => {
	assert.equal(word((await new Visitor(url).signIn('gast')).address), 'no_role');
	assert.equal(word((await new Visitor(url).signIn('alone')).address), 'no_role');
	assert.equal(word((await new Visitor(url).signIn('strange')).address), 'name');
	assert.equal(word((await new Visitor(url).signIn('listed')).address), 'refused');
	await postroom.post('/users', { name: 'otto', role: 'viewer', password: 'correct horse battery' });
	assert.equal((await new Visitor(url).signIn('otto')).address, '/');
	await postroom.put('/users/otto', { locked: true });
	assert.equal(word((await new Visitor(url).signIn('otto')).address), 'locked');
	assert.equal((await postroom.api('DELETE', '/users/otto')).status, 204);
	for (const tried of ['?return=https://evil.example/', '?redirect_uri=//evil.example'])
		assert.equal((await new Visitor(url).get(`${url}/api/v1/login/oidc${tried}`)).status, 400);
	assert.equal((await new Visitor(url).get(`${url}/api/v1/login/oidc`, { 'Sec-Fetch-Site': 'cross-site' })).location, '/');
});

test('a code and a state are good once, for the browser that began, and for no other', async () => {
	const visitor = new Visitor(url);
	const back = await visitor.begin('anna');
	const other = new Visitor(url);
	assert.equal(word((await other.get(back)).location), 'expired');
	await other.begin('otto');
	assert.equal(word((await other.get(back)).location), 'expired');
	const stolen = new URL(back);
	// His own state with another's code: the code is not for his verifier.
	const own = new URL(await other.begin('otto'));
	own.searchParams.set('code', stolen.searchParams.get('code'));
	const mixed = await other.get(own.href);
	assert.equal(word(mixed.location), 'refused');
	assert.equal((await visitor.get(back)).location, '/');
	const again = await visitor.begin('anna');
	const kept = visitor.cookies(`${url}/`).find(({ name }) => name === 'postroom-sign-in').line.split(';')[0];
	assert.equal((await visitor.get(again)).location, '/');
	assert.equal(word((await new Visitor(url).get(again, { Cookie: kept })).location), 'expired');
	// A code that is looked at is not used up.
	const looked = await visitor.begin('otto');
	assert.equal((await visitor.get(looked, {}, 'HEAD')).status, 405);
	assert.equal((await visitor.get(looked)).location, '/');
});

test('what the browser brings back is of that issuer, or a word that he said no', async () => {
	const answers = { iss: 'https://other.example', error: 'access_denied', code: 'x'.repeat(5000) };
	for (const [name, value] of Object.entries(answers)) {
		const visitor = new Visitor(url);
		const back = new URL(await visitor.begin('anna'));
		back.searchParams.set(name, value);
		assert.equal(word((await visitor.get(back.href)).location), name === 'error' ? 'denied' : 'refused', name);
	}
	const visitor = new Visitor(url);
	const back = new URL(await visitor.begin('anna'));
	back.searchParams.delete('iss');
	assert.equal(word((await visitor.get(back.href)).location), 'refused');
});

// What a token endpoint gives in place of the provider: a token that is right but for `changes`.
async function token(changes, { header = {}, key = issuer.key, userinfo } = {}) {
	const now = Math.floor(Date.now() / 1000);
	const claims = { iss: issuer.url, aud: 'postroom', sub: 'subject-of-eve', iat: now, exp: now + 300, preferred_username: 'eve', groups: ['mail-admins'], ...changes };
	const jwt = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header }).sign(await importJWK(key, 'ES256'));
	return { id_token: jwt, token_type: 'Bearer', access_token: userinfo ?? 'x' };
}

// A sign-in whose token endpoint is that function; it may look at the nonce.
async function withToken(answer) {
	const visitor = new Visitor(url);
	const begun = await visitor.get(`${url}/api/v1/login/oidc`);
	const asked = new URL(begun.location);
	issuer.instead['/token'] = (request, reply) => void answer(asked.searchParams.get('nonce'), reply);
	try {
		const back = `${url}/api/v1/login/oidc/callback?code=x&state=${asked.searchParams.get('state')}&iss=${encodeURIComponent(issuer.url)}`;
		const { address, session } = await visitor.end(back);
		return session ? (await me(session)).name : word(address);
	} finally {
		delete issuer.instead['/token'];
	}
}
const give = (make) => async (nonce, reply) => {
	reply.writeHead(200, { 'Content-Type': 'application/json' });
	reply.end(JSON.stringify(await make(nonce)));
};

test('a token that is not the issuer\'s own word for this sign-in lets nobody in', async () => {
	const other = { ...issuer.key, ...(await import('node:crypto')).generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) };
	// The trick works at all.
	assert.equal(await withToken(give((nonce) => token({ nonce }))), 'eve');
	const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.`;
	const bad = {
		forged: (nonce) => token({ nonce }, { key: other }),
		'of an unknown key': (nonce) => token({ nonce }, { key: { ...other, kid: 'nobody' } }),
		'of another client': (nonce) => token({ nonce, aud: 'other' }),
		'of another issuer': (nonce) => token({ nonce, iss: 'https://other.example' }),
		'of another sign-in': () => token({ nonce: 'other' }),
		expired: (nonce) => token({ nonce, exp: 1000 }),
		unsigned: async (nonce) => ({ ...(await token({ nonce })), id_token: `${none}${(await token({ nonce })).id_token.split('.')[1]}.` }),
		'signed with the secret of the client': async (nonce) => ({ ...(await token({ nonce })),
			id_token: await new SignJWT({ iss: issuer.url, aud: 'postroom', sub: 'x', nonce, preferred_username: 'eve', groups: ['mail-admins'] }).setIssuedAt().setExpirationTime('5m')
				.setProtectedHeader({ alg: 'HS256' }).sign(readFileSync(issuer.secretFile)) }),
	};
	for (const [what, make] of Object.entries(bad))
		assert.equal(await withToken(give(make)), 'refused', what);
	await until('the log to say why', () => /a sign-in by 127\.0\.0\.1:\d+ from 127\.0\.11\.\d+:\d+ was refused: the ID token's signature is not the issuer's/.test(postroom.log));
});

test('an issuer may answer whatever it likes: nobody is let in, and nobody else waits', async () => {
	const answers = {
		'no JSON': ['refused', (_, reply) => reply.end('<html>')],
		'a redirect to this host': ['refused', (_, reply) => reply.writeHead(302, { Location: `${url}/` }).end()],
		'no token': ['refused', (_, reply) => reply.end('{}')],
		trouble: ['unavailable', (_, reply) => reply.writeHead(503).end()],
		'a broken connection': ['unavailable', (_, reply) => reply.socket.destroy()],
		'no end': ['unavailable', (_, reply) => {
			const more = () => reply.destroyed || reply.write('x'.repeat(65536), () => setImmediate(more));
			more();
		}],
	};
	for (const [what, [ends, answer]] of Object.entries(answers)) {
		assert.equal(await withToken(answer), ends, what);
		// Where it was missed, it is asked again before anybody is sent there.
		await untilReady(true);
	}
	// Another one hangs: a person with a password, and somebody who is signed in, notice nothing.
	let hanging;
	const waits = withToken((_, reply) => { hanging = reply; });
	await until('the issuer to be asked', () => hanging);
	await postroom.post('/users', { name: 'paul', role: 'viewer', password: 'correct horse battery' });
	assert.equal((await postroom.api('POST', '/login', { name: 'paul', password: 'correct horse battery' }, { tcp: true, headers: { Origin: url } })).status, 200);
	hanging.socket.destroy();
	assert.equal(await waits, 'unavailable');
	await untilReady(true);
});

test('a new key of the issuer is fetched when a token names it, and a withdrawn one is not believed for long', async () => {
	const former = issuer.key;
	issuer.newKeys();
	assert.equal((await new Visitor(url).signIn('anna')).address, '/');
	assert.equal(await withToken(give((nonce) => token({ nonce }, { key: former }))), 'refused');
});

test('an issuer that is down is said so, and is there again when it comes back', async () => {
	issuer.close();
	const visitor = new Visitor(url);
	assert.equal(await withToken(() => {}), 'unavailable');
	await untilReady(false);
	assert.equal(word((await visitor.get(`${url}/api/v1/login/oidc`)).location), 'unavailable');
	await until('a warning', async () => (await postroom.get('/queue')).warnings.some(({ code }) => code === 'issuer_unavailable'));
	await issuer.open();
	await untilReady(true);
	assert.equal((await visitor.signIn('anna')).address, '/');
	chmodSync(issuer.secretFile, 0o444);
	assert.match((await postroom.cli('check')).stdout, /everybody on this host can read or change [^]*identity +\S+, no capabilities/);
});

test('who asks the issuer is there while one is set, and no longer', async () => {
	const set = async (value) => {
		postroom.keys['access.oidc_issuer'] = value;
		postroom.writeConfig();
		postroom.child.kill('SIGHUP');
	};
	assert.equal(postroom.pids('identity').length, 1);
	await set('');
	await until('nobody to ask an issuer', () => postroom.pids('identity').length === 0);
	await until('no issuer', async () => (await ways()).oidc === null);
	assert.equal((await postroom.api('GET', '/login/oidc')).status, 404);
	await set(issuer.url);
	await until('the issuer', async () => (await ways()).oidc?.ready);
	assert.equal((await new Visitor(url).signIn('anna')).address, '/');
	// Another one is set while the first still has to answer: what it says is not the other's word.
	const visitor = new Visitor(url);
	const back = await visitor.begin('anna');
	const asked = new Promise((resolve) => { issuer.instead['/token'] = (...exchange) => resolve(exchange); });
	const end = visitor.end(back);
	const exchange = await asked;
	delete issuer.instead['/token'];
	const other = `127.0.0.1:${await freePort()}`;
	await set(`http://${other}`);
	await until('the other issuer', async () => (await ways()).oidc?.issuer === other);
	issuer.provider.callback()(...exchange);
	const { address, session } = await end;
	assert.deepEqual([word(address), session], ['unavailable', undefined]);
	await set(issuer.url);
	await until('the issuer again', async () => (await ways()).oidc?.ready);
	// It dies, and another one is started.
	process.kill(postroom.pids('identity')[0], 'SIGKILL');
	await until('another one', async () => (await new Visitor(url).signIn('anna')).address === '/');
});
