// Mail is neither lost, refused nor bounced by pauses: PAUSES_MESSAGES (10,000) messages by SMTP and sendmail(1) while PAUSES_CHANGES (200) pauses are
// set and lifted, Postfix is reloaded, restarted and flushed, and every role is killed; once with compiled tables, once with a pattern table in
// transport_maps. It tells how long after each set mail still came, and how long after each lift the first came again.
//
//   make test-pauses      PAUSES_MESSAGES=1000 PAUSES_CHANGES=20 make test-pauses
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Pausing, Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { random } from '../faults/size.mjs';

const MESSAGES = Number(process.env.PAUSES_MESSAGES ?? 10000);
const CHANGES = Number(process.env.PAUSES_CHANGES ?? 200);
const DOMAINS = 40;
const ROLES = ['helper', 'server', 'reader', 'logreader', 'viewer', 'notifier', 'supervisor'];
// What Postfix may take to notice, and a reload with it (docs/POSTFIX.md, "Holding back mail").
const EFFECT_MS = 30000;
// Within this of a restart a delivery may have been cut off.
const CUT_OFF_MS = 10000;
const PATIENCE = { timeout: 3600000 };
const MAIN = { enable_long_queue_ids: 'yes', queue_run_delay: '20s', minimal_backoff_time: '20s', maximal_backoff_time: '40s', transport_retry_time: '5s' };

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const sendmail = (postfix, from, to) => new Promise((resolve, reject) => {
	const child = execFile('sendmail', ['-C', postfix.config, '-f', from, ...to], (error) => (error ? reject(error) : resolve()));
	child.stdin.on('error', () => {});
	child.stdin.end('Subject: by sendmail\n\nx\n');
});

// [middle, 95 %, most], in seconds, of milliseconds.
const spread = (list) => {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted.length === 0 ? 'nothing' : `${[0.5, 0.95, 1].map((part) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] / 1000).toFixed(1)).join(' / ')} s of ${sorted.length}`;
};

// What came to each recipient, and when: the sink's messages as they come.
function watch(sink) {
	const came = new Map();
	sink.hooks.rcpt = (to) => {
		came.set(to, [...came.get(to) ?? [], Date.now()]);
		return null;
	};
	return came;
}

