// Debian's Prometheus on loopback, with storage of its own: what is scraped can be asked for.
//
//   const prometheus = await Prometheus.start({ scrape: [{ job_name: 'postroom', static_configs: [{ targets: ['127.0.0.1:9825'] }] }] });
//   const result = await prometheus.query('postfix_up');
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { register, temporaryDirectory } from './cleanup.mjs';
import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

const { ROWS } = createRequire(import.meta.url)('../../tools/metrics.js');

export class Prometheus {
	// `scrape`: its scrape_configs; `rules`: files of rules. Everything is scraped and evaluated each second.
	static async start({ scrape, rules = [] }) {
		const prometheus = new Prometheus();
		const dir = temporaryDirectory('prometheus');
		prometheus.url = `http://127.0.0.1:${await freePort()}`;
		const file = join(dir, 'prometheus.yml');
		writeFileSync(file, JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' }, rule_files: rules, scrape_configs: scrape }));
		const child = spawn('prometheus', [`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=${new URL(prometheus.url).host}`], { stdio: ['ignore', 'ignore', 'pipe'] });
		let said = '';
		child.stderr.on('data', (data) => { said += data; });
		child.stderr.unref?.();
		child.unref();
		register(() => child.kill('SIGKILL'));
		const ended = new Promise((done) => {
			child.once('error', done);
			child.once('exit', (code) => done(new Error(`it ended with ${code}`)));
		});
		let gone = null;
		ended.then((error) => { gone = error; });
		await until('prometheus to be ready', async () => {
			if (gone)
				throw Object.assign(new Error(`prometheus: ${gone.message}\n${said}`), { final: true });
			return (await fetch(`${prometheus.url}/-/ready`)).ok;
		});
		return prometheus;
	}

	async get(path) {
		const reply = await fetch(`${this.url}/api/v1${path}`);
		const body = await reply.json();
		if (body.status !== 'success')
			throw new Error(`prometheus: ${path}: ${JSON.stringify(body)}`);
		return body.data;
	}

	// The series that an expression gives now: [{metric, value: [time, text]}].
	async query(expression) {
		return (await this.get(`/query?query=${encodeURIComponent(expression)}`)).result;
	}

	// Waits until each query of the Grafana board has an answer, over all hosts that are scraped.
	async untilBoardAnswers() {
		for (const { title, queries } of ROWS.flatMap((row) => row.panels))
			for (const [expression] of queries) {
				const asked = expression.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
				await until(`an answer to ${title}: ${asked}`, async () => (await this.query(asked)).length > 0);
			}
	}
}
