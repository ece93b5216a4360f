/* The drawer of jobs: how they go, and what became of each message. */
import { count } from '../../lib/format';
import { n } from '../number';

export const jobDrawerWords = {
  jobs: {
    back: 'All jobs',
    nothing: 'No jobs yet. Every action becomes one, with what became of each message.',
    filter: 'filter {filter}',
    progress: 'Progress',
    ofTotal: (done: number, total: number): string => `${count(done)} of ${count(total)}`,
    rate: (value: string): string => `${value} a second`,
    left: (text: string): string => `${text} left`,
    paced: (rate: number): string => `at most ${count(rate)} a minute to each destination`,
    results: 'Of those tried:',
    stopped: (untried: number): string =>
      n(untried, {
        one: '{destination} gave the same refusal again; # message for it is left as it was.',
        other: '{destination} gave the same refusal again; # messages for it are left as they were.',
      }),
    reloaded: (times: number): string =>
      n(times, {
        one: 'Postfix was reloaded once: some were being delivered when they were held, and it would have removed them.',
        other: 'Postfix was reloaded # times: some were being delivered when they were held, and it would have removed them.',
      }),
    pages: 'Pages of the job’s messages',
    fromTo: (from: number, to: number): string => `${count(from)} to ${count(to)}`,
    undoLeft: (text: string): string => `${text} left`,
    cancel: 'Cancel',
    result: 'What became of each message',
    byOutcome: 'By outcome',
    byResult: 'By what became of the attempt',
    number: (id: number): string => `job ${id}`,
    undoes: 'Takes back {job}',
    undoneBy: 'Taken back by {job}',
    undo: { hold: 'hold again what it released', release: 'release what it put on hold' },
    outcome: 'Outcome',
    message: 'Queue ID and sender',
    all: 'All',
    nowIs: 'now {id}',
    state: { planned: 'planned', running: 'running', grace: 'can be undone', done: 'finished', cancelled: 'cancelled', undone: 'undone' },
  },
  result: { delivered: 'delivered', deferred: 'deferred again', bounced: 'returned', unknown: 'not known yet' },
  resultWhat: {
    delivered: 'Delivered at that attempt, as the mail log says; the remote’s reply stands beside it.',
    deferred: 'Tried, and not taken by the remote: it stays in the queue until its next time.',
    bounced: 'Refused for good, or too old: returned to the sender.',
    unknown: 'Postfix was asked, but the mail log has not said what became of it (yet).',
  },
  outcome: {
    planned: { name: 'waiting', what: 'Not tried yet.' },
    sent: { name: 'sent', what: 'Given to Postfix; its answer is not known yet.' },
    held: { name: 'held', what: 'On hold for the grace time; removed after it, unless undone.' },
    done: { name: 'done', what: 'Done, as Postfix itself said or the queue shows.' },
    gone: { name: 'already gone', what: 'Had left the queue before: delivered, returned, or another was quicker.' },
    changed: { name: 'changed', what: 'Left alone: another message has this ID now, or someone else acted on it.' },
    refused: { name: 'not possible', what: 'Not possible; each line says why.' },
    unknown: { name: 'unknown', what: 'After an interruption nothing can tell whether it was done.' },
    cancelled: { name: 'cancelled', what: 'Never tried.' },
    undone: { name: 'undone', what: 'Held, and released again.' },
    stopped: { name: 'not tried', what: 'Left alone: its destination gave the same refusal again.' },
  },
};
