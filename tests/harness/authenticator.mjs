// An authenticator beside a web server, which answers as Authelia and oauth2-proxy do by their documentation. Who has signed in is a cookie, sso=NAME.
//
//   const sso = await Authenticator.start({ anna: { groups: 'mail-admins,staff' }, carl: { groups: null } });
//   sso.people.anna.groups = 'staff'; delete sso.people.anna;
import { once } from 'node:events';
import { createServer } from 'node:http';
import { register } from './cleanup.mjs';

const PORTAL = 'https://auth.test/';

export class Authenticator {
	static async start(people) {
		const authenticator = new Authenticator();
		authenticator.people = people;
		authenticator.server = createServer((rq, reply) => authenticator.#answer(rq, reply));
		authenticator.server.listen(0, '127.0.0.1');
		await once(authenticator.server, 'listening');
		authenticator.address = `127.0.0.1:${authenticator.server.address().port}`;
		authenticator.stop = register(() => {
			authenticator.server.closeAllConnections();
			authenticator.server.close();
		});
		return authenticator;
	}

	// `name`: as it is told, where that is another than the cookie's.
	#who(rq) {
		const [, key] = /(?:^|; )sso=([^;]+)/.exec(rq.headers.cookie ?? '') ?? [];
		const person = key === undefined ? undefined : this.people[key];
		return person && { name: person.name ?? key, groups: person.groups };
	}

	#answer(rq, reply) {
		const path = new URL(rq.url, 'http://localhost').pathname;
		const who = this.#who(rq);
		const say = (status, headers = {}) => reply.writeHead(status, headers).end();
		// Bytes as they are: headers are UTF-8 from both.
		const told = (name, groups) => who && Object.fromEntries([[name, who.name], ...(who.groups === null ? [] : [[groups, who.groups]])]
			.map(([header, text]) => [header, Buffer.from(text).toString('latin1')]));
		switch (path) {
		case '/api/authz/auth-request':
			return who ? say(200, told('Remote-User', 'Remote-Groups')) : say(401, { Location: `${PORTAL}?rd=${encodeURIComponent(rq.headers['x-original-url'] ?? '')}` });
		case '/api/authz/forward-auth': {
			const address = `${rq.headers['x-forwarded-proto']}://${rq.headers['x-forwarded-host']}${rq.headers['x-forwarded-uri']}`;
			const isPage = /text\/html/.test(rq.headers.accept ?? '');
			return who ? say(200, told('Remote-User', 'Remote-Groups')) : say(isPage ? 302 : 401, { Location: `${PORTAL}?rd=${encodeURIComponent(address)}` });
		}
		case '/oauth2/auth':
			return who ? say(202, told('X-Auth-Request-Preferred-Username', 'X-Auth-Request-Groups')) : say(401);
		case '/oauth2/sign_out':
			return say(302, { 'Set-Cookie': 'sso=; Max-Age=0; Path=/', Location: '/' });
		case '/oauth2/sign_in':
			return reply.writeHead(200, { 'Content-Type': 'text/html' }).end('Sign in with');
		default:
			return say(404);
		}
	}
}
