// The command line's manners: what it takes for wrong usage, what it exits with, and what it looks like on terminals.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { Postfix, Postroom, Sink, binary, contract } from '../harness/index.mjs';

let postfix;
let postroom;
let id;
let other;

const TITLE = "The recipient's mailbox is full";

before(async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
	id = await postfix.injectDeferred({ from: 'newsletter-bounces@shop.example', to: ['someone.with.a.name@full.example'] });
	other = await postfix.injectDeferred({ from: 'quiet@shop.example', to: ['b@full.example'] });
	for (const one of [id, other])
		await postroom.untilMessage(one, (m) => m.queue === 'deferred' && m.recipients[0].reason);
});

const lines = (text) => text.split('\n').filter(Boolean);
const acting = ['retry', 'hold', 'release', 'requeue', 'delete', 'bounce'];

test('a word with one dash that is no option is wrong usage where the command acts', async () => {
	for (const command of acting)
		for (const args of [['-q', 'from:shop.example'], ['from:shop.example', '-q'], ['-n'], ['-deferred'], ['-q from:shop.example'], ['-5'], [id, '-f'], ['-:'], ['-"a b"']]) {
			const { status, stdout, stderr } = await postroom.cli(command, '--dry-run', ...args);
			assert.equal(status, 2, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
			assert.equal(stdout, '');
			assert.match(stderr, /is not an option/);
		}
	const negated = async (...args) => JSON.parse((await postroom.cli('hold', '--dry-run', '--json', ...args)).stdout).matched;
	assert.equal(await negated('-from:newsletter'), 1);
	assert.equal(await negated('not', 'newsletter'), 1);
	assert.equal(await negated('-(from:newsletter or from:nobody)'), 1);
	assert.equal(await negated('-age>1h'), 2);
	// Behind -- a person has said that it is no option.
	assert.equal(await negated('--', '-newsletter'), 1);
	// Where nothing is done a dash is "not", as in the page's filter.
	assert.equal((await postroom.cli('list', '--count', '-newsletter')).stdout, '1\n');
	for (const args of [['show', '-q'], ['jobs', '-1'], ['settings', '-n'], ['token', 'list', '-x'], ['history', '-a'], ['trace', '-a'], ['flush', '-y']])
		assert.equal((await postroom.cli(...args)).status, 2, args.join(' '));
});

test('a bad ID among good ones is named, and nothing is done with the others', async () => {
	const cases = [
		[['hold', '--yes', id, 'nonsense'], null, /"nonsense" is not a queue ID; nothing was done/],
		[['hold', '--yes', 'nonsense!', id], null, /"nonsense!" is not a queue ID/],
		[['delete', '--yes', '--undo', '0', id, `${id.slice(0, 5)}`], null, /is not a queue ID/],
		[['list', id, 'nonsense'], null, /"nonsense" is not a queue ID/],
		[['show', id, 'nonsense'], null, /"nonsense" is not a queue ID/],
		[['groups', '--by', 'queue', id, 'nonsense'], null, /"nonsense" is not a queue ID/],
		[['hold', '--yes', '-'], `${id}\n\nbad;id\n${other}\n`, /line 3 of standard input, "bad;id", is not a queue ID; nothing was done/],
		[['list', '-'], `${id}\nx\n`, /line 2 of standard input, "x"/],
		[['show', '-'], `${id} ${other}\n`, /line 1 of standard input/],
	];
	for (const [args, input, said] of cases) {
		const { status, stdout, stderr } = await postroom.cliWith({ input: input ?? '' }, ...args);
		assert.equal(status, 2, `${args.join(' ')}: ${stdout}${stderr}`);
		assert.match(stderr, said);
		assert.equal(stdout, '');
	}
	assert.equal(postfix.where(id), 'deferred');
	assert.equal(postfix.where(other), 'deferred');
	// A filter may have an ID in it, and words of its own.
	assert.equal((await postroom.cli('list', '--count', `id:=${id}`, 'newsletter')).stdout, '1\n');
	assert.equal((await postroom.cli('list', '--count', id, 'or', `from:quiet`)).stdout, '2\n');
});

test('list, show and groups read IDs from standard input', async () => {
	const input = `${id}\n${other}\n`;
	const listed = await postroom.cliWith({ input }, 'list', '--json', '-');
	assert.equal(listed.status, 0, listed.stderr);
	assert.deepEqual(lines(listed.stdout).map((line) => JSON.parse(line).id).sort(), [id, other].sort());
	assert.equal((await postroom.cliWith({ input: `${id}\n` }, 'list', '--count', '-')).stdout, '1\n');
	assert.match((await postroom.cliWith({ input }, 'groups', '--by', 'domain', '-')).stdout, /^ +2 +2 .*full\.example$/m);
	assert.equal(lines((await postroom.cliWith({ input }, 'show', '--json', '-')).stdout).length, 2);
	const nobody = await postroom.cliWith({ input: '\n' }, 'list', '-');
	assert.equal(nobody.status, 1);
	// More than one filter has room for.
	const many = Array.from({ length: 4500 }, (_, i) => `4jXMp05WMsz1b${'BCDFGHJKLM'[i % 10]}${'NPQRSTVWXY'[Math.floor(i / 10) % 10]}${Math.floor(i / 100) % 10}${Math.floor(i / 1000)}`);
	const both = await postroom.cliWith({ input: [id, ...many, other].join('\n') }, 'list', '--json', '-');
	assert.equal(both.status, 0, both.stderr);
	assert.deepEqual(lines(both.stdout).map((line) => JSON.parse(line).id), [id, other]);
	const one = await postroom.cliWith({ input: [id, ...many, other].join('\n') }, 'list', '--limit', '1', '-');
	assert.match(one.stderr, /1 of 2 messages/);
});

test('groups takes the words of a filter for its fields', async () => {
	const by = async (field) => (await postroom.cli('groups', '--json', '--by', field)).stdout;
	for (const [said, meant] of [['domain', 'recipient_domain'], ['from', 'sender'], ['diagnosis', 'cause'], ['host', 'remote_host'], ['reply', 'reason'], ['domain,age', 'recipient_domain,age']])
		assert.equal(await by(said), await by(meant), said);
	assert.notEqual(await by('domain'), '');
});

test('a cause is called by its title', async () => {
	for (const args of [['groups', '--by', 'cause'], ['groups', '--by', 'cause,age'], ['groups', '--by', 'age,cause'], ['groups', '--by', 'reason'], ['list'], ['show', id]]) {
		const { stdout } = await postroom.cli(...args);
		assert.ok(stdout.includes(TITLE), `${args.join(' ')}: ${stdout}`);
		assert.doesNotMatch(stdout, /over-quota/, args.join(' '));
	}
});

test('did you mean', async () => {
	const cases = [
		[['lsit'], 'list'], [['delte', '--yes', 'x'], 'delete'], [['chek'], 'check'],
		[['delete', '--dryrun', 'x'], '--dry-run'], [['delete', '-y', 'x'], '--yes'], [['list', '--jsn'], '--json'], [['list', '-', '--srot', 'age'], '--sort'],
		[['list', 'form:x'], 'from:'], [['delete', '--yes', 'sender:x'], 'from:'], [['list', 'sise>1'], 'size'],
		[['groups', '--by', 'recipient-domain'], 'recipient_domain'], [['groups', '--by', 'domian'], 'domain'], [['list', '--sort', 'arival'], 'arrival'],
		[['jobs', '--state', 'runing'], 'running'], [['alerts', '--state', 'snet'], 'sent'], [['settings', '--yes', 'maximal_queue_lifetme=1d'], 'maximal_queue_lifetime'],
		[['list', '--set', 'http.sockett=/x'], 'http.socket'], [['user', 'add', 'x', '--role', 'operater'], 'operator'],
	];
	for (const [args, meant] of cases) {
		const { status, stderr } = await postroom.cliWith({ input: '' }, ...args);
		assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
		assert.ok(stderr.includes(`did you mean ${meant}?`), `${args.join(' ')}: ${stderr}`);
	}
	for (const args of [['nonsense'], ['list', '--nonsense'], ['list', 'zzz:x'], ['groups', '--by', 'zzz']])
		assert.doesNotMatch((await postroom.cli(...args)).stderr, /did you mean/);
});

// Every command with every status that it can have.
test('the exit statuses are those of the manual page', async () => {
	const nowhere = ['--socket', join(postroom.dir, 'nobody.sock')];
	const viewer = (await postroom.cli('token', 'create', '--role', 'viewer', '--name', 'statuses')).stdout.trim();
	const weak = ['--url', postroom.url];
	const gone = '4jXMp05WMsz1bY2k';
	// Only what is on hold can be released.
	await postroom.job({ action: 'hold', ids: [other] });
	await postroom.untilMessage(other, (m) => m.queue === 'hold');
	const table = [
		// Looking.
		['list', { 0: [id], 1: ['from:nobody@nowhere.example'], 2: ['from:('], 3: nowhere }],
		['show', { 0: [id], 1: [gone], 2: ['x'], 3: [id, ...nowhere] }],
		['groups', { 0: ['--by', 'queue'], 1: ['--by', 'sender', 'from:nobody@nowhere.example'], 2: ['--by', 'queue', '('], 3: ['--by', 'queue', ...nowhere] }],
		['history', { 0: [], 2: ['x'], 3: nowhere }],
		['trace', { 0: [id], 1: ['nobody@nowhere.example'], 2: [], 3: [id, ...nowhere] }],
		['incidents', { 0: [], 1: ['999999'], 2: ['x'], 3: nowhere, 4: ['snooze', '1', '2h', ...weak] }],
		['probe', { 2: [], 3: ['x.example', ...nowhere] }],
		['pauses', { 0: [], 2: ['x'], 3: nowhere }],
		['usage', { 0: [], 2: ['x'], 3: nowhere }],
		['sessions', { 0: [], 2: ['x'], 3: nowhere }],
		['pause', { 0: ['domain', 'a.example', '--until', '1h', '--dry-run'], 2: ['domain', 'a.example', '--yes'], 3: ['setup', '--yes', ...nowhere], 4: ['domain', 'a.example', '--until', '1h', '--reason', 'x', '--yes'] }],
		['resume', { 1: ['nobody.example', '--yes'], 2: [], 3: ['1', '--yes', ...nowhere] }],
		['alerts', { 0: [], 1: ['unsilence', '999999'], 2: ['x'], 3: nowhere, 4: ['silence', '--until', '1h', '--reason', 'x', ...weak] }],
		['audit', { 0: ['list', 'who=nobody'], 2: ['x'], 3: nowhere, 4: weak }],
		['status', { 0: [], 2: ['x'], 3: nowhere }],
		['jobs', { 0: [], 1: ['999999'], 2: ['x'], 3: nowhere, 4: ['cancel', '1', ...weak] }],
		['settings', { 0: [], 1: ['restore', '999999', '--yes'], 2: ['queue_run_delay=soon', '--yes'], 3: nowhere, 4: ['queue_run_delay=300s', '--yes', ...weak] }],
		// Acting.
		...acting.map((name) => [name, { 0: ['--dry-run', name === 'release' ? other : id], 1: ['--yes', 'from:nobody@nowhere.example'], 2: ['--yes', 'size>lots'], 3: ['--yes', id, ...nowhere], 4: ['--yes', id, ...weak] }]),
		['flush', { 0: ['--yes'], 2: ['x'], 3: ['--yes', ...nowhere], 4: ['--yes', ...weak] }],
		// Accounts.
		['user', { 2: ['add'], 3: ['add', 'a', '--role', 'viewer', '--password-stdin', ...nowhere], 4: ['add', 'a', '--role', 'viewer', '--password-stdin', ...weak] }],
		['token', { 0: ['list'], 1: ['revoke', '999999'], 2: ['create'], 3: ['list', ...nowhere], 4: ['create', '--role', 'viewer', '--url', `${postroom.url}`, '--token-file', '/dev/null/x'] }],
		['completion', { 0: ['bash'], 2: ['ksh'] }],
		['version', { 0: [], 2: ['x'], 3: nowhere, 4: ['--url', postroom.url] }],
		['hosts', { 0: ['test', 'here'], 1: ['test'], 2: ['x'], 3: ['test', 'nobody'], 4: ['test', 'stranger'] }],
		['help', { 0: ['list'], 2: ['nonsense'] }],
		['serve', { 2: ['--nonsense'] }],
		['check', { 2: ['--nonsense'] }],
		['demo', { 2: ['--nonsense'] }],
		['leave', { 2: ['--nonsense'] }],
	];
	const config = join(postroom.dir, 'xdg');
	mkdirSync(join(config, 'postroom'), { recursive: true });
	writeFileSync(join(config, 'postroom', 'hosts.ini'), `[here]\nsocket = ${postroom.socket}\n[nobody]\nsocket = ${nowhere[1]}\n[stranger]\nurl = ${postroom.url}\ntoken = not-a-token\n`, { mode: 0o600 });
	// A token that cannot be read is wrong usage; one that is none is refused.
	table.find(([name]) => name === 'token')[1][4] = ['list', '--url', postroom.url];
	const named = new Set();
	for (const [name, statuses] of table) {
		named.add(name);
		for (const [status, args] of Object.entries(statuses)) {
			const token = ['token', 'version'].includes(name) ? 'not-a-token' : viewer;
			const run = ['serve', 'check', 'demo', 'leave', 'completion', 'help'].includes(name)
				? spawnSync(binary, [name, ...args], { encoding: 'utf8' })
				: await postroom.cliWith({ env: { POSTROOM_TOKEN: token, XDG_CONFIG_HOME: config }, input: 'a password that nobody has\n' }, name, ...args);
			assert.equal(run.status, Number(status), `${name} ${args.join(' ')}: ${run.stdout}${run.stderr}`);
			if (run.status > 1)
				assert.notEqual(run.stderr, '', `${name} ${args.join(' ')}`);
		}
	}
	const help = spawnSync(binary, ['--help'], { encoding: 'utf8' }).stdout;
	assert.deepEqual([...help.matchAll(/^ {2}([a-z]+) /gm)].map((m) => m[1]).filter((name) => !named.has(name)), []);
	assert.equal(postfix.where(id), 'deferred');
});

// A schema of the contract with what it refers to put in: its members, also those of each entry of a list.
function membersOf(schema) {
	const all = {};
	for (const one of [schema, ...schema.allOf ?? [], ...schema.oneOf ?? []]) {
		if (one !== schema)
			Object.assign(all, membersOf(one));
		if (one.$ref)
			Object.assign(all, membersOf(contract.components.schemas[one.$ref.split('/').at(-1)]));
		if (one.items)
			Object.assign(all, membersOf(one.items));
		Object.assign(all, one.properties);
	}
	return all;
}

test('--fields knows every member of the contract, and no other', () => {
	const own = { groups: ['cells', 'other_columns'], series: ['from', 'step'] };
	const table = [
		[['list'], 'Message'], [['show'], 'MessageDetail'], [['groups'], 'Group', own.groups], [['jobs'], 'Job'], [['jobs', '7'], 'JobItem'], [['settings'], 'Setting'],
		[['settings', 'changes'], 'SettingsChange'], [['history'], 'HistorySample'], [['history', '--by', 'login'], 'SeriesLine', own.series], [['incidents'], 'Incident'],
		[['incidents', '7'], 'IncidentDetail'], [['probe'], 'Probe'], [['pauses'], 'Pause'], [['usage'], 'UsageOfPerson'], [['alerts'], 'Alert'], [['alerts', 'channels'], 'AlertChannel'],
		[['alerts', 'silences'], 'AlertSilence'], [['status'], 'Incidents'], [['user'], 'User'], [['token'], 'Token'],
	];
	for (const [words, name, more = []] of table) {
		const known = lines(spawnSync(binary, ['complete', 'fish', 'postroom', ...words, '--fields', ''], { encoding: 'utf8' }).stdout);
		const members = membersOf(contract.components.schemas[name]);
		// What other languages are made of is for the page.
		const texts = Object.keys(members).filter((member) => !/(^|_)words$/.test(member));
		assert.deepEqual(known.filter((field) => !field.includes('.')).sort(), [...texts, ...more].sort(), words.join(' '));
		for (const field of known.filter((one) => one.includes('.'))) {
			let at = members;
			for (const part of field.split('.')) {
				assert.ok(at[part], `${words.join(' ')}: ${field} is not in ${name}`);
				at = membersOf(at[part]);
			}
		}
	}
});

// A command on a terminal so many columns wide, without its line ends of a terminal.
function onTerminal(columns, ...args) {
	const command = [binary, args[0], '--config', postroom.configFile, ...args.slice(1)].map((word) => `'${word}'`).join(' ');
	const { stdout } = spawnSync('script', ['-qec', `stty cols ${columns} rows 40; ${command}`, '/dev/null'], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], input: '' });
	// eslint-disable-next-line no-control-regex
	return stdout.replaceAll('\r', '').replaceAll(/\u001b\[[0-9;?]*[a-zA-Z]|\u001b[=>]/g, '').split('\n').filter((line) => line && line !== '^D\b\b');
}

