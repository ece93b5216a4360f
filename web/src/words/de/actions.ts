/* Actions: what each does to the mail, and which command of Postfix does it. */
import type { actionWords as English } from '../en/actions';
import { n } from '../number';
import { messages } from './messages';

export const actionWords: typeof English = {
  undo: 'Rückgängig',
  nothingToUndo: 'Nichts rückgängig zu machen: Keine Nachricht wurde geändert, oder keine ist noch so, wie sie danach war.',
  bringingBack: (value) => n(value, { one: '# Nachricht wird zurückgeholt', other: '# Nachrichten werden zurückgeholt' }),
  deletingAtOnce: (value) => n(value, { one: '# Nachricht wird sofort gelöscht', other: '# Nachrichten werden sofort gelöscht' }),
  mayNotAct: 'Nur Ansicht: Für Aktionen ist die Rolle Bedienung nötig; die Verwaltung kann sie geben.',
  actionsOn: (id) => `Aktionen für ${id}`,
  actionsOnMarked: 'Aktionen für die Auswahl',
  these: {
    delete: (value) => n(value, { one: 'Diese # löschen …', other: 'Diese # löschen …' }),
    retry: (value) => n(value, { one: 'Diese # erneut versuchen', other: 'Diese # erneut versuchen' }),
    hold: (value) => n(value, { one: 'Diese # anhalten', other: 'Diese # anhalten' }),
  },
  actions: {
    retry: {
      name: 'Jetzt versuchen',
      command: 'postqueue -i',
      ask: (value) => `${messages(value)} jetzt versuchen?`,
      button: (value) => `${messages(value)} versuchen`,
      started: (value) => n(value, { one: '# Nachricht wird versucht', other: '# Nachrichten werden versucht' }),
      what: 'Bittet Postfix, die Zustellung sofort zu versuchen, egal wann der nächste Versuch fällig wäre.',
      more: 'Queue-ID und Lebensdauer bleiben. Schlägt auch das fehl, folgt der nächste Versuch wie immer aus dem Alter.',
    },
    hold: {
      name: 'Anhalten',
      command: 'postsuper -h',
      ask: (value) => `${messages(value)} anhalten?`,
      button: (value) => `${messages(value)} anhalten`,
      started: (value) => n(value, { one: '# Nachricht wird angehalten', other: '# Nachrichten werden angehalten' }),
      what: 'Legt die Nachricht beiseite: Bis zur Freigabe versucht Postfix keine Zustellung, und sie läuft nicht ab.',
      more: 'Eine laufende Zustellung kann noch zu Ende gehen. Mail in maildrop lässt sich nicht anhalten.',
    },
    release: {
      name: 'Freigeben',
      command: 'postsuper -H',
      ask: (value) => `${messages(value)} freigeben?`,
      button: (value) => `${messages(value)} freigeben`,
      started: (value) => n(value, { one: '# Nachricht wird freigegeben', other: '# Nachrichten werden freigegeben' }),
      what: 'Bringt eine angehaltene Nachricht zurück zu den zurückgestellten.',
      more:
        'Die alte Zeit für den nächsten Versuch bleibt, sie kann also noch warten; „Jetzt versuchen“ versucht sie sofort. Ist sie ' +
        'älter als die Lebensdauer, geht sie nach dem nächsten Fehlversuch an den Absender zurück.',
    },
    requeue: {
      name: 'Neu einreihen',
      command: 'postsuper -r',
      ask: (value) => `${messages(value)} neu einreihen?`,
      button: (value) => `${messages(value)} neu einreihen`,
      started: (value) => n(value, { one: '# Nachricht wird neu eingereiht', other: '# Nachrichten werden neu eingereiht' }),
      what:
        'Gibt die Nachricht wie neu wieder ein: Adressen werden neu umgeschrieben, Header-Prüfungen und der Inhaltsfilter von ' +
        'pickup gelten wieder, Milter nie.',
      more:
        'Sie bekommt eine neue Queue-ID und eine neue Lebensdauer. Eine geänderte Route gilt auch ohne das bei jedem Versuch; nur ' +
        'content_filter oder FILTER stehen in der Nachricht und ändern sich allein durch neues Einreihen.',
    },
    bounce: {
      name: 'An Absender zurück',
      command: 'postsuper -e',
      ask: (value) => `${messages(value)} an den Absender zurückschicken?`,
      button: (value) => `${messages(value)} zurückschicken`,
      started: (value) => n(value, { one: '# Nachricht wird zurückgeschickt', other: '# Nachrichten werden zurückgeschickt' }),
      what:
        'Markiert die Nachricht als abgelaufen: Postfix schickt sie mit dem letzten bekannten Grund an den Absender zurück und ' +
        'versucht keine Zustellung mehr.',
      more:
        'Auch eine Nachricht, die jetzt zustellbar wäre, geht zurück. Mail mit leerem Absender wird stattdessen verworfen; ' +
        'postmaster erfährt davon nur, wenn notify_classes bounce oder 2bounce enthält. Braucht Postfix 3.5.',
    },
    delete: {
      name: 'Löschen',
      command: 'postsuper -d',
      ask: (value) => `${messages(value)} löschen, ohne dass der Absender davon erfährt?`,
      button: (value) => `${messages(value)} löschen`,
      started: (value) =>
        n(value, {
          one: '# Nachricht wird gelöscht: jetzt angehalten, nach der Frist entfernt',
          other: '# Nachrichten werden gelöscht: jetzt angehalten, nach der Frist entfernt',
        }),
      what: 'Entfernt die Nachricht. Niemand erfährt davon: weder der Absender noch die Empfänger.',
      more:
        'Sie wird sofort angehalten und nach der Frist entfernt; bis dahin holt „Rückgängig“ sie zurück. Eine laufende Zustellung ' +
        'kann noch zu Ende gehen.',
    },
  },
  flush: {
    name: 'Ganze Warteschlange jetzt versuchen',
    what:
      'Bittet Postfix, jede zurückgestellte Nachricht jetzt zu versuchen, egal wann sie fällig wäre, und neue lokale Mail ' +
      'abzuholen. Angehaltene Mail bleibt liegen.',
  },
  ask: {
    nothing: 'Keine dieser Nachrichten ist noch in der Warteschlange oder lässt diese Aktion zu. Es gibt nichts zu tun.',
    command: 'Ausgeführt wird',
    note: 'Notiz (freiwillig)',
  },
};
