/*
 * Actions: what each does to the mail, and which command of Postfix does it.
 * What is said of Postfix here was checked against its source: "retry" is not "re-queue", nothing "doubles", a flush
 * that was accepted has delivered nothing yet.
 */
import type { Action } from '../../api/types';
import { count } from '../../lib/format';
import { messages } from './messages';

export const actionWords = {
  undo: 'Undo',
  nothingToUndo: 'Nothing to undo: no message was changed, or none is as it was left.',
  bringingBack: (value: number): string => `Bringing back ${messages(value)}`,
  deletingAtOnce: (value: number): string => `Deleting ${messages(value)} at once`,
  mayNotAct: 'You may look, but not act. An administrator can give you the operator role.',
  actionsOn: (id: string): string => `Actions on ${id}`,
  actionsOnMarked: 'Actions on the selection',
  /* The next step for the messages that something was just done to. */
  these: {
    delete: (value: number): string => `Delete these ${count(value)} …`,
    retry: (value: number): string => `Retry these ${count(value)}`,
    hold: (value: number): string => `Hold these ${count(value)}`,
  } as Partial<Record<Action, (value: number) => string>>,
  actions: {
    retry: {
      name: 'Retry now',
      command: 'postqueue -i',
      ask: (value: number): string => `Retry ${messages(value)} now?`,
      button: (value: number): string => `Retry ${messages(value)}`,
      started: (value: number): string => `Retrying ${messages(value)}`,
      what: 'Asks Postfix to try the message at once, whatever its next time is.',
      more: 'It keeps its queue ID and lifetime. If it fails again, the next time follows from its age as always.',
    },
    hold: {
      name: 'Hold',
      command: 'postsuper -h',
      ask: (value: number): string => `Hold ${messages(value)}?`,
      button: (value: number): string => `Hold ${messages(value)}`,
      started: (value: number): string => `Holding ${messages(value)}`,
      what: 'Sets the message aside: Postfix neither tries nor expires it until it is released.',
      more: 'A delivery that is under way may still finish. Mail in maildrop cannot be held.',
    },
    release: {
      name: 'Release',
      command: 'postsuper -H',
      ask: (value: number): string => `Release ${messages(value)}?`,
      button: (value: number): string => `Release ${messages(value)}`,
      started: (value: number): string => `Releasing ${messages(value)}`,
      what: 'Moves a held message back to the deferred queue.',
      more:
        'It keeps its old next time, so it may wait; use Retry now to try it at once. If it is older than the queue lifetime, ' +
        'its next failed attempt returns it to the sender.',
    },
    requeue: {
      name: 'Re-queue',
      command: 'postsuper -r',
      ask: (value: number): string => `Re-queue ${messages(value)}?`,
      button: (value: number): string => `Re-queue ${messages(value)}`,
      started: (value: number): string => `Re-queuing ${messages(value)}`,
      what:
        'Feeds the message in again as new: addresses are rewritten, header checks and the content filter of pickup apply ' +
        'again, milters never do.',
      more:
        'It gets a new queue ID and a new lifetime. A changed route counts at every attempt without this; only a ' +
        'content_filter or FILTER is written into the message, and changes by re-queuing alone.',
    },
    bounce: {
      name: 'Bounce to sender',
      command: 'postsuper -e',
      ask: (value: number): string => `Return ${messages(value)} to the sender?`,
      button: (value: number): string => `Bounce ${messages(value)}`,
      started: (value: number): string => `Returning ${messages(value)}`,
      what:
        'Marks the message as expired, so that Postfix returns it to its sender with the last known reason. It makes no ' +
        'further attempt.',
      more:
        'A message that would be delivered now is returned, too. Mail with the null sender is dropped instead; postmaster is ' +
        'told only where notify_classes has bounce or 2bounce. Needs Postfix 3.5.',
    },
    delete: {
      name: 'Delete',
      command: 'postsuper -d',
      ask: (value: number): string => `Delete ${messages(value)} without telling the sender?`,
      button: (value: number): string => `Delete ${messages(value)}`,
      started: (value: number): string => `Deleting ${messages(value)}: held now, removed after the grace time`,
      what: 'Removes the message. Nobody is told: not the sender, not the recipients.',
      more:
        'It is held at once and removed after the grace time; until then Undo brings it back. A delivery that is under way may ' +
        'still finish.',
    },
  },
  flush: {
    name: 'Try the whole queue now',
    what: 'Asks Postfix to try every deferred message now, whatever its next time is, and to pick up new local mail. Held mail stays.',
  },
  ask: {
    nothing: 'None of these messages is in the queue any more, or can be acted on like this. There is nothing to do.',
    command: 'Runs',
    note: 'Note (optional)',
  },
};
