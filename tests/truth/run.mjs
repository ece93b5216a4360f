// The run: random steps, and after each a comparison of the whole. A state counts when Postfix's queue was the same before and
// after everything was read, so that all parts are of one moment; a difference counts when it is still there although the queue
// has not changed for SETTLE_MS, or is there again after it changed. Nothing sleeps: what may lag is asked again.
import { setTimeout as pause } from 'node:timers/promises';
import { World } from './world.mjs';
import { Oracle } from './oracle.mjs';
import { Random } from './random.mjs';
import { Steps } from './steps.mjs';
import { EXPLAINED } from './explained.mjs';
import { GROUP_FIELDS, compareDetail, compareGroups, compareMatches, compareMessage, comparePages, compareQueue, compareShape } from './compare.mjs';
import { aFilter, matches, print } from './filters.mjs';

// Postroom may be so much behind on a busy machine; it gathers changes for a tenth of a second, and reads the log as it grows.
const SETTLE_MS = 8000;
const ASK_AGAIN_MS = 50;
const DETAILS = 2;
const SORTS = ['arrival', 'size', 'sender', 'next_retry', 'recipients', 'id'];
const HISTORY_SHOWN = 10;
const SHOWN_OF_A_KIND = 4;

const q = encodeURIComponent;
// A filter's times stand apart from all values by more than this: an answer that took longer proves nothing.
const isLate = (asked) => Date.now() / 1000 - asked > 2;
const nameOf = ({ what, id, ours, theirs }) => JSON.stringify([what, id, ours, theirs]);

export class Run {
	// `print`: takes lines for people.
	static async start({ seed, long, print: say = console.log, set = {} }) {
		const run = new Run();
		run.seed = seed;
		run.say = say;
		run.random = new Random(seed);
		run.world = await World.start({ long, set });
		run.oracle = new Oracle(run.world.postfix);
		run.settings = await run.oracle.settings();
		run.version = await run.oracle.version();
		run.steps = new Steps(run.world, run.random);
		run.now = run.oracle.look();
		return run;
	}

	states = 0;
	values = 0;
	explained = new Map();
	differences = [];
	slowest = 0;
	unsettled = 0;
	settle = SETTLE_MS;
	#history = [];
	#reported = new Set();

	// `count` states; goes on after a difference. `until`: a moment to stop at all the same, behind `least` of them: mail that
	// does not rest takes half a minute.
	async go(count, { until = Infinity, least = 0 } = {}) {
		const begun = this.states;
		while (this.states < begun + count && (Date.now() < until || this.states < begun + least)) {
			await this.step();
			await this.compare();
			this.states++;
			if (this.states % 250 === 0)
				this.say(`${this.states} states, ${this.values} values, ${this.differences.length} differences, ${this.unsettled} unsettled, slowest to settle ${this.slowest} ms; explained: ${JSON.stringify(Object.fromEntries(this.explained))}`);
		}
	}

	async step() {
		const done = await this.steps.step(this.now);
		this.#history.push(`${this.states}: ${done.text}`);
		if (done.settings)
			this.settings = await this.oracle.settings();
		this.now = this.oracle.look();
	}

	// Both sides of one moment at which they agree, for the tests of the comparison itself.
	async sides(attempts = 200) {
		const { postroom } = this.world;
		for (let i = 0; i < attempts; i++) {
			const before = this.oracle.look();
			const messages = await this.oracle.messages(before, this.settings);
			this.oracle.log.read();
			const truth = { messages, corrupt: before.files.corrupt.length };
			if (messages !== null)
				await this.#markDeleting(truth);
			const said = { summary: await postroom.get('/queue'), messages: await postroom.messages() };
			if (messages !== null && this.oracle.look().mark === before.mark && compareQueue(truth, said, this.logged).length === 0)
				return { truth, said };
			await pause(ASK_AGAIN_MS);
		}
		throw new Error('the two sides never agreed');
	}

