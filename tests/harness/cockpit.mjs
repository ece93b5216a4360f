// Debian's Cockpit on loopback, already signed in as some user, with Postroom's package in it.
//
//   const cockpit = await Cockpit.start(postroom, { user: 'nobody' });
//   cockpit.url   // its shell with Postroom's page in it
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';
import { startDaemon } from './daemon.mjs';
import { freePort } from './ports.mjs';

const INSTALL = resolve(new URL('../../packaging/cockpit/install', import.meta.url).pathname);
const idOf = (option, name) => Number(execFileSync('id', [option, name]));

export class Cockpit {
	static async start(postroom, { user }) {
		const cockpit = new Cockpit();
		const dir = temporaryDirectory('cockpit');
		const share = join(dir, 'share', 'cockpit', 'postroom');
		mkdirSync(share, { recursive: true });
		mkdirSync(join(dir, 'etc', 'cockpit'), { recursive: true });
		execFileSync(INSTALL, [share]);
		// As an administrator does it, where http.socket is another one.
		writeFileSync(join(dir, 'etc', 'cockpit', 'postroom.override.json'), JSON.stringify({ config: { socket: postroom.socket } }));
		execFileSync('chmod', ['-R', 'a+rX', dir]);
		const home = join(dir, 'home');
		mkdirSync(home);
		chmodSync(home, 0o777);
		const port = await freePort();
		cockpit.url = `http://127.0.0.1:${port}/postroom`;
		cockpit.stop = await startDaemon('cockpit', ['/usr/lib/cockpit/cockpit-ws', '--no-tls', '--address', '127.0.0.1', '--port', String(port), '--local-session', 'cockpit-bridge'], {
			cwd: dir, uid: idOf('-u', user), gid: idOf('-g', user),
			env: { PATH: process.env.PATH, HOME: home, USER: user, LOGNAME: user, XDG_DATA_DIRS: `${join(dir, 'share')}:/usr/share`, XDG_CONFIG_DIRS: join(dir, 'etc'), XDG_RUNTIME_DIR: home },
		}, async () => (await fetch(`http://127.0.0.1:${port}/ping`)).ok);
		return cockpit;
	}
}
