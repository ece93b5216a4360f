// Each alerting rule of packaging/prometheus by Debian's promtool: what makes it fire, in which words, and what does not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const rulesFile = resolve(new URL('../../packaging/prometheus/postroom.rules.yml', import.meta.url).pathname);
const rules = readFileSync(rulesFile, 'utf8');
const HOUR = 60; // values are a minute apart

// A metric of the host mx, and of the labels given.
const of = (name, labels = {}) => `${name}{${Object.entries({ instance: 'mx', ...labels }).map(([key, value]) => `${key}="${value}"`).join(', ')}}`;
// For three hours: always the same, or growing by so much each minute.
const still = (value) => `${value}x${3 * HOUR}`;
const growing = (by, from = 0) => `${from}${by < 0 ? '' : '+'}${by}x${3 * HOUR}`;
const GiB = 2 ** 30;
const spool = (free) => ({
	[of('postfix_spool_free_bytes')]: free, [of('postfix_spool_size_bytes')]: still(100 * GiB), [of('postfix_queue_minfree_bytes')]: still(GiB),
});
const deferrals = (kind, by, attempts) => ({
	[of('postfix_deferrals_total', { diagnosis: 'x', kind })]: growing(by), [of('postfix_delivery_attempts_total')]: growing(attempts),
});

// alert: `series` with which it fires, at minute `at` (120 unless said) with these labels beside its own; `quiet` with which it does not.
const CASES = {
	PostfixUnknown: { series: { [of('postroom_build_info')]: still(1) }, labels: {}, quiet: { [of('postfix_up')]: still(0) } },
	PostfixDown: { series: { [of('postfix_up')]: '1x60 0x120' }, quiet: { [of('postfix_up')]: still(1) } },
	PostfixNothingDelivered: {
		series: { [of('postfix_deliveries_total', { result: 'delivered' })]: still(7), [of('postfix_delivery_attempts_total')]: growing(2) },
		quiet: { [of('postfix_deliveries_total', { result: 'delivered' })]: still(7), [of('postfix_delivery_attempts_total')]: still(1) },
	},
	PostfixSpoolEnding: {
		series: spool(growing(-GiB / 20, 10 * GiB)),
		quiet: spool(growing(GiB / 10, 40 * GiB)),
	},
	PostfixInodesEnding: {
		series: { [of('postfix_spool_free_inodes')]: still(40), [of('postfix_spool_inodes')]: still(1000) },
		// A file system that has no such number says 0.
		quiet: { [of('postfix_spool_free_inodes')]: still(0), [of('postfix_spool_inodes')]: still(0) },
	},
	PostfixMailExpiring: {
		series: { [of('postfix_queue_expiring_messages', { within: '4h' })]: still(3) }, labels: { within: '4h' },
		quiet: { [of('postfix_queue_expiring_messages', { within: '4h' })]: still(0), [of('postfix_queue_expiring_messages', { within: '24h' })]: still(9) },
	},
	PostfixActiveFull: {
		series: { [of('postfix_queue_messages', { queue: 'active' })]: still(19500), [of('postfix_queue_active_limit_messages')]: still(20000) },
		quiet: { [of('postfix_queue_messages', { queue: 'active' })]: still(1000), [of('postfix_queue_active_limit_messages')]: still(20000) },
	},
	PostfixIncomingOld: {
		series: { [of('postfix_queue_oldest_message_age_seconds', { queue: 'incoming' })]: still(1800) }, labels: { queue: 'incoming' },
		quiet: { [of('postfix_queue_oldest_message_age_seconds', { queue: 'deferred' })]: still(90000), [of('postfix_queue_oldest_message_age_seconds', { queue: 'incoming' })]: still(5) },
	},
	PostfixDestinationDead: {
		at: 5 * HOUR, labels: { destination: 'there.example' },
		series: { [of('postfix_destination_last_success_timestamp_seconds', { destination: 'there.example' })]: `60x${6 * HOUR}`, [of('postfix_destination_queued_recipients', { destination: 'there.example' })]: `60x${6 * HOUR}` },
		quiet: { [of('postfix_destination_last_success_timestamp_seconds', { destination: 'there.example' })]: `60x${6 * HOUR}`, [of('postfix_destination_queued_recipients', { destination: 'there.example' })]: `2x${6 * HOUR}` },
	},
	PostfixFlood: {
		series: { [of('postfix_sender_top_share_ratio', { by: 'login' })]: still(0.9), [of('postfix_queue_messages', { queue: 'deferred' })]: still(5000) },
		quiet: { [of('postfix_sender_top_share_ratio', { by: 'login' })]: still(1), [of('postfix_queue_messages', { queue: 'deferred' })]: still(5) },
	},
	PostfixBlocklisted: { series: deferrals('reputation', 2, 4), quiet: deferrals('reputation', 2, 100) },
	PostfixNamesFail: { series: deferrals('names', 4, 5), quiet: deferrals('names', 4, 100) },
	PostfixFilterStalled: { series: deferrals('service', 3, 100), quiet: deferrals('later', 3, 100) },
	PostfixLoop: { series: deferrals('loop', 1, 100), quiet: deferrals('loop', 0, 100) },
	PostfixBackscatter: {
		series: { [of('postfix_received_messages_total', { way: 'notice' })]: growing(10), [of('postfix_received_messages_total', { way: 'smtp' })]: growing(10) },
		quiet: { [of('postfix_received_messages_total', { way: 'notice' })]: growing(10), [of('postfix_received_messages_total', { way: 'smtp' })]: growing(1000) },
	},
	PostroomPauseNotHolding: { series: { [of('postroom_pauses_not_holding')]: still(1) }, quiet: { [of('postroom_pauses_not_holding')]: still(0), [of('postroom_pauses', { kind: 'domain' })]: still(9) } },
	PostroomAlertsFailing: { series: { [of('postroom_alert_channels_failing')]: still(2) }, quiet: { [of('postroom_alert_channels_failing')]: still(0), [of('postroom_alerts_waiting')]: still(9) } },
	PostroomQueueUnread: { series: { [of('postroom_source_readable')]: still(0) }, quiet: { [of('postroom_source_readable')]: still(1) } },
	PostroomLogUnread: {
		series: { [of('postroom_log_readable')]: still(0) },
		quiet: { [of('postroom_log_readable')]: still(1), [of('postroom_log_lag_seconds')]: still(62) },
	},
	PostroomRestarting: {
		series: { [of('postroom_role_restarts_total', { role: 'reader' })]: growing(1) }, labels: { role: 'reader' },
		quiet: { [of('postroom_role_restarts_total', { role: 'reader' })]: still(40) },
	},
};