	// Asks both sides until they agree, or do not although nothing moves.
	async compare() {
		const questions = this.#questions();
		const began = Date.now();
		let since = began;
		let mark = null;
		for (;;) {
			const found = await this.#once(questions).catch((error) => ({ error }));
			const now = Date.now();
			if (found !== null && !found.error && found.list.length === 0) {
				this.slowest = Math.max(this.slowest, now - began);
				return;
			}
			if (found === null || found.error?.moved || found.mark !== mark) {
				mark = found?.mark ?? null;
				since = now;
			}
			if (now - since >= this.settle && found !== null) {
				if (found.error)
					throw found.error;
				this.#report(found.list);
				return;
			}
			// Mail to a thousand recipients on a busy machine: another state will do.
			if (now - began >= 8 * this.settle) {
				this.unsettled++;
				return;
			}
			if (found?.list && found.list.every((one) => this.#reported.has(nameOf(one))))
				return;
			await pause(ASK_AGAIN_MS);
		}
	}

	// What is asked at this state, drawn once, so that a second look asks the same.
	#questions() {
		const { random } = this;
		return {
			seed: random.between(1, 1e9),
			details: DETAILS,
			by: random.pick(GROUP_FIELDS),
			sort: `${random.chance(0.5) ? '-' : ''}${random.pick(SORTS)}`,
			page: random.between(3, 40),
			cli: random.weighted({ none: 3, list: 1, count: 1, show: 1, groups: 1 }),
			shape: random.chance(0.1) ? random.pick(['deferred', 'deferred', 'hold', 'incoming']) : null,
			raw: random.chance(0.1),
		};
	}

	// One look at both sides: {list, mark}; null where the queue moved meanwhile.
	async #once(questions) {
		const before = this.oracle.look();
		const messages = await this.oracle.messages(before, this.settings).catch((error) => {
			// postcat of a message that has just gone.
			if (/No such file|open queue file/.test(error.message))
				return null;
			throw error;
		});
		if (messages === null)
			return null;
		this.oracle.log.read();
		const truth = { messages, corrupt: before.files.corrupt.length };
		this.truth = truth;
		const list = await this.#ask(truth, questions);
		const after = this.oracle.look();
		this.now = after;
		if (list === null || after.mark !== before.mark)
			return null;
		return { list: list.filter((one) => !this.#isExplained(one, truth)), mark: after.mark };
	}

	logged = (id, address) => this.oracle.log.attempts(id).filter(({ recipient, status }) => recipient === address && status !== 'sent').map(({ text }) => text.trim());

	async #ask(truth, questions) {
		const { postroom } = this.world;
		const random = new Random(questions.seed);
		const [summary, all] = [await postroom.get('/queue'), await postroom.messages()];
		await this.#markDeleting(truth);
		const list = compareQueue(truth, { summary, messages: all }, this.logged);
		this.values += truth.messages.length * 18;
		// The rest is about the same messages, so it says nothing more while these are not the same.
		const explained = list.filter((one) => this.#isExplained(one, truth));
		if (explained.length < list.length)
			return list;
		if (!await this.#adopt(truth, explained))
			return null;
		list.length = 0;
		for (const message of random.some(truth.messages, questions.details)) {
			const found = await this.#detail(message, questions);
			if (found === null)
				return null;
			list.push(...found);
		}
		list.push(...await this.#groups(truth, questions));
		const filtered = await this.#filter(truth, random);
		const said = await this.#cli(truth, all, questions, random);
		if (filtered === null || said === null)
			return null;
		list.push(...filtered, ...said);
		list.push(...await this.#pages(truth, questions));
		if (questions.shape)
			list.push(...await this.#shape(questions.shape));
		return list;
	}

	// What a delete has on hold for its grace time is what its job says it holds: the newest, of several (they come newest first).
	async #markDeleting(truth) {
		const { postroom } = this.world;
		for (const { id } of (await postroom.get('/jobs?state=grace&limit=200')).jobs)
			for (const item of (await postroom.get(`/jobs/${id}/items?outcome=held&limit=1000`)).items) {
				const message = truth.messages.find((one) => one.id === item.id);
				if (message?.queue === 'hold')
					message.deleting ??= id;
			}
	}

	// What is explained of a message's recipients is so in groups, tables and filters too. False: one has gone meanwhile.
	async #adopt(truth, explained) {
		for (const message of truth.messages.filter(({ id }) => explained.some((one) => one.id.split(' ')[0] === id))) {
			const { status, body } = await this.world.postroom.api('GET', `/messages/${message.id}`);
			if (status !== 200)
				return false;
			message.size = body.size;
			message.recipients = body.recipients.map(({ address, original, reason }) => ({ address, original, reason: null, last: reason, seen: reason }));
		}
		return true;
	}

	async #detail(message, { raw }) {
		const { postroom } = this.world;
		const { status, body } = await postroom.api('GET', `/messages/${message.id}`);
		if (status === 404)
			return null;
		const done = await this.oracle.done(message.id).catch(() => null);
		if (done === null)
			return null;
		const list = compareDetail(message, body, { logged: this.logged, done, attempts: this.oracle.log.attempts(message.id) });
		this.values += 20 + body.recipients.length * 2 + body.attempts.length * 8;
		if (raw && message.queue !== 'maildrop') {
			const text = await postroom.raw('GET', `/api/v1/messages/${message.id}/raw`);
			const theirs = await this.oracle.raw(message.id);
			if (text.body.replace(/\r\n/g, '\n') !== theirs)
				list.push({ what: 'raw', id: message.id, ours: text.body.slice(0, 300), theirs: theirs.slice(0, 300) });
		}
		return list;
	}

	// What a list leaves out of a message with many recipients, where a filter asks for it. False: one has gone meanwhile.
	async #knowReasons(truth, tree) {
		if (!/"field":"(reason|any)"/.test(JSON.stringify(tree)))
			return true;
		for (const message of truth.messages.filter(({ recipients }) => recipients.some(({ seen }) => seen === undefined))) {
			const { status, body } = await this.world.postroom.api('GET', `/messages/${message.id}`);
			if (status !== 200 || compareMessage(message, body, this.logged, true).length)
				return false;
		}
		return true;
	}

	async #groups(truth, { by }) {
		const reply = await this.world.postroom.get(`/groups?by=${by}&limit=1000`);
		this.values += reply.groups.length * 4;
		return compareGroups(truth, by, reply, Date.now() / 1000);
	}

	async #filter(truth, random) {
		const now = Date.now() / 1000;
		const tree = aFilter(random, truth.messages, now);
		const text = print(tree);
		if (!await this.#knowReasons(truth, tree))
			return null;
		const expected = truth.messages.filter((message) => matches(tree, message, now)).map(({ id }) => id);
		const found = await this.world.postroom.get(`/messages?limit=1000&filter=${q(text)}`);
		if (isLate(now))
			return null;
		this.values += truth.messages.length;
		return compareMatches(text, expected, found.messages.map(({ id }) => id), found.matched);
	}

	async #pages(truth, { sort, page }) {
		const pages = [];
		let after = null;
		do {
			const one = await this.world.postroom.get(`/messages?limit=${page}&sort=${sort}${after ? `&after=${q(after)}` : ''}`);
			pages.push(one);
			after = one.next && one.messages.length ? one.next : null;
		} while (after && pages.length < 100);
		return comparePages(truth.messages.map(({ id }) => id), pages, sort);
	}

