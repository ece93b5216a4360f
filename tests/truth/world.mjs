// The world of the differential test: a private Postfix whose mail meets with everything that keeps, changes or returns
// mail, and Postroom on it. What happens to a message is decided by its recipients' domains and by its headers:
//
//   full, grey, busy, odd, long .example   refused for now, with a reply each
//   bad.example                            refused for good: a notice goes to the sender
//   flip.example                           refused or taken, as the hook says at the moment
//   quiet.example                          a server that accepts connections and says nothing: stays in active
//   closed.example                         nobody listens
//   pipe.example                           a command that fails; its output ends in a blank
//   text.example                           retry(8) with a text of its own
//   everything else                        taken
//
//   X-Hold, X-Redirect, X-Filter           header checks: on hold; to another address; through the content filter
//   X-Milter                               see milter.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Postfix, Postroom, Sink, SmtpClient, freePort } from '../harness/index.mjs';
import { startMilter } from './milter.mjs';

const REPLIES = {
	'full.example': '452 4.2.2 Mailbox full',
	'grey.example': '450 4.7.1 Greylisted, come back in 180 seconds',
	'busy.example': '451 4.3.0 <x@y>: Temporary lookup failure; see http://busy.example/?id=(42)',
	'odd.example': '450-4.2.1 The user you are trying to contact\n450-4.2.1 is receiving mail "too quickly".\n450 4.2.1 ümläut \t end )',
	'long.example': `450 4.7.0 ${'a very long reply '.repeat(40)}`,
	'bad.example': '550 5.1.1 No such user here',
};

const DOMAIN = /@([^@>]*)$/;

export class World {
	// `long`: long queue IDs.
	static async start({ long, set = {} }) {
		const world = new World();
		world.flip = false;
		world.sink = await Sink.start({ rcpt: (to) => world.#reply(to) });
		world.silent = await Sink.start({ ehlo: () => 'silent' });
		const back = await freePort();
		world.filter = await Sink.start({ end: (data, session) => world.#reinject(back, data, session) });
		const milter = await startMilter();
		world.postfix = await Postfix.start({
			sink: world.sink,
			main: {
				enable_long_queue_ids: long ? 'yes' : 'no',
				smtpd_recipient_limit: '5000',
				smtpd_reject_unlisted_recipient: 'no',
				in_flow_delay: '0',
				minimal_backoff_time: '120s',
				maximal_backoff_time: '600s',
				queue_run_delay: '100s',
				bounce_queue_lifetime: '1d',
				default_process_limit: '12',
				smtpd_milters: `inet:127.0.0.1:${milter}`,
				milter_default_action: 'accept',
				header_checks: `regexp:{{/^X-Hold: (.*)/ HOLD $$1} {/^X-Redirect: (.*)/ REDIRECT $$1} {/^X-Filter:/ FILTER smtp:[127.0.0.1]:${world.filter.port}}}`,
				default_destination_recipient_limit: '200',
			},
			transports: {
				'quiet.example': `quiet:[127.0.0.1]:${world.silent.port}`,
				'closed.example': `smtp:[127.0.0.1]:${await freePort()}`,
				'pipe.example': 'pipefail:',
				'text.example': 'retry:4.3.2 held back for a while ',
			},
			services: `quiet unix - - n - 2 smtp
pipefail unix - n n - 2 pipe flags= user=nobody argv=/bin/sh -c {echo the command failed; exit 75}
127.0.0.1:${back} inet n - n - - smtpd -o receive_override_options=no_header_body_checks,no_milters`,
		});
		world.postroom = await Postroom.start(world.postfix, { set });
		return world;
	}

	#reply(to) {
		const domain = (DOMAIN.exec(to)?.[1] ?? '').toLowerCase();
		if (domain === 'flip.example')
			return this.flip ? null : '450 4.2.0 Not at the moment';
		return REPLIES[domain] ?? null;
	}

	async #reinject(port, data, session) {
		const client = await SmtpClient.connect(port);
		try {
			const id = await client.send({ from: session.from, to: session.to, message: Buffer.from(data.replace(/^X-Filter:.*\r\n/m, ''), 'latin1') });
			return `250 2.0.0 Ok: queued as ${id}`;
		} catch {
			return '451 4.3.0 The filter could not put it back';
		} finally {
			client.close();
		}
	}

	// A file of the world's own, for a message too long for a command line.
	file(name, text) {
		const path = join(this.postfix.dir, name);
		writeFileSync(path, text);
		return path;
	}

	async stop() {
		await this.postroom.stop();
		await this.postfix.stop();
	}
}
