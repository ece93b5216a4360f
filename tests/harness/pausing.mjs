// What tests of pauses do again and again: the set-up, a pause until Postfix has it, and its lift.
//
//   const pauses = await Pausing.start(postroom);
//   const id = await pauses.set({ kind: 'domain', key: 'dst.example' });
//   await pauses.lift(id);
import { until } from './wait.mjs';

const SOON = { timeout: 120000 };
const inSeconds = (seconds) => new Date(Math.ceil(Date.now() / 1000 + seconds) * 1000).toISOString().replace('.000', '');

export class Pausing {
	static async start(postroom) {
		const { seen } = await postroom.get('/pauses/setup');
		const setup = await postroom.post('/pauses/setup', { seen });
		if (setup.state !== 'done')
			throw new Error(`pauses were not set up: ${JSON.stringify(setup)}`);
		return new Pausing(postroom);
	}

	constructor(postroom) {
		this.postroom = postroom;
	}

	// All, ended ones too.
	async all() {
		return (await this.postroom.get('/pauses?ended=true')).pauses;
	}

	async get(id) {
		return (await this.all()).find((pause) => pause.id === id);
	}

	// Asks for one; `seconds` until its end. Gives its number, at once.
	async ask({ seconds = 3600, ...pause }) {
		return (await this.postroom.post('/pauses', { reason: 'a test', until: inSeconds(seconds), ...pause })).id;
	}

	async until(id, ...states) {
		return until(`pause ${id} to be ${states.join(' or ')}`, async () => {
			const pause = await this.get(id);
			return pause && states.includes(pause.state) && pause;
		}, SOON);
	}

	async set(pause) {
		const id = await this.ask(pause);
		const set = await this.until(id, 'in_force', 'failed');
		if (set.state === 'failed')
			throw new Error(`the pause failed: ${set.trouble}`);
		return id;
	}

	// Another end.
	async change(id, seconds) {
		const reply = await this.postroom.api('PUT', `/pauses/${id}`, { until: inSeconds(seconds) });
		if (reply.status !== 202)
			throw new Error(`the pause was not changed: ${JSON.stringify(reply.body)}`);
	}

	async lift(id) {
		await this.postroom.api('DELETE', `/pauses/${id}`);
	}
}
