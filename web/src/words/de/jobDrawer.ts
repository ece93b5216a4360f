/* The drawer of jobs: how they go, and what became of each message. */
import type { jobDrawerWords as English } from '../en/jobDrawer';
import { count } from '../../lib/format';
import { n } from '../number';

export const jobDrawerWords: typeof English = {
  jobs: {
    back: 'Alle Aufträge',
    nothing: 'Noch keine Aufträge. Jede Aktion wird einer und sagt, was aus jeder Nachricht wurde.',
    filter: 'Filter {filter}',
    progress: 'Fortschritt',
    ofTotal: (done, total) => `${count(done)} von ${count(total)}`,
    rate: (value) => `${value} pro Sekunde`,
    left: (text) => `noch ${text}`,
    paced: (rate) => `höchstens ${count(rate)} pro Minute an jedes Ziel`,
    results: 'Von den versuchten:',
    stopped: (untried) =>
      n(untried, {
        one: '{destination} hat wieder mit derselben Begründung abgelehnt; # Nachricht dorthin bleibt, wie sie war.',
        other: '{destination} hat wieder mit derselben Begründung abgelehnt; # Nachrichten dorthin bleiben, wie sie waren.',
      }),
    reloaded: (times) =>
      n(times, {
        one: 'Postfix wurde einmal neu geladen: Einige wurden beim Anhalten gerade zugestellt, und Postfix hätte sie entfernt.',
        other: 'Postfix wurde #-mal neu geladen: Einige wurden beim Anhalten gerade zugestellt, und Postfix hätte sie entfernt.',
      }),
    pages: 'Seiten mit den Nachrichten des Auftrags',
    fromTo: (from, to) => `${count(from)} bis ${count(to)}`,
    undoLeft: (text) => `noch ${text}`,
    cancel: 'Abbrechen',
    result: 'Was aus jeder Nachricht wurde',
    byOutcome: 'Nach Ergebnis',
    byResult: 'Nach dem, was aus dem Versuch wurde',
    number: (id) => `Auftrag ${id}`,
    undoes: 'Nimmt {job} zurück',
    undoneBy: 'Zurückgenommen durch {job}',
    undo: { hold: 'das Freigegebene wieder anhalten', release: 'das Angehaltene freigeben' },
    outcome: 'Ergebnis',
    message: 'Queue-ID und Absender',
    all: 'Alle',
    nowIs: 'jetzt {id}',
    state: {
      planned: 'geplant',
      running: 'läuft',
      grace: 'noch rückgängig zu machen',
      done: 'fertig',
      cancelled: 'abgebrochen',
      undone: 'zurückgenommen',
    },
  },
  result: { delivered: 'zugestellt', deferred: 'wieder zurückgestellt', bounced: 'zurückgeschickt', unknown: 'noch nicht bekannt' },
  resultWhat: {
    delivered: 'Bei diesem Versuch zugestellt, sagt das Mail-Log; die Antwort der Gegenstelle steht daneben.',
    deferred: 'Versucht und von der Gegenstelle nicht angenommen: bleibt bis zur nächsten Zeit in der Warteschlange.',
    bounced: 'Endgültig abgelehnt oder zu alt: an den Absender zurückgeschickt.',
    unknown: 'Postfix wurde gebeten, aber das Mail-Log hat (noch) nicht gesagt, was daraus wurde.',
  },
  outcome: {
    planned: { name: 'wartet', what: 'Noch nicht versucht.' },
    sent: { name: 'übergeben', what: 'An Postfix gegeben; die Antwort ist noch nicht bekannt.' },
    held: { name: 'angehalten', what: 'Für die Frist angehalten; danach entfernt, wenn niemand es zurücknimmt.' },
    done: { name: 'erledigt', what: 'Erledigt: Postfix selbst hat es gesagt, oder die Warteschlange zeigt es.' },
    gone: { name: 'schon weg', what: 'War vorher schon fort: zugestellt, zurückgeschickt, oder jemand war schneller.' },
    changed: {
      name: 'geändert',
      what: 'In Ruhe gelassen: Diese ID hat jetzt eine andere Nachricht, oder jemand anderes hat eingegriffen.',
    },
    refused: { name: 'nicht möglich', what: 'Nicht möglich; jede Zeile sagt, warum.' },
    unknown: { name: 'unbekannt', what: 'Nach einer Unterbrechung lässt sich nicht sagen, ob es geschehen ist.' },
    cancelled: { name: 'abgebrochen', what: 'Nie versucht.' },
    undone: { name: 'zurückgenommen', what: 'Angehalten und wieder freigegeben.' },
    stopped: { name: 'nicht versucht', what: 'In Ruhe gelassen: Das Ziel hat wieder mit derselben Begründung abgelehnt.' },
  },
};
