/* The help page. */
import type { helpPageWords as English } from '../en/help';

export const helpPageWords: typeof English = {
  help: {
    title: 'Hilfe',
    wrong: 'Etwas stimmt nicht? Für jede Art von Störung sagt eine Seite Schritt für Schritt, was zu tun ist: {runbooks}',
    more: 'Von der Installation bis zur API, mit einer Suche (auf Englisch): {docs}',
    docs: 'Dokumentation',
    queues: 'Die Warteschlangen',
    diagram: {
      label: 'Wie eine Nachricht durch die Warteschlangen von Postfix geht',
      smtp: 'Netz',
      smtpText: 'von anderen Hosts',
      maildrop: 'hier eingeliefert',
      incoming: 'empfangen',
      active: 'wird versucht',
      out: 'Zugestellt',
      outText: 'verlässt sie',
      deferred: 'später wieder',
      hold: 'beiseitegelegt',
      returned: 'Zurück',
      returnedText: 'zum Absender',
      corrupt: 'unlesbar',
      failed: 'scheitert',
      retry: 'fällig',
      holdVerb: 'anhalten',
      releaseVerb: 'freigeben',
      expired: 'zu alt',
    },
    notInIt: 'Was nicht in der Warteschlange ist',
    notInItList: [
      'Zugestellte Mail: Postfix vergisst sie. Das Mail-Log weiß es.',
      'Mail, die schon beim Empfang abgelehnt wurde: Sie kam nie herein, also gibt es hier nichts zu versuchen.',
      'Mail, die ein Ziel endgültig abgelehnt hat (eine 5xx-Antwort): Sie geht sofort zurück und bleibt nicht.',
      'Defekte Dateien: oben gezählt, in keiner Liste, für keine Aktion erreichbar.',
    ],
    stalled: 'Wenn ein Inhaltsfilter hängt',
    stalledText:
      'Ein Filter, der hängt, hält Nachrichten in der aktiven Warteschlange, bis seine Zeit abläuft; einer, der steht, lässt sie ' +
      'zurückstellen, mit „delivery temporarily suspended“ oder „connection refused“ und der Adresse des Filters selbst. Nach Grund ' +
      'gruppieren: Steht ein Transport hinter dem größten Teil, ist es der Filter, nicht die Ziele. Erst ihn reparieren, dann neu ' +
      'versuchen. Zu welchem Filter eine Nachricht geht, steht in ihr: Ein geänderter content_filter erreicht wartende Mail nur ' +
      'durch neues Einreihen.',
    actions: 'Was die Aktionen tun',
    schedule: 'Wann Postfix es wieder versucht',
    scheduleText:
      'Die nächste Wartezeit ist das Alter der Nachricht, aber nicht weniger als minimal_backoff_time und nicht mehr als ' +
      'maximal_backoff_time. Danach wartet die Nachricht auf den nächsten Durchgang durch die zurückgestellten, höchstens ' +
      'queue_run_delay später. Deshalb ist eine Zeit immer eine Spanne. Nach maximal_queue_lifetime geht die Nachricht nach dem ' +
      'ersten Fehlversuch zurück.',
    filter: 'Filter',
    filterText:
      'Bedingungen nebeneinander müssen alle zutreffen. Ein bloßes Wort sucht in Queue-ID, Absender, Empfängern und Grund. Ein Minus ' +
      'davor schließt aus, Anführungszeichen halten Leerzeichen zusammen; or, not und Klammern verbinden. Ein Wert wird überall ' +
      'gesucht; = davor will ihn ganz, * und ? stehen für beliebige Zeichen. Jeder Wert auf der Seite filtert bei Klick und schließt ' +
      'mit Alt aus.',
    filterManual: 'Alles dazu steht in der Handbuchseite postroom-filter(7); Kommandozeile und API nehmen dieselben Filter.',
    examples: [
      ['queue:deferred age>1d', 'seit mehr als einem Tag zurückgestellt'],
      ['from:*@shop.example -to:"anna@"', 'von einer Domain, aber nicht an anna'],
      ['domain:bigmail.example reason:"over quota"', 'an ein Ziel, mit diesen Wörtern in der Antwort'],
      ['(login:=news or client:192.0.2.) size>1M', 'von einem Login oder einem Netz, und groß'],
      ['from:=""', 'Bounces: der leere Absender'],
    ],
    classes: 'Gründe, Klassen und Ursachen',
    classesText:
      'Ein Grund ist, was der andere Host gesagt hat, oder was Postfix sagt, wenn keine Antwort kam. Antworten, die sich nur in ' +
      'Adressen, IDs, Zahlen, Zeiten und Hosts unterscheiden, sind eine Klasse: Zehntausend volle Postfächer sind eine Zeile und ' +
      'nicht zehntausend. Eine Ursache ist, was solche Klassen meist bedeuten und was dagegen zu tun ist; mehrere Klassen können eine ' +
      'Ursache haben. „Grund“ gruppiert nach Klasse, „Ursache“ nach Ursache; ein Klick auf beides führt zu genau diesen Nachrichten.',
    keys: 'Tasten',
    keysWhere:
      'Tasten zu Nachrichten wirken, wenn die Tabelle den Fokus hat (hineinklicken, oder g und t drücken); Aktionen auch auf die Auswahl.',
    keysOn: 'Einzelne Tasten verwenden',
  },
  keys: [
    ['Ctrl-K', 'Adresse, ID, Ursache, Auftrag, Einstellung, Aktion finden; auf einem Mac Cmd-K'],
    ['/', 'filtern'],
    ['g t', 'zur Tabelle'],
    ['g i', 'zu dem, was Eingriff braucht'],
    ['j k', 'ab, auf'],
    ['x', 'auswählen'],
    ['Enter', 'an Ort und Stelle öffnen'],
    ['o', 'die Seite der Nachricht öffnen'],
    ['r', 'neu laden'],
    ['p', 'nicht mehr folgen'],
    ['t', 'jetzt versuchen'],
    ['h', 'anhalten'],
    ['u', 'freigeben'],
    ['#', 'löschen'],
    ['g q', 'Warteschlange'],
    ['g j', 'Aufträge'],
    ['g a', 'Alarme'],
    ['g s', 'Einstellungen'],
    ['?', 'diese Hilfe'],
    ['Esc', 'eine Ebene zurück'],
  ],
};
