// GET /metrics of the real program on a real Postfix, scraped by Debian's Prometheus: what it tells, what it never tells, and the board's queries.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Prometheus, Sink, binary, freePort, temporaryDirectory, until } from '../harness/index.mjs';

const { ROWS } = createRequire(import.meta.url)('../../tools/metrics.js');
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const MINUTE_MS = 60000;
// The minutes that the log reader holds back for late lines (log_tally.h).
const HELD_MINUTES = 5;

const LOGINS = ['anna.secret', 'shop-login'];
const CLIENTS = ['192.0.2.77', '198.51.100.8'];
// More domains than there is room for, some as no domain should be.
const ODD = ['[192.0.2.99]', 'xn--bcher-kva.example', 'under_score.example', `${'l'.repeat(60)}.${'o'.repeat(60)}.${'n'.repeat(60)}.example`, '-dash-.example', 'a..b.example'];
const DOMAINS = [...ODD, ...Array.from({ length: 30 }, (_, i) => `full${i}.example`)];

let sink, postfix, postroom, prometheus, metricsAt, token;
// Two recipients, and the bounce to the sender of a third.
const DELIVERED = 3;
const sent = []; // every address, login and queue ID

// The samples of the text form: name{labels} -> number.
const parse = (text) => new Map(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
	const at = line.lastIndexOf(' ');
	return [line.slice(0, at), Number(line.slice(at + 1))];
}));
const scrape = async () => parse((await postroom.get('//metrics')));
const fromListener = (path = '/metrics', options = {}) => fetch(`http://${metricsAt}${path}`, options);

// The log goes on five minutes from now: so what was logged this minute is told at once, and nobody waits for its end.
function endMinute() {
	const at = new Date((Math.floor(Date.now() / MINUTE_MS) + HELD_MINUTES) * MINUTE_MS);
	const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][at.getMonth()];
	const two = (n) => String(n).padStart(2, '0');
	appendFileSync(postfix.log, `${month} ${String(at.getDate()).padStart(2)} ${two(at.getHours())}:${two(at.getMinutes())}:00 mx postfix/smtpd[1]: F0F0F0F0F0: client=later.example[192.0.2.1]\n`);
}

async function inject(to, from, login, client) {
	const id = await postfix.inject({ to, from, xclient: { LOGIN: login, ADDR: client } });
	sent.push(id, from, login, client, ...to);
	return id;
}

before(async () => {
	sink = await Sink.start({
		rcpt: (to) => (/^no\b/.test(to) ? '550 5.1.1 User unknown' : /^late\b|@full|@under|@xn--|@-dash|@l+\./.test(to) ? '452 4.2.2 Mailbox full' : null),
	});
	metricsAt = `127.0.0.1:${await freePort()}`;
	postfix = await Postfix.start({ sink, main: { resolve_numeric_domain: 'yes', smtputf8_enable: 'no' } });
	postroom = await Postroom.start(postfix, { set: { 'metrics.listen': metricsAt } });
	token = (await postroom.post('/tokens', { name: 'prometheus', role: 'viewer' })).token;
	const tokenFile = join(temporaryDirectory('token'), 'token');
	writeFileSync(tokenFile, token, { mode: 0o600 });
	prometheus = await Prometheus.start({
		rules: [resolve(new URL('../../packaging/prometheus/postroom.rules.yml', import.meta.url).pathname)],
		scrape: [
			{ job_name: 'open', static_configs: [{ targets: [metricsAt] }] },
			{ job_name: 'token', authorization: { credentials_file: tokenFile }, static_configs: [{ targets: [postroom.keys['http.listen']] }] },
		],
	});
	await until('a first scrape', async () => (await prometheus.query('up == 1')).length === 2);
	// ok.example has taken mail before it takes no more.
	await inject(['one@ok.example', 'two@ok.example'], 'anna@shop.example', LOGINS[0], CLIENTS[0]);
	await inject(['no@ok.example'], 'anna@shop.example', LOGINS[0], CLIENTS[0]);
	await inject(['late@ok.example', 'late+2@ok.example', 'late+3@ok.example'], 'list@shop.example', LOGINS[1], CLIENTS[1]);
	let tried = 4;
	for (const domain of DOMAINS) {
		const to = `late+${DOMAINS.indexOf(domain)}@${domain}`;
		await inject([to], 'list@shop.example', LOGINS[1], CLIENTS[1]).then(() => { tried++; }, (error) => {
			// Postfix refuses what is no address at all.
			if (!ODD.includes(domain) || !/\b5\d\d\b/.test(error.message))
				throw error;
		});
	}
	await until('all to be tried', () => {
		const of = (status) => postfix.logText().split(`status=${status} `).length - 1;
		return of('sent') === DELIVERED && of('deferred') + of('bounced') === tried;
	});
	endMinute();
	await until('the log to be counted', async () => (await scrape()).get('postfix_deliveries_total{result="delivered"}') === DELIVERED);
	await until('the survey to have all', async () => {
		const now = await scrape();
		return now.get('postfix_queue_recipients{queue="deferred"}') > 30 && now.get('postfix_queue_messages{queue="deferred"}') === postfix.ids('deferred').length;
	});
});
after(async () => { await postroom?.stop(); });