// The annotations of a rule as they stand in the file.
function annotations(alert) {
	const rule = rules.split(/^ *- alert: /m).find((part) => part.startsWith(`${alert}\n`));
	const field = (name) => new RegExp(`^ *${name}: ['"]?(.*?)['"]?$`, 'm').exec(rule)[1];
	return { severity: field('severity'), summary: field('summary'), description: field('description'), runbook_url: field('runbook_url') };
}

// promtool on all cases at once, told to expect nothing: what it found all the same, by alert.
function firing(seriesOf) {
	const file = join(temporaryDirectory('rules'), 'test.yml');
	const tests = Object.entries(CASES).map(([alert, { at = 2 * HOUR, ...which }]) => ({
		interval: '1m', input_series: Object.entries(which[seriesOf]).map(([series, values]) => ({ series, values })),
		alert_rule_test: [{ eval_time: `${at}m`, alertname: alert, exp_alerts: [] }],
	}));
	writeFileSync(file, JSON.stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests }));
	const { error, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
	assert.equal(error, undefined, 'promtool is there (tools/install-packages --tests)');
	const pairs = (text) => Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1], m[2]]));
	const found = [...`${stdout}${stderr}`.matchAll(/alertname: (\w+), time: [^]*?got:\[[^]*?Labels:\{([^}]*)\}\s*Annotations:\{([^]*?)\}\s*\]/g)];
	return { found: new Map(found.map(([, alert, labels, words]) => [alert, { labels: pairs(labels), words: pairs(words) }])), out: `${stdout}${stderr}` };
}

test('promtool finds the rules well formed', () => {
	const result = spawnSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' });
	assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
});

test('each rule has a case here', () => {
	assert.deepEqual([...rules.matchAll(/- alert: (\w+)/g)].map((m) => m[1]).sort(), Object.keys(CASES).sort());
});

test('each rule fires for its reason, and says whom it is about and what helps', () => {
	const { found, out } = firing('series');
	for (const [alert, which] of Object.entries(CASES)) {
		const { severity, runbook_url, summary } = annotations(alert);
		assert.ok(found.has(alert), `${alert} fires\n${out}`);
		const { labels: { instance, ...labels }, words } = found.get(alert);
		assert.equal(instance, alert === 'PostfixUnknown' ? undefined : 'mx', alert);
		assert.deepEqual(labels, { alertname: alert, severity, ...which.labels });
		assert.equal(words.runbook_url, runbook_url);
		assert.ok(words.summary.length > 10 && !/\{\{|<no value>|NaN|error/.test(`${words.summary}${words.description}`), JSON.stringify(words));
		if (summary.includes('$labels.instance'))
			assert.match(words.summary, /\bmx\b/);
	}
});

test('no rule fires for what only looks like its reason', () => {
	const { found, out } = firing('quiet');
	assert.equal(found.size, 0, out);
	assert.match(out, /SUCCESS/);
});
