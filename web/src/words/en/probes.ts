/* Tests of a destination and of our own address. They are loaded with where they are shown. */
import type { ProbeStep } from '../../api/types';
import { took } from '../../lib/format';
import { n } from '../number';

export const probeWords = {
  title: 'Test it now',
  destination: (domain: string): string => `Test ${domain} now`,
  thisDestination: 'Test this destination now',
  own: 'Test our address',
  destinationWhat: 'Name service, connection, greeting, EHLO, TLS and certificate, then QUIT. No mail is sent.',
  ownWhat: 'Reverse name and back, the name of our EHLO, and the blocklists that replies have named.',
  mayNot: 'Testing a destination takes the right of an operator.',
  begun: (by: string): string => `by ${by}`,
  running: 'being tested …',
  took: (ms: number): string => took(ms),
  said: 'The server said',
  steps: (name: string): string => `Steps of the test of ${name}`,
  ownName: 'our address',
  kept: 'Results are kept for an hour.',
  earlier: (value: number): string => n(value, { one: 'One earlier test', other: '# earlier tests' }),
  outcome: { ok: 'good', warning: 'look at it', bad: 'bad', skipped: 'left out' } satisfies Record<ProbeStep['outcome'], string>,
  step: {
    route: 'Route',
    mx: 'MX',
    address: 'Addresses',
    tlsa: 'TLSA',
    connect: 'Connection',
    greeting: 'Greeting',
    ehlo: 'EHLO',
    starttls: 'STARTTLS',
    certificate: 'Certificate',
    ehlo_tls: 'EHLO in TLS',
    quit: 'QUIT',
    own_address: 'Our address',
    ptr: 'Reverse name',
    forward: 'Name and back',
    helo: 'Our EHLO name',
    blocklist: 'Blocklist',
  } satisfies Record<ProbeStep['name'], string>,
  /* What to do about a refusal. */
  refused: {
    probe_not_queued: 'Only destinations that mail in the queue waits for are tested. This mail has left; nothing is to be done here.',
    probe_busy: 'Another test is running. Tests run one at a time: wait until it is done, then press again.',
    probe_too_many: 'Ten tests a minute are the most, so that we are no burden to others.',
    notifier_unavailable:
      'The process that connects to other hosts does not run. The notice at the top, or “postroom check” on the host, says why.',
  } as Record<string, string>,
  waitFor: (seconds: number): string => `Press again in ${seconds} s.`,
};