test('what happened is told, in both forms, and promtool has nothing to say', async () => {
	const { text, headers } = await postroom.api('GET', '//metrics');
	assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
	const lint = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
	assert.equal(`${lint.status}${lint.stdout}${lint.stderr}`, '0');
	const now = parse(text);
	assert.equal(now.get('postfix_up'), 1);
	assert.equal(now.get('postfix_deliveries_total{result="delivered"}'), DELIVERED);
	assert.equal(now.get('postfix_deliveries_total{result="bounced"}'), 1);
	assert.ok(now.get('postfix_deferrals_total{diagnosis="over-quota",kind="full"}') > 30);
	assert.equal(now.get('postfix_delivery_delay_seconds_count'), now.get('postfix_deliveries_total{result="delivered"}'));
	assert.ok(now.get('postfix_received_messages_total{way="smtp"}') > 30);
	assert.equal(now.get('postfix_queue_messages{queue="deferred"}'), (await postfix.queue()).filter((m) => m.queue_name === 'deferred').length);
	assert.equal(now.get('postfix_queue_messages{queue="hold"}'), 0);
	assert.ok(now.get('postfix_sender_top_share_ratio{by="login"}') > 0.9);
	assert.equal(now.get('postroom_role_up{role="logreader"}'), 1);

	const open = await fromListener('/metrics', { headers: { Accept: OPENMETRICS } });
	assert.equal(open.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8');
	const parsed = spawnSync('/usr/bin/python3', ['-c', 'import sys\nfrom prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\nprint(sum(len(f.samples) for f in parse(sys.stdin.read())))'],
		{ input: await open.text(), encoding: 'utf8' });
	assert.equal(parsed.stderr, '');
	assert.ok(Math.abs(Number(parsed.stdout) - now.size) < 10, `${parsed.stdout} ${now.size}`);
});

test('series and bytes are bounded, and no address, login, client or queue ID is among them', async () => {
	for (const accept of ['text/plain', OPENMETRICS]) {
		const text = await (await fromListener('/metrics', { headers: { Accept: accept } })).text();
		assert.ok(parse(text).size <= 600 && text.length < 65536, `${parse(text).size} series, ${text.length} bytes`);
		assert.equal(text.match(/^postfix_destination_queued_recipients\{/gm).length, 21);
		for (const secret of new Set(sent))
			assert.ok(!text.includes(secret), `${secret} is told`);
		assert.ok(!text.includes('@'));
	}
	const named = [...(await scrape()).keys()].filter((name) => name.startsWith('postfix_destination_queued')).map((name) => /destination="(.*)"/.exec(name)[1]);
	assert.ok(named.every((name) => name === 'other' || name === 'ok.example' || DOMAINS.includes(name)), named.join(' '));
});

test('only with a token, or on the listener that has nothing else', async () => {
	assert.equal((await postroom.api('GET', '//metrics', undefined, { tcp: true })).status, 401);
	assert.equal((await postroom.api('GET', '//metrics', undefined, { tcp: true, headers: { Authorization: 'Bearer wrong' } })).status, 401);
	assert.equal((await postroom.api('GET', '//metrics', undefined, { token })).status, 200);
	const head = await fromListener('/metrics', { method: 'HEAD' });
	assert.equal(`${head.status} ${await head.text()}`, '200 ');
	assert.ok(Number(head.headers.get('content-length')) > 10000);
	// A page in somebody's browser cannot read it by a name of its own that leads there.
	const [host, port] = metricsAt.split(':');
	const named = await new Promise((done, failed) => {
		request({ host, port, path: '/metrics', headers: { Host: 'mx.example:9825' } }, (reply) => done(reply.resume())).once('error', failed).end();
	});
	assert.equal(named.statusCode, 421);
	for (const path of ['/', '/api/v1/queue', '/api/v1/nothing', '/healthz', '/metrics/', '/index.html'])
		assert.equal((await fromListener(path)).status, 404, path);
	assert.equal((await fromListener('/metrics', { method: 'POST', body: 'x' })).status, 405);
	assert.equal((await fromListener('/metrics?x=1')).status, 400);
});

test('a listener beyond loopback has to be meant', () => {
	const check = (...sets) => spawnSync(binary, ['serve', '--config', postroom.configFile, '--check-config', ...sets.flatMap((set) => ['--set', set])], { encoding: 'utf8' });
	assert.match(check('metrics.listen=0.0.0.0:9825').stderr, /metrics\.listen = 0\.0\.0\.0:9825 is reachable from other machines without sign-in: say metrics\.public = yes/);
	assert.equal(check('metrics.listen=0.0.0.0:9825', 'metrics.public=yes').status, 0);
	assert.match(check('metrics.listen=mx.example:9825').stderr, /expected an IP address and a port/);
	assert.match(check('metrics.destinations=51').stderr, /expected a number from 0 to 50/);
});

test("Prometheus answers each query of the board, and has evaluated each rule", async () => {
	await until('two scrapes of what was counted', async () => (await prometheus.query('count_over_time(postfix_deliveries_total{result="delivered",job="open"}[5s])'))[0]?.value[1] >= 3);
	assert.equal(ROWS.length, 8);
	await prometheus.untilBoardAnswers();
	const { groups } = await until('each rule to be evaluated', async () => {
		const found = await prometheus.get('/rules');
		return found.groups[0].rules.every((rule) => rule.health !== 'unknown') && found;
	});
	assert.deepEqual(groups[0].rules.filter((rule) => rule.health !== 'ok'), []);
	assert.ok(groups[0].rules.length >= 18);
});

test('what is done here is counted by action and outcome', async () => {
	const ids = (await postroom.messages('to:full1.example')).map((message) => message.id);
	await postroom.job({ action: 'hold', ids });
	await until('the job to be counted', async () => (await scrape()).get('postroom_job_messages_total{action="hold",outcome="done"}') === 1);
	const now = await scrape();
	assert.equal(now.get('postroom_jobs_total{action="hold",state="done"}'), 1);
	assert.equal(now.get('postroom_jobs_total{action="delete",state="done"}'), 0);
	assert.ok(now.get('postroom_http_request_duration_seconds_count{route="/api/v1/jobs"}') > 0);
});

// Kills a role until what it is missed for can be seen, and gives the scrape that shows it.
async function kill(role, shows) {
	return until(`a scrape without the ${role}`, async () => {
		for (const pid of postroom.pids(role))
			process.kill(pid, 'SIGKILL');
		const now = await scrape();
		return shows(now) && now;
	});
}

test('what is not known is absent, and counters go on when it is known again', async () => {
	const counters = (samples) => [...samples].filter(([name]) => /_(total|bucket|count)(\{|$)/.test(name));
	const first = await scrape();
	const blind = await kill('reader', (now) => now.get('postroom_source_readable') === 0);
	assert.deepEqual([...blind.keys()].filter((name) => /^postfix_(queue_(messages|bytes|age|due|exp|diag)|destination|sender)/.test(name)), []);
	assert.equal(blind.get('postfix_deliveries_total{result="delivered"}'), DELIVERED);
	const unread = await kill('logreader', (now) => now.get('postroom_log_readable') === 0);
	assert.deepEqual([...unread.keys()].filter((name) => /^postfix_(deliver|defer|received)/.test(name)), []);
	const last = await until('both to be back', async () => {
		const now = await scrape();
		return now.get('postroom_source_readable') === 1 && now.has('postfix_deliveries_total{result="delivered"}') && now.has('postroom_log_lag_seconds') && now;
	});
	for (const [name, value] of counters(first))
		assert.ok(last.get(name) >= value, `${name} fell from ${value} to ${last.get(name)}`);
	// The log reader has counted all of it again.
	assert.equal(last.get('postfix_deliveries_total{result="delivered"}'), DELIVERED);
	assert.ok(last.get('postroom_role_restarts_total{role="reader"}') > 0);
	assert.equal((await prometheus.query('sum(resets(postfix_deliveries_total[5m]))'))[0].value[1], '0');
});

test('a server that is started again begins at 0, and says when', async () => {
	const before = (await scrape()).get('process_start_time_seconds');
	await until('another second', () => Date.now() / 1000 > before + 1);
	for (const pid of postroom.pids('server'))
		process.kill(pid, 'SIGKILL');
	const now = await until('the next server', async () => {
		const samples = await scrape();
		return samples.get('process_start_time_seconds') > before && samples;
	});
	assert.equal(now.get('postroom_jobs_total{action="hold",state="done"}'), 0);
	/* The supervisor tells it a moment later. */
	await until('its restart to be counted', async () => (await scrape()).get('postroom_role_restarts_total{role="server"}') === 1);
});
