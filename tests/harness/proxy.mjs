// A real web server in front of Postroom, on loopback, by the files that the package ships (packaging/proxy).
//
//   const proxy = await Proxy.start('nginx', 'path', { postroom, authority });
//   proxy.url   // https://mail.test:PORT, which only whoever resolves it knows
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';
import { startDaemon } from './daemon.mjs';
import { freePort } from './ports.mjs';

const SHIPPED = resolve(new URL('../../packaging/proxy', import.meta.url).pathname);
// Whom the web servers run as, in the group that may open the socket (OPERATORS of tests).
export const PROXY_USER = 'www-data';
const PROXY_GROUP = 'nogroup';
const NAME = 'mail.test';
// The lines of the shipped files that speak of TCP are comments; with `tcp` they change places with those of the Unix socket.
const TURNED = /^(\s*)(.*\/run\/postroom\/postroom\.sock.*)\n\s*# (.*127\.0\.0\.1:8025.*)$/m;
const numberOf = (table, name) => Number(execFileSync('getent', [table, name], { encoding: 'utf8' }).split(':')[2]);

const modules = (names) => names.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('');

// What stands around a shipped file: {text, command}. `inside`: it belongs into the host that is there already.
const SERVERS = {
	nginx: ({ dir, port, file, inside, tls }) => ({
		text: `user ${PROXY_USER} ${PROXY_GROUP};\nworker_processes 1;\ndaemon off;\npid ${dir}/pid;\nerror_log stderr;\nevents { }\nhttp {\naccess_log off;\n`
			+ ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};\n`).join('')
			+ (inside ? `server {\nlisten 127.0.0.1:${port} ssl;\nlarge_client_header_buffers 4 20k;\nssl_certificate ${tls.cert};\nssl_certificate_key ${tls.key};\ninclude ${file};\n}\n}\n` : `include ${file};\n}\n`),
		command: (config) => ['nginx', '-e', 'stderr', '-c', config],
	}),
	apache: ({ dir, port, file, inside, tls, variant }) => ({
		text: `ServerRoot ${dir}\nServerName ${NAME}\nPidFile ${dir}/pid\nDefaultRuntimeDir ${dir}\nMutex file:${dir} default\nErrorLog ${dir}/error.log\nLogLevel warn\nUser ${PROXY_USER}\nGroup ${PROXY_GROUP}\n`
			+ `Listen 127.0.0.1:${port}\nStartServers 1\nServerLimit 2\nThreadsPerChild 25\nMaxRequestWorkers 50\n`
			+ modules(['mpm_event', 'authz_core', 'socache_shmcb', 'ssl', 'headers', 'proxy', 'proxy_http', ...(variant === 'openidc' ? ['authn_core', 'authz_user', 'auth_openidc'] : [])])
			+ (inside ? `<VirtualHost *:${port}>\nServerName ${NAME}\nSSLEngine on\nLimitRequestLine 20000\nSSLCertificateFile ${tls.cert}\nSSLCertificateKeyFile ${tls.key}\nInclude ${file}\n</VirtualHost>\n` : `Include ${file}\n`),
		command: (config) => ['apache2', '-f', config, '-DFOREGROUND'],
	}),
	caddy: ({ file }) => ({
		// Without HTTP/3: its port for UDP may be somebody else's (ports.mjs).
		text: `{\nadmin off\nauto_https disable_redirects\nskip_install_trust\nservers {\nprotocols h1 h2\n}\n}\nimport ${file}\n`,
		command: (config) => ['caddy', 'run', '--config', config, '--adapter', 'caddyfile'],
	}),
};

// The shipped text with this test's host, ports, paths and certificate in it.
function filledIn(text, { port, postroom, tcp, tls, authenticator, issuer }) {
	if (tcp)
		text = text.replace(TURNED, '$1$3\n$1# $2');
	return text
		.replaceAll(/^\s*listen \[::\]:443 ssl;\n/gm, '')
		.replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
		.replaceAll('*:443', `*:${port}`)
		.replaceAll('# tls /etc', 'tls /etc')
		.replaceAll('/etc/ssl/certs/mail.example.com.pem', tls.cert)
		.replaceAll('/etc/ssl/private/mail.example.com.key', tls.key)
		.replaceAll(/^mail\.example\.com \{/gm, `https://${NAME}:${port} {\n\tbind 127.0.0.1`)
		.replaceAll('mail.example.com', NAME)
		.replaceAll('https://auth.example.com', issuer?.url)
		.replaceAll('the secret of this client', issuer?.secret)
		.replaceAll('127.0.0.1:8025', postroom.keys['http.listen'])
		.replaceAll(/127\.0\.0\.1:(9091|4180)/g, authenticator?.address)
		.replaceAll('/run/postroom/postroom.sock', postroom.socket);
}

export class Proxy {
	// `kind`: nginx, apache, caddy; `variant`: host, path (then it is beneath /postroom, as shipped), authelia, oauth2-proxy (then with an Authenticator), openidc (with an Issuer).
	static async start(kind, variant, { postroom, authority, tcp = false, authenticator, issuer }) {
		const proxy = new Proxy();
		const dir = temporaryDirectory(kind);
		const port = await freePort();
		const certificate = authority.issue(NAME);
		const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
		chmodSync(dir, 0o755);
		writeFileSync(tls.cert, certificate.cert);
		writeFileSync(tls.key, certificate.key);
		const file = join(dir, `${variant}.conf`);
		writeFileSync(file, filledIn(readFileSync(join(SHIPPED, `${kind}-${variant}.conf`), 'utf8'), { port, postroom, tcp, tls, authenticator, issuer }));
		const { text, command } = SERVERS[kind]({ dir, port, file, inside: variant === 'path', tls, variant });
		const config = join(dir, 'config');
		writeFileSync(config, text);
		proxy.port = port;
		proxy.url = `https://${NAME}:${port}`;
		// nginx and Apache read them as root and change their user; Caddy's unit does that for it.
		const who = kind === 'caddy' ? { uid: numberOf('passwd', PROXY_USER), gid: numberOf('group', PROXY_GROUP) } : {};
		if (kind === 'caddy')
			[dir, tls.key].forEach((path) => chownSync(path, who.uid, who.gid));
		await proxy.#run(command(config), kind, dir, who);
		return proxy;
	}

	async #run(command, kind, dir, who) {
		this.stop = await startDaemon(kind, command, { env: { PATH: process.env.PATH, HOME: dir }, cwd: dir, ...who }, () => new Promise((done) => {
			const socket = connect(this.port, '127.0.0.1', () => {
				socket.destroy();
				done(true);
			});
			socket.once('error', () => done(false));
		}));
	}
}