	async #shape(queue) {
		const [rows, reply] = [await this.oracle.qshape(queue), await this.world.postroom.get(`/groups?by=recipient_domain,age&limit=1000&filter=${q(`queue:${queue}`)}`)];
		return compareShape(queue, rows, reply);
	}

	// The command line says what the API says: that is compared already.
	async #cli(truth, all, { cli, by }, random) {
		const { postroom } = this.world;
		const differ = (what, ours, theirs) => (JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ what: `postroom ${what}`, id: 'all', ours, theirs }]);
		const lines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
		if (cli === 'list')
			return differ('list', lines((await postroom.cli('list', '--json')).stdout), all);
		if (cli === 'count') {
			const now = Date.now() / 1000;
			const tree = aFilter(random, truth.messages, now);
			if (!await this.#knowReasons(truth, tree))
				return null;
			// In parentheses: a word alone that looks like a queue ID is one, there.
			const { stdout } = await postroom.cli('list', '--count', `(${print(tree)})`);
			if (isLate(now))
				return null;
			return differ(`list --count (${print(tree)})`, Number(stdout), truth.messages.filter((message) => matches(tree, message, now)).length);
		}
		if (cli === 'show' && truth.messages.length) {
			const { id } = random.pick(truth.messages);
			const strip = ({ generation, log, ...rest }) => rest;
			const [ours] = lines((await postroom.cli('show', '--json', id)).stdout);
			return differ(`show ${id}`, ours && strip(ours), strip(await postroom.get(`/messages/${id}`)));
		}
		if (cli === 'groups' && truth.messages.length)
			return differ(`groups --by ${by}`, lines((await postroom.cli('groups', '--json', '--limit', '1000', '--by', by)).stdout), (await postroom.get(`/groups?by=${by}&limit=1000`)).groups);
		return [];
	}

	#isExplained(difference, truth) {
		const found = EXPLAINED.find(({ is }) => is(difference, { truth, oracle: this.oracle, version: this.version }));
		if (found)
			this.explained.set(found.name, (this.explained.get(found.name) ?? 0) + 1);
		return Boolean(found);
	}

	#report(list) {
		for (const difference of list) {
			if (this.#reported.has(nameOf(difference)))
				continue;
			this.#reported.add(nameOf(difference));
			this.differences.push({ state: this.states, ...difference });
			// Of one kind a few tell enough.
			if (this.differences.filter(({ what }) => what === difference.what).length > SHOWN_OF_A_KIND)
				continue;
			const [id] = difference.id.split(' ');
			const own = this.#history.filter((line) => id !== 'all' && line.includes(id));
			const queue = this.truth?.messages.find((message) => message.id === difference.id.split(' ')[0])?.queue ?? '';
			this.say([`difference at state ${this.states} (seed ${this.seed}): ${difference.what} of ${difference.id} ${queue}`.trimEnd(),
				`  Postroom: ${JSON.stringify(difference.ours)}`, `  Postfix:  ${JSON.stringify(difference.theirs)}`,
				...own.slice(-HISTORY_SHOWN).map((line) => `  ${line}`), '  the last steps:', ...this.#history.slice(-5).map((line) => `    ${line}`),
				...this.#logOf(id)].join('\n'));
		}
	}

	#logOf(id) {
		if (id === 'all' || id.length < 6)
			return [];
		return ['  its log:', ...this.world.postfix.logText().split('\n').filter((line) => line.includes(id)).slice(-HISTORY_SHOWN).map((line) => `    ${line.slice(0, 300)}`)];
	}

	async stop() {
		await this.steps.release();
		await this.world.stop();
	}
}