test('on 80, 120 and 200 columns the most important is there, and no line is longer', () => {
	for (const columns of [80, 120, 200])
		for (const args of [['list'], ['groups', '--by', 'reason'], ['groups', '--by', 'cause'], ['groups', '--by', 'domain,age'], ['jobs'], ['history'], ['token', 'list'], ['show', id], ['status'], ['settings'], ['incidents'], ['pauses'], ['usage'], ['trace', id], ['hold', '--dry-run', id], ['pause', 'domain', 'full.example', '--until', '1h', '--dry-run']])
			for (const line of onTerminal(columns, ...args))
				assert.ok([...line].length <= columns, `${columns}: ${line}`);
	const [titles, row] = onTerminal(80, 'list', 'from:newsletter');
	assert.match(titles, /^ID +QUEUE +AGE +SENDER +RECIPIENTS +CAUSE$/);
	assert.match(row, new RegExp(`^${id} +defer.* ${TITLE.slice(0, 20)}`));
	const [wide] = onTerminal(120, 'list', 'from:newsletter').slice(1);
	assert.ok(wide.includes(TITLE) && wide.includes('in '), wide);
	const [widest] = onTerminal(200, 'list', 'from:newsletter').slice(1);
	assert.ok(widest.includes(TITLE) && widest.includes('said: 452 4.2.2'), widest);
});
