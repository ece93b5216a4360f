// Debian's Alertmanager on loopback: what it is told it passes on, at once, to a webhook of the test.
//
//   const manager = await Alertmanager.start({ webhook: `${receiver.url}/passed-on` });
//   await manager.alerts()   what it holds
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { register, temporaryDirectory } from './cleanup.mjs';
import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

export class Alertmanager {
	static async start({ webhook }) {
		const manager = new Alertmanager();
		const dir = temporaryDirectory('alertmanager');
		const file = join(dir, 'alertmanager.yml');
		manager.url = `http://127.0.0.1:${await freePort()}`;
		writeFileSync(file, JSON.stringify({
			route: { receiver: 'test', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
			receivers: [{ name: 'test', webhook_configs: [{ url: webhook, send_resolved: true }] }],
		}));
		const child = spawn('prometheus-alertmanager', [`--config.file=${file}`, `--storage.path=${join(dir, 'data')}`, `--web.listen-address=${new URL(manager.url).host}`, '--cluster.listen-address='],
			{ stdio: ['ignore', 'ignore', 'pipe'] });
		let said = '';
		let gone = null;
		child.stderr.on('data', (data) => { said += data; });
		child.stderr.unref?.();
		child.unref();
		child.once('error', (error) => { gone = error; });
		child.once('exit', (code) => { gone = new Error(`it ended with ${code}`); });
		manager.stop = () => child.kill('SIGKILL');
		register(manager.stop);
		await until('alertmanager to be ready', async () => {
			if (gone)
				throw Object.assign(new Error(`alertmanager: ${gone.message}\n${said}`), { final: true });
			return (await fetch(`${manager.url}/-/ready`)).ok;
		});
		return manager;
	}

	async alerts() {
		return (await fetch(`${this.url}/api/v2/alerts`)).json();
	}
}