async function world(t, pattern, messages, changes) {
	const seed = Number(process.env.POSTROOM_SEED ?? Date.now() % 2 ** 31);
	t.diagnostic(`POSTROOM_SEED=${seed}`);
	const next = random(seed);
	const pick = (list) => list[Math.floor(next() * list.length)];
	const sink = await Sink.start();
	const came = watch(sink);
	const postfix = await Postfix.start({ sink, main: MAIN });
	if (pattern) {
		writeFileSync(join(postfix.config, 'patterns'), `/@d[0-9]+\\.example$/ smtp:[127.0.0.1]:${sink.port}\n`);
		await postfix.set({ transport_maps: `regexp:${postfix.config}/patterns` });
	}
	const postroom = await Postroom.start(postfix);
	await Pausing.start(postroom);
	const log = { refused: [], killed: {}, reloads: 0, restarts: [], flushes: 0, sets: 0, lifts: 0, late: [], effect: [], back: [], waited: [] };
	// While a role is away a request may fail, and nobody knows what became of it: the list tells.
	const ask = (method, path, body) => postroom.raw(method, `/api/v1${path}`, { body }).then((reply) => ({ status: reply.status, body: reply.body ? JSON.parse(reply.body) : null }), () => null);
	const list = async () => (await ask('GET', '/pauses'))?.body?.pauses;

	// ---- mail
	const sent = [];
	let sending = true;
	const address = () => `m${sent.length}.${Math.floor(next() * 1e6)}@d${Math.floor(next() * DOMAINS)}.example`;
	// While Postfix is restarted nobody can give mail to it by SMTP: that is no fault of a pause.
	let away = null;
	let underWay = 0;
	const send = async () => {
		while (away)
			await away;
		underWay++;
		await sendOne().finally(() => { underWay--; });
	};
	const sendOne = async () => {
		const to = Array.from({ length: 1 + Math.floor(next() * 2) }, address);
		const entry = { to, at: Date.now() };
		try {
			if (next() < 0.1)
				await sendmail(postfix, 'app@shop.example', to);
			else
				await postfix.inject({ to });
			sent.push(entry);
		} catch (error) {
			log.refused.push(error.message);
		}
	};
	const pace = Math.max(20, changes * 1200 / messages);
	const mail = (async () => {
		while (sending && sent.length + log.refused.length < messages) {
			await Promise.all([send(), send()]);
			await sleep(pace);
		}
	})();

	// ---- pauses: each domain is free, or held from a moment on
	const held = new Map(); // domain -> {at, lifted}
	const spans = []; // {domain, from, to, last}: last: nothing new is sent any more
	const busy = new Set();
	const set = async () => {
		const domain = `d${Math.floor(next() * DOMAINS)}.example`;
		if (held.has(domain) || busy.has(domain))
			return;
		busy.add(domain);
		const end = new Date(Date.now() + 3600000).toISOString().replace(/\.\d+Z/, 'Z');
		const killing = next() < 0.3 && kill();
		const reply = await ask('POST', '/pauses', { kind: 'domain', key: domain, until: end, reason: 'a test' });
		await killing;
		if (reply?.status === 202 || reply?.body?.code === 'pause_exists') {
			held.set(domain, { at: Date.now() });
			log.sets++;
		}
		busy.delete(domain);
	};
	const lift = async () => {
		const domain = pick([...held.keys()].filter((name) => Date.now() - held.get(name).at > EFFECT_MS + 10000 && !busy.has(name)));
		if (!domain)
			return;
		busy.add(domain);
		const pause = (await list())?.find((p) => p.key === domain && ['setting', 'in_force'].includes(p.state));
		const killing = next() < 0.3 && kill();
		const reply = pause && await ask('DELETE', `/pauses/${pause.id}`);
		await killing;
		if (reply?.status === 202) {
			spans.push({ domain, from: held.get(domain).at, to: Date.now() });
			held.delete(domain);
			log.lifts++;
		}
		busy.delete(domain);
	};
	const restart = async () => {
		let back;
		away = new Promise((done) => { back = done; });
		await until('mail on its way to be taken', () => underWay === 0);
		log.restarts.push(Date.now());
		await postfix.stop();
		await postfix.up();
		away = null;
		back();
	};
	// A viewer lives for one message: it is asked for one, and killed over it.
	const show = async () => {
		const [message] = (await ask('GET', '/messages?limit=1'))?.body?.messages ?? [];
		return message && ask('GET', `/messages/${message.id}/content`);
	};
	const kill = async () => {
		const role = pick(ROLES);
		log.killed[role] = (log.killed[role] ?? 0) + 1;
		const shown = role === 'viewer' ? show() : null;
		await killRole(role);
		await shown;
	};
	const killRole = async (role) => {
		if (role === 'supervisor') {
			postroom.child?.kill('SIGKILL');
			await postroom.exited;
			await postroom.up();
			return;
		}
		for (const pid of postroom.child ? postroom.pids(role) : [])
			try {
				process.kill(pid, 'SIGKILL');
			} catch (error) {
				if (error.code !== 'ESRCH')
					throw error;
			}
	};
	while (log.sets + log.lifts < changes) {
		const dice = next();
		if (dice < 0.5)
			await set();
		else if (dice < 0.9)
			await lift();
		else if (dice < 0.93)
			await kill();
		else if (dice < 0.955)
			log.reloads += await postfix.reload().then(() => 1, () => 0);
		else if (dice < 0.97)
			await restart();
		else
			log.flushes += await postfix.command('postqueue', '-f').then(() => 1);
		await sleep(200 + next() * 600);
	}
	await mail;
	sending = false;

	// ---- to the end of it
	await until('the service', () => list(), { timeout: 120000 });
	await until('all pauses to be lifted', async () => {
		const pauses = (await list()) ?? [null];
		for (const pause of pauses.filter(Boolean))
			if (['setting', 'in_force'].includes(pause.state)) {
				spans.push({ domain: pause.key, from: held.get(pause.key)?.at ?? Date.now(), to: Date.now(), last: true });
				held.delete(pause.key);
				await ask('DELETE', `/pauses/${pause.id}`);
			}
		return pauses.length === 0;
	}, { timeout: 300000 });
	await until('the queue to be empty', async () => {
		await postfix.command('postqueue', '-f');
		await sleep(2000);
		return ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt'].every((queue) => postfix.ids(queue).length === 0);
	}, { timeout: 600000 });

	// ---- what became of it
	const recipients = sent.flatMap((m) => m.to);
	const lost = recipients.filter((to) => !came.has(to));
	// A stop ends deliveries between the receiver's last word and its note in the queue file: Postfix makes those again, without any pause.
	const cutOff = (to) => log.restarts.some((at) => came.get(to)[0] > at - CUT_OFF_MS && came.get(to)[0] < at + CUT_OFF_MS && came.get(to).length === 2);
	const again = recipients.filter((to) => came.get(to)?.length > 1);
	const twice = again.filter((to) => !cutOff(to));
	for (const { domain, from, to, last } of spans) {
		const all = [...came].filter(([rcpt]) => rcpt.endsWith(`@${domain}`)).flatMap(([, times]) => times);
		const during = all.filter((time) => time > from && time < to);
		const after = all.filter((time) => time >= to);
		// Where it was held back anew before anything came, the next lift tells.
		const anew = Math.min(...spans.filter((span) => span.domain === domain && span.from >= to).map((span) => span.from));
		if (after.length > 0 && Math.min(...after) < anew)
			(last ? log.waited : log.back).push(Math.min(...after) - to);
		log.effect.push(Math.max(0, ...during.map((time) => time - from)));
		log.late.push(...during.filter((time) => time > from + EFFECT_MS).map((time) => `${domain} ${time - from}`));
	}
	const bounced = (postfix.logText().match(/status=bounced|status=expired/g) ?? []).length;
	t.diagnostic(`${pattern ? 'pattern' : 'compiled'}: ${sent.length} messages to ${recipients.length} recipients, ${log.sets} sets, ${log.lifts} lifts, killed ${JSON.stringify(log.killed)}, ` +
		`${log.reloads} reloads, ${log.restarts.length} restarts, ${log.flushes} flushes; lost ${lost.length}, refused ${log.refused.length}, bounced ${bounced}, twice ${twice.length} (and ${again.length - twice.length} cut off by a restart)`);
	t.diagnostic(`middle / 95 % / most: last mail after a set ${spread(log.effect)} (later than 30 s: ${log.late.length}), first mail after a lift ${spread(log.back)}; where only ` +
		`waiting mail is left, its first after ${spread(log.waited)}`);
	assert.deepEqual([lost, log.refused.slice(0, 5), bounced, twice], [[], [], 0, []]);
	assert.deepEqual(log.late, []);
	await postroom.stop();
	await postfix.stop();
	await sink.stop();
}

test(`${MESSAGES} messages across ${CHANGES} sets and lifts, with kills and reloads: none lost, refused or bounced`, PATIENCE, async (t) => {
	// What is waited for has no descriptor of its own at times: a process that is killed and started anew.
	const alive = setInterval(() => {}, 1000);
	t.after(() => clearInterval(alive));
	const worlds = process.env.PAUSES_TABLES ? [process.env.PAUSES_TABLES] : ['compiled', 'pattern'];
	for (const kind of worlds)
		await world(t, kind === 'pattern', Math.ceil(MESSAGES / worlds.length), Math.ceil(CHANGES / worlds.length));
});
