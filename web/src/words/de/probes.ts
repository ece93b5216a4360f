/* Tests of a destination and of our own address. */
import type { probeWords as English } from '../en/probes';
import { took } from '../../lib/format';
import { n } from '../number';

export const probeWords: typeof English = {
  title: 'Jetzt testen',
  destination: (domain) => `${domain} jetzt testen`,
  thisDestination: 'Dieses Ziel jetzt testen',
  own: 'Eigene Adresse testen',
  destinationWhat: 'Namensauflösung, Verbindung, Begrüßung, EHLO, TLS und Zertifikat, dann QUIT. Es wird keine Mail gesendet.',
  ownWhat: 'Rückwärtsname und zurück, der Name unseres EHLO, und die Sperrlisten, die in Antworten vorkamen.',
  mayNot: 'Ziele zu testen geht mit der Rolle Bedienung.',
  begun: (by) => `von ${by}`,
  running: 'wird getestet …',
  took: (ms) => took(ms),
  said: 'Der Server sagte',
  steps: (name) => `Schritte des Tests von ${name}`,
  ownName: 'eigene Adresse',
  kept: 'Ergebnisse werden eine Stunde aufbewahrt.',
  earlier: (value) => n(value, { one: 'Ein früherer Test', other: '# frühere Tests' }),
  outcome: { ok: 'gut', warning: 'ansehen', bad: 'schlecht', skipped: 'ausgelassen' },
  step: {
    route: 'Route',
    mx: 'MX',
    address: 'Adressen',
    tlsa: 'TLSA',
    connect: 'Verbindung',
    greeting: 'Begrüßung',
    ehlo: 'EHLO',
    starttls: 'STARTTLS',
    certificate: 'Zertifikat',
    ehlo_tls: 'EHLO in TLS',
    quit: 'QUIT',
    own_address: 'Eigene Adresse',
    ptr: 'Rückwärtsname',
    forward: 'Name und zurück',
    helo: 'Eigener EHLO-Name',
    blocklist: 'Sperrliste',
  },
  refused: {
    probe_not_queued: 'Getestet werden nur Ziele, auf die Mail in der Warteschlange wartet. Diese Mail ist fort; hier ist nichts zu tun.',
    probe_busy: 'Ein anderer Test läuft. Es läuft immer nur einer: warten, bis er fertig ist, dann noch einmal drücken.',
    probe_too_many: 'Mehr als zehn Tests pro Minute gibt es nicht, damit sie niemandem zur Last fallen.',
    notifier_unavailable:
      'Der Prozess, der sich mit anderen Hosts verbindet, läuft nicht. Der Hinweis oben oder „postroom check“ auf dem Host sagt, warum.',
  },
  waitFor: (seconds) => `In ${seconds} s noch einmal drücken.`,
};
