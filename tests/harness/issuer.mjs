// A real issuer of OpenID Connect on loopback (oidc-provider), and a browser that signs in by it over HTTP alone.
//
//   const issuer = await Issuer.start({ people: { anna: { groups: ['mail-operators'] } } });
//   const postroom = await Postroom.start(postfix, { set: await issuer.settings(postroom) });
//   const visitor = new Visitor(postroom.url);
//   const { address, session } = await visitor.signIn(issuer, 'anna');
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { register, temporaryDirectory } from './cleanup.mjs';
import { freePort } from './ports.mjs';
import { USERS } from './postroom.mjs';

const SECRET = 'a secret of the client: 100% & more';

function newKey(kid) {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' };
}

export class Issuer {
	// `people`: {name: claims}; whatever password is typed is right. `redirect`: where the page is. `host`: another name for loopback is another site. `inToken`: groups are in the ID token, not at the userinfo endpoint alone.
	static async start({ people, inToken = false, redirect, host = '127.0.0.1' } = {}) {
		const issuer = new Issuer();
		// It warns of everything that is for development, which all of this is.
		const { default: Provider } = await import('oidc-provider');
		issuer.Provider = Provider;
		Object.assign(issuer, { people, inToken, redirect, port: await freePort(), keys: 0, asked: [] });
		issuer.url = `http://${host}:${issuer.port}`;
		// path -> what is answered in place of the provider; a function of node:http's request and reply.
		issuer.instead = {};
		issuer.secretFile = join(temporaryDirectory('issuer'), 'secret');
		chmodSync(join(issuer.secretFile, '..'), 0o755);
		writeFileSync(issuer.secretFile, `${SECRET}\n`, { mode: 0o400 });
		chownSync(issuer.secretFile, USERS.server, USERS.server);
		issuer.newKeys();
		await issuer.open();
		return issuer;
	}

	// Signs with another key from now on, which nobody has seen yet; the one before is withdrawn.
	newKeys() {
		this.key = newKey(`key-${++this.keys}`);
		const { people } = this;
		this.provider = new this.Provider(this.url, {
			clients: [{
				client_id: 'postroom', client_secret: SECRET, redirect_uris: [`${this.redirect}/api/v1/login/oidc/callback`],
				post_logout_redirect_uris: [`${this.redirect}/`], response_types: ['code'], grant_types: ['authorization_code'],
				id_token_signed_response_alg: 'ES256',
			}],
			jwks: { keys: [this.key] },
			pkce: { required: () => true, methods: ['S256'] },
			claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
			conformIdTokenClaims: !this.inToken,
			findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `subject-of-${id}`, preferred_username: id, ...people[id] }) }),
			cookies: { keys: ['a key of the tests'] },
		});
		this.provider.on('server_error', (_, error) => { this.error = error; });
	}

	async open() {
		this.sockets = new Set();
		this.server = createServer((request, reply) => {
			const { pathname } = new URL(request.url, this.url);
			this.asked.push(pathname);
			(this.instead[pathname] ?? this.provider.callback())(request, reply);
		});
		this.server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.on('close', () => this.sockets.delete(socket));
		});
		await new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
		this.remove = register(() => this.close());
	}

	// It is down: connections are refused, and those that are open end.
	close() {
		this.server.close();
		this.sockets.forEach((socket) => socket.destroy());
	}

	// What postroom.conf says of it.
	get settings() {
		return {
			'http.public_url': this.redirect, 'access.oidc_issuer': this.url, 'access.oidc_client_id': 'postroom',
			'access.oidc_client_secret_file': this.secretFile,
		};
	}
}

let visitors = 0;

// A browser without scripts: it keeps cookies by host and path, and follows redirects and forms. Each comes from an address of its
// own, so that none counts against another.
export class Visitor {
	#jar = new Map();

	constructor(page) {
		this.page = page;
		this.from = `127.0.11.${++visitors}`;
	}

	cookies(url) {
		const { host, pathname } = new URL(url);
		return [...this.#jar.values()].filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path));
	}

	async #ask(url, options = {}) {
		const sent = this.cookies(url).map(({ name, value }) => `${name}=${value}`).join('; ');
		const reply = await this.#request(url, { ...options, headers: { ...(sent ? { Cookie: sent } : {}), ...options.headers } });
		for (const line of reply.cookies) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			const path = /; *path=([^;]+)/i.exec(line)?.[1] ?? '/';
			const key = `${new URL(url).host} ${path} ${name}`;
			if (value === '' || /max-age=0/i.test(line))
				this.#jar.delete(key);
			else
				this.#jar.set(key, { host: new URL(url).host, path, name, value, line });
		}
		return reply;
	}

	#request(url, { method = 'GET', headers, body }) {
		return new Promise((resolve, reject) => {
			const form = body && { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body).length };
			const asked = request(url, { method, headers: { ...headers, ...form }, localAddress: this.from, agent: false }, (reply) => {
				const chunks = [];
				reply.on('data', (chunk) => chunks.push(chunk));
				reply.on('error', reject);
				reply.on('end', () => resolve({ status: reply.statusCode, location: reply.headers.location, body: Buffer.concat(chunks).toString(), cookies: reply.headers['set-cookie'] ?? [] }));
			});
			asked.on('error', reject);
			asked.end(body && String(body));
		});
	}

	get(url, headers = {}, method = 'GET') {
		return this.#ask(url, { headers, method });
	}

	// From the page to the address that the issuer sends the browser back to, which is not gone to.
	async begin(name) {
		let url = `${this.page}/api/v1/login/oidc`;
		let reply = await this.get(url);
		for (let steps = 0; steps < 12; steps++) {
			if (reply.location) {
				url = new URL(reply.location, url).href;
				if (url.startsWith(`${this.page}/`))
					return url;
				reply = await this.get(url);
			} else {
				const action = /<form[^>]*action="([^"]+)"/.exec(reply.body)?.[1];
				if (!action)
					throw new Error(`no way on from ${url}: ${reply.status} ${reply.body}`);
				const prompt = /name="prompt" value="(\w+)"/.exec(reply.body)[1];
				url = new URL(action, url).href;
				reply = await this.#ask(url, { method: 'POST', body: new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt }) });
			}
		}
		throw new Error(`it does not end: ${url}`);
	}

	// All of it: where the page is left, and the cookie of a session where there is one.
	async signIn(name) {
		const back = await this.begin(name);
		return this.end(back);
	}

	async end(back) {
		const reply = await this.get(back);
		const session = this.cookies(`${this.page}/`).find((cookie) => cookie.name === 'postroom');
		return { status: reply.status, address: reply.location, session: session && `postroom=${session.value}`, cookies: reply.cookies };
	}
}
