/* Diagnoses in German: what servers and networks on the way say. Title, likely cause, what to do. */
import type { DiagnosisTexts } from './diagnoses';

export const diagnosesThere: DiagnosisTexts = {
  'connection-refused': [
    'Der Server weist Verbindungen ab',
    'Der Server hat geantwortet, dass auf diesem Port nichts lauscht: Sein Maildienst ist angehalten, oder die Adresse ist falsch. Eine Firewall, die Pakete verwirft, zeigt sich stattdessen als Zeitüberschreitung.',
    'Geht meist vorbei. Bleibt es, den MX-Eintrag der Domain prüfen, und ob Port 25 für diesen nächsten Hop richtig ist; dem Postmaster auf anderem Weg Bescheid geben.',
  ],
  'connection-timed-out': [
    'Der Server antwortet nicht',
    'Keine Antwort auf den Verbindungswunsch: Der Server läuft nicht, ist überlastet, verwirft unsere Pakete, oder Port 25 nach außen ist für diesen Host von seinem Anbieter gesperrt.',
    'Betrifft es viele Ziele, den Anbieter dieses Hosts fragen, ob Port 25 offen ist. Betrifft es nur eines, warten; eine falsch geschriebene, geparkte Domain sieht genauso aus.',
  ],
  'network-unreachable': [
    'Kein Weg zum Server',
    'Dieser Host hat keinen funktionierenden Weg zur Adresse des Servers. Bei einer IPv6-Adresse heißt es oft, dass dieser Host IPv6 eingestellt, aber keine IPv6-Verbindung hat.',
    'Den Weg testen. Ohne funktionierendes IPv6 inet_protocols = ipv4 (oder smtp_address_preference = ipv4) setzen und neu laden.',
  ],
  'lost-connection-greeting': [
    'Der Server hat vor seiner Begrüßung aufgelegt',
    'Der Server hat die Verbindung sofort geschlossen: überlastet, ein Schutz, dem die Adresse dieses Hosts missfällt, oder ein Port, der vom ersten Byte an TLS will (465).',
    'Bei Port 465 für diesen Transport smtp_tls_wrappermode = yes setzen. Sonst warten; bleibt es, fragen, ob unsere Adresse gesperrt ist.',
  ],
  'lost-connection-data': [
    'Die Verbindung brach beim Senden der Nachricht ab',
    'Die Verbindung endete während des Inhalts: ein Inhaltsfilter der Gegenseite, eine Größengrenze oder ein Netzgerät (MTU, Paketinspektion), das große Pakete verwirft.',
    'Scheitern nur große Nachrichten, die MTU des Wegs testen. Der Server kann die Nachricht trotzdem angenommen haben: Doppelte sind möglich.',
  ],
  'lost-connection': [
    'Der Server hat mittendrin aufgelegt',
    'Der Server hat die Verbindung während des Dialogs geschlossen: ein Neustart, eine Grenze der Nachrichten oder Fehler je Verbindung oder ein Schutz gegen Spam.',
    'Geht meist vorbei. Bleibt es bei einem Ziel, weniger Nachrichten gleichzeitig dorthin senden (ein eigener Transport mit kleineren Grenzen).',
  ],
  'data-timed-out': [
    'Der Server hat die Nachricht nicht rechtzeitig bestätigt',
    'Der ganze Inhalt wurde gesendet, aber es kam keine Antwort: Die Inhaltsprüfung der Gegenseite ist langsam. Sie kann die Nachricht angenommen haben, nachdem wir aufgegeben hatten.',
    'Jeder weitere Versuch kann ein Doppel zustellen. Ist das Ziel als langsam bekannt, smtp_data_done_timeout dafür erhöhen.',
  ],
  'conversation-timed-out': [
    'Der Server antwortet nicht mehr',
    'Die Verbindung stand, aber eine Antwort kam nicht rechtzeitig: Der Server ist überlastet, bremst Fremde absichtlich, oder eine Firewall greift in den Dialog ein.',
    'Geht meist vorbei. Läuft bei einem Ziel schon die Begrüßung ab, bremst es vielleicht diesen Host absichtlich.',
  ],
  'dmarc-failed': [
    'Die Nachricht erfüllt die DMARC-Vorgabe der Absenderdomain nicht',
    'Weder SPF noch DKIM passte zur Domain der Kopfzeile From, und diese Domain bittet Empfänger, solche Mails abzulehnen; oder die Vorgabe konnte nicht rechtzeitig abgefragt werden.',
    'Unsere eigene Domain: mit DKIM signieren. Weitergeleitete oder Listenmails: die Signatur unversehrt lassen oder From umschreiben. Warten hilft nur, wenn die Antwort von einem vorübergehenden DNS-Fehler spricht.',
  ],
  greylisted: [
    'Greylisting: später erneut versuchen',
    'Der Server kennt unsere Adresse für diesen Absender und Empfänger noch nicht und nimmt die Nachricht bei einem späteren Versuch.',
    'Nichts zu tun: Einer der nächsten Versuche gelingt, meist innerhalb der Stunde. Früher zu versuchen, als der Server wartet, hilft nicht, und viele Versuche können seine Uhr neu starten.',
  ],
  'unverified-address': [
    'Der Server konnte die Adresse noch nicht prüfen',
    'Der Server prüft Empfänger (oder Absender), indem er zuerst einen anderen Server fragt, und hat noch keine Antwort, oder dieser ließ sich nicht fragen.',
    'Wird meist beim nächsten Versuch angenommen. Bleibt es, läuft der Server dahinter nicht oder lehnt solche Prüfungen ab.',
  ],
  'reverse-dns': [
    'Unsere Adresse hat kein richtiges Reverse-DNS',
    'Der empfangende Server verlangt, dass unsere Adresse einen PTR-Eintrag hat, dessen Name auf die Adresse zurückzeigt, und hat ihn nicht gefunden oder konnte ihn nicht rechtzeitig abfragen.',
    'Den Anbieter der Adresse bitten, den PTR-Eintrag auf den Namen dieses Hosts zu setzen, mit passendem A- oder AAAA-Eintrag. Für IPv6 ohne einen: smtp_address_preference = ipv4.',
  ],
  'spf-failed': [
    'SPF erlaubt unserer Adresse nicht, für diese Domain zu senden',
    'Die Domain des Absenders hat einen SPF-Eintrag, der unsere Adresse nicht nennt. Einfaches Weiterleiten bewirkt es auch.',
    'Unsere eigene Domain: die Adresse dieses Hosts in ihren SPF-Eintrag aufnehmen. Weitergeleitete Mails: den Absender umschreiben (SRS). Die Gegenseite entscheidet bei jedem Versuch neu.',
  ],
  'dkim-failed': [
    'Die DKIM-Signatur wurde nicht akzeptiert',
    'Die Signatur fehlt oder stimmt nicht: ein Schlüssel, der nicht veröffentlicht ist, oder Inhalt, der nach dem Signieren geändert wurde.',
    'Den DNS-Eintrag des Selektors prüfen, und dass hinter dem Signieren nichts die Nachricht ändert. Was hier wartet, behält seine Signatur; neu gesendet bekommt es eine neue.',
  ],
  'too-many-connections': [
    'Zu viele Verbindungen von uns',
    'Der Server begrenzt, wie viele Verbindungen eine Adresse haben oder in einer Zeit öffnen darf, und wir haben es überschritten.',
    'Postfix versucht es von selbst wieder. Kommt es oft, smtp_destination_concurrency_limit für dieses Ziel senken (ein eigener Transport).',
  ],
  'rate-limited': [
    'Der Server begrenzt unsere Menge',
    'Wir haben in einer Zeit mehr gesendet, als der Server einer Adresse, einem Absender oder einer Domain erlaubt.',
    'Geht von selbst vorbei. Kommt es oft, langsamer an dieses Ziel senden (default_destination_rate_delay in einem eigenen Transport) und nach einer Flut suchen: nach Absender, Login und Client gruppieren.',
  ],
  'over-quota': [
    'Das Postfach des Empfängers ist voll',
    'Das Postfach oder der Speicher seines Kontos ist aufgebraucht.',
    'Nur der Empfänger kann helfen. Postfix versucht es bis zum Ende der Lebensdauer und schickt die Nachricht dann an den Absender zurück; jetzt zurückschicken, wenn der Absender es früher erfahren soll.',
  ],
  'sender-domain-unknown': [
    'Die Domain des Absenders ist nicht zu finden',
    'Der empfangende Server hat die Domain des Envelope-Absenders nachgesehen und keine Adresse und keinen MX gefunden. Der übliche Fall ist der eigene Hostname einer Maschine als Absender (root@host.local).',
    'Dem Absender eine echte Domain geben (myorigin, sender_canonical_maps, die Einstellungen der Anwendung). Neu einreihen wendet geänderte Umschreibetabellen auf das an, was hier wartet; sonst läuft es ab, und sein Bounce kann nirgends hin.',
  ],
  'sender-rejected': [
    'Der Server akzeptiert diesen Absender nicht',
    'Der Envelope-Absender ist nicht erlaubt: Er gehört nicht zur Anmeldung beim Relay, steht auf einer Liste, oder hat eine Form, die der Server ablehnt.',
    'Den Text der Antwort lesen. Bei einem Relay mit Anmeldung: Der Absender muss eine Adresse dieses Kontos sein (sender_canonical_maps kann ihn setzen).',
  ],
  'helo-rejected': [
    'Dem Server missfällt unser Hostname',
    'Der Name, den wir in HELO nennen (smtp_helo_name, sonst myhostname), hat keine Adresse in DNS, ist nicht vollständig oder nicht unserer.',
    'myhostname (oder smtp_helo_name) auf den Namen setzen, den der PTR-Eintrag der Adresse hat, neu laden und erneut versuchen.',
  ],
  'recipient-refuses': [
    'Der Empfänger oder seine Liste nimmt diesen Absender nicht',
    'Eine Regel des Empfängers (seine eigene Sperre, eine Liste nur für Mitglieder, eine für Fremde geschlossene Gruppe) lehnt den Absender ab.',
    'Nur der Empfänger oder der Besitzer der Liste kann es ändern; ihn auf anderem Weg fragen. Die Nachricht zurückschicken, wenn der Absender es früher erfahren soll.',
  ],
  'recipient-domain-inactive': [
    'Die Domain des Empfängers ist an ihrem Server abgeschaltet',
    'Der Server kennt die Domain, aber ihr Konto dort ist nicht aktiv: nicht bezahlt, abgelaufen, im Umzug oder von einem Administrator abgeschaltet.',
    'Nur der Besitzer der Domain kann helfen; ihm auf anderem Weg Bescheid geben. Die Nachricht zurückschicken, wenn der Absender es früher erfahren soll.',
  ],
  'relay-denied': [
    'Der Server nimmt keine Mails für diese Domain',
    'Der Server, den unsere Wegewahl bestimmt hat, sagt, dass er für die Domain des Empfängers nicht zuständig ist oder dass wir uns zuerst anmelden müssen.',
    'Transport-Tabelle, relayhost und den MX-Eintrag der Domain prüfen. Eine Nachricht, die mit diesem Grund wartet, hat vom anderen Server einen vorübergehenden Code bekommen: Es ist dessen Regel, nicht unsere.',
  ],
  'unknown-recipients-limit': [
    'Zu viele unserer Empfänger gibt es dort nicht',
    'Der Server hat in unseren Mails Adressen gezählt, die er nicht kennt, wie sie beim Abgrasen von Adressen entstehen, und lehnt weitere eine Weile ab.',
    'Ansehen, was an diesen Server gesendet wurde: eine alte Liste oder Spam von diesem Host. Die toten Adressen entfernen; die Sperre geht von selbst vorbei.',
  ],
  'too-many-recipients': [
    'Zu viele Empfänger auf einmal oder in einer Stunde',
    'Der Server begrenzt die Empfänger je Nachricht oder je Stunde nach Absender oder Adresse.',
    'Der Rest geht bei späteren Versuchen. smtp_destination_recipient_limit für dieses Ziel senken; Listen langsamer senden.',
  ],
  'size-exceeded': [
    'Die Nachricht ist größer, als der Server annimmt',
    'Die Nachricht, für die Übertragung kodiert (ein Drittel mehr als ihre Dateien), liegt über der Grenze des Servers.',
    'Sie geht nicht durch: an den Absender zurückschicken, der die Datei über einen Link teilen kann.',
  ],
  'recipient-moved': [
    'Der Empfänger ist umgezogen',
    'Der Server sagt, dass die Adresse nicht mehr verwendet wird, und nennt oft die neue.',
    'Dem Absender die neue Adresse mitteilen: die Nachricht zurückschicken.',
  ],
  'user-unknown': [
    'Der Server kennt den Empfänger nicht und stellt zurück',
    'Die Adresse gibt es auf der Gegenseite nicht, aber ihr Server antwortet mit einem vorübergehenden Code (ein Testmodus wie soft_bounce oder eine unvollständige Abfrage).',
    'Die Schreibweise prüfen. Ist die Adresse falsch, die Nachricht an den Absender zurückschicken; Postfix versuchte es sonst bis zum Ende ihrer Lebensdauer.',
  ],
  'mailbox-unavailable': [
    'Das Postfach ist abgeschaltet, gesperrt oder belegt',
    'Das Konto gibt es, aber es nimmt jetzt keine Mails: gesperrt, lange unbenutzt, im Umzug oder in einem anderen Programm geöffnet.',
    'Einen Tag warten; dann muss der Empfänger es mit seinem Anbieter in Ordnung bringen. Die Nachricht zurückschicken, wenn der Absender es früher erfahren soll.',
  ],
  'virus-found': [
    'Der Server sagt, dass die Nachricht einen Virus enthält',
    'Die Inhaltsprüfung der Gegenseite hat in der Nachricht einen Virus oder einen anderen Angriff gefunden.',
    'Die Nachricht ansehen: herausfinden, wie sie hereinkam, diese Maschine oder dieses Konto säubern und die Nachricht und ihresgleichen löschen.',
  ],
  'attachment-refused': [
    'Der Server nimmt diese Art von Datei nicht',
    'Eine Regel der Gegenseite verbietet einen Anhang der Nachricht: ein Programm, ein Archiv mit Passwort, ein Makro.',
    'Sie geht nicht durch: an den Absender zurückschicken, der einen Link oder eine andere Form senden kann.',
  ],
  'virus-scanner': [
    'Der Viren- oder Spamscanner des Servers funktioniert nicht',
    'Die Inhaltsprüfung der Gegenseite läuft nicht oder ist überlastet, darum stellt sie zurück, statt Mails ungeprüft durchzulassen.',
    'Warten; ihrem Postmaster Bescheid geben, wenn es Stunden dauert. Ist der Scanner unserer (hinter diesem Hop), ihn starten.',
  ],
  'spam-suspected': [
    'Der Server hält die Nachricht für Spam oder stellt Zweifelhaftes zurück',
    'Inhalt, Link oder Absender sehen für die Gegenseite wie Spam aus.',
    'Die Nachricht ansehen. Ist sie Spam, herausfinden, wie sie hereinkam, und sie und ihresgleichen löschen. Ist sie keiner, beglaubigen (SPF, DKIM) und den Empfänger bitten, den Absender zu erlauben.',
  ],
  'mail-loop-there': [
    'Der Server sagt, dass die Nachricht im Kreis läuft',
    'Die Nachricht ist durch mehr Server gegangen, als die Gegenseite erlaubt, oder zu ihr zurückgekommen: eine Weiterleitung zwischen zwei Konten oder ein falscher MX oder Transport.',
    'Die Received-Zeilen der Nachricht ansehen (postroom show, oder postcat -q ID). Die Weiterleitung dort auflösen, wo sie umkehrt; ein erneuter Versuch hilft nicht.',
  ],
  'message-malformed': [
    'Der Server beanstandet die Form der Nachricht',
    'Die Nachricht bricht eine Regel ihres Formats: eine fehlende oder doppelte Kopfzeile, ein einzelner Zeilenvorschub, 8-Bit-Text, wo keiner erlaubt ist, zu lange Zeilen.',
    'Dieselbe Nachricht bekommt dieselbe Antwort: das Programm berichtigen, das sie macht, und zurückschicken, was wartet.',
  ],
  'early-talker': [
    'Der Server sagt, dass wir zu früh gesprochen haben',
    'Postfix wartet auf die Begrüßung; also hat ein Gerät dazwischen, oder ein Server, der in mehreren Teilen grüßt, es so aussehen lassen.',
    'Geht meist bei einem späteren Versuch vorbei. Bleibt es, auf dem Weg nach einer Firewall suchen, die SMTP verändert (fixup, Inspektion).',
  ],
  'insufficient-storage': [
    'Die Platte des empfangenden Servers ist voll',
    'Der Server hat in seiner Warteschlange oder auf der Systemplatte keinen Platz für die Nachricht (das ist nicht die Quote des Empfängers).',
    'Ist es unser eigener Server hinter diesem, dort Platz schaffen. Sonst warten, und seinem Postmaster auf anderem Weg Bescheid geben, wenn es bleibt.',
  ],
  'server-configuration': [
    'Der empfangende Server ist falsch eingerichtet',
    '„Server configuration error“ sagt Postfix bei einem Fehler in seinen eigenen Tabellen, seinem Policy-Dienst oder seinen Regeln, auf dem Server, der geantwortet hat.',
    'Gehört der Server uns, hat sein Log zur selben Sekunde eine Zeile mit „warning“ oder „fatal“: eine Tabelle, ein Policy-Dienst oder eine unbekannte Regel. Sonst seinem Postmaster Bescheid geben.',
  ],
  'gateway-cannot-reach-inner-server': [
    'Das Gateway erreicht den Mailserver dahinter nicht',
    'Der Server, der geantwortet hat, ist ein Gateway oder Filter, und der eigene Mailserver des Empfängers dahinter antwortet nicht oder lehnt ab.',
    'Warten; der Administrator des Empfängers muss seinen Server oder den Weg vom Gateway dorthin in Ordnung bringen. Gehört das Gateway uns, nach dem Server dahinter sehen.',
  ],
  'lookup-failure': [
    'Der empfangende Server konnte etwas nicht nachsehen',
    'Die Datenbank oder der Verzeichnisdienst des Servers (MySQL, LDAP) oder DNS hat nicht geantwortet, als er Empfänger oder Absender prüfte.',
    'Gehört der Server uns, nach seiner Datenbankverbindung sehen. Sonst warten.',
  ],
  'server-timeout': [
    'Etwas im Server hat zu lange gebraucht',
    'Der Server hat rechtzeitig geantwortet, aber eine Prüfung oder ein Programm in ihm nicht: Er ist überlastet, oder einer seiner Dienste hängt.',
    'Geht meist vorbei. Seinem Postmaster auf anderem Weg Bescheid geben, wenn es Stunden dauert.',
  ],
  'milter-unavailable': [
    'Ein Filter des empfangenden Servers funktioniert nicht',
    '„Service unavailable - try again later“ mit 451 4.7.1 antwortet Postfix, wenn einer seiner Milter (DKIM, Spam, Virenschutz) nicht läuft; andere sagen es bei Überlastung.',
    'Gehört der Server uns, den Milter starten (smtpd_milters) und in sein Log sehen. Sonst warten.',
  ],
  'policy-deferred': [
    'Eine Regel des Servers stellt die Nachricht zurück',
    'Eine Regel oder ein Policy-Dienst der Gegenseite hat für diesen Client, Absender und Empfänger „jetzt nicht“ geantwortet; oft Greylisting oder eine Quote mit anderen Worten.',
    'Den Text der Antwort lesen. Ein späterer Versuch wird meist angenommen.',
  ],
  'ip-deferred': [
    'Der Server stellt unsere Adresse vorerst zurück',
    'Der Server schiebt Mails unserer Adresse auf und sagt nicht, warum: Sie ist ihm neu, oder ihr Ruf steht noch nicht fest.',
    'Meist geht einer der nächsten Versuche durch. Bleibt es einen Tag, den Ruf der Adresse, ihren PTR-Eintrag und das Gesendete ansehen.',
  ],
  'client-rejected': [
    'Der Server akzeptiert unseren Host nicht',
    'Eine Regel des Servers lehnt unseren Namen oder unsere Adresse ab (eine Liste, ein dynamischer Bereich, ein Land).',
    'Der Text oder sein Link sagt, welche Regel. Den Postmaster auf anderem Weg fragen oder über ein Relay senden, das er akzeptiert.',
  ],
  'server-load': [
    'Der Server ist überlastet',
    'Der Server ist zu beschäftigt, hat zu hohe Last oder eine zu volle Warteschlange, um jetzt Mails anzunehmen.',
    'Nichts zu tun: Postfix versucht es von selbst wieder.',
  ],
  'service-unavailable': [
    'Der Maildienst ist jetzt nicht verfügbar',
    'Der Server startet, hält an, wird gewartet oder weist eine Weile alle Verbindungen ab.',
    'Nichts zu tun, außer es dauert Stunden; dann seinem Postmaster auf anderem Weg Bescheid geben.',
  ],
  'local-error': [
    'Der empfangende Server hatte einen inneren Fehler',
    '„Local error in processing“ und Ähnliches: Etwas im Server ist bei dieser Nachricht gescheitert; manche Server sagen es beim Greylisting.',
    'Geht meist vorbei. Bleibt eine Nachricht dabei, während andere durchgehen, kann ihr Inhalt die Ursache sein.',
  ],
  'try-again-later': [
    'Der Server bittet, es später zu versuchen',
    'Der Server hat keinen besseren Grund genannt. Es kann Greylisting, eine Grenze oder ein vorübergehender Fehler sein.',
    'Nichts zu tun: Postfix versucht es von selbst wieder. Bleibt es, die anderen Antworten des Servers ansehen.',
  ],
  'class-protocol': [
    'Der Dialog mit dem Server ist schiefgegangen',
    'Der Statuscode (4.5) spricht vom Mailprotokoll: ein Befehl oder dessen Angabe, die der Server ablehnt.',
    'Die Antwort und die Phase dahinter lesen. Ein Filter oder eine Firewall dazwischen, die SMTP verändert, ist eine übliche Ursache.',
  ],
  'class-address': [
    'Der Server hat etwas an einer Adresse auszusetzen',
    'Der Statuscode (4.1) spricht von der Adresse des Absenders oder Empfängers, der Text von nichts, was hier bekannt ist.',
    'Die Antwort lesen. Die Adressen prüfen; ein späterer Versuch kann angenommen werden.',
  ],
  'class-mailbox': [
    'Mit dem Postfach des Empfängers stimmt etwas nicht',
    'Der Statuscode (4.2) spricht vom Postfach: abgeschaltet, voll oder im anderen System nicht erreichbar.',
    'Die Antwort lesen. Postfix versucht es bis zum Ende der Lebensdauer der Nachricht.',
  ],
  'class-system': [
    'Mit dem empfangenden Mailsystem stimmt etwas nicht',
    'Der Statuscode (4.3) spricht vom System des Ziels: voll, außer Betrieb oder nimmt nichts an.',
    'Geht meist vorbei. Seinem Postmaster Bescheid geben, wenn es bleibt.',
  ],
  'class-network': [
    'Netz- oder Wegeproblem unterwegs',
    'Der Statuscode (4.4) spricht vom Weg: keine Antwort, eine schlechte Verbindung oder ein Weg, der nicht zu finden ist.',
    'Geht meist vorbei. Zeigen es viele Ziele, nach Netz und Resolver dieses Hosts sehen.',
  ],
  'class-content': [
    'Der Server hat etwas am Inhalt auszusetzen',
    'Der Statuscode (4.6) spricht von der Nachricht selbst: ihrer Kodierung, ihrer Form oder einer Umwandlung, die nicht möglich ist.',
    'Die Antwort lesen. Dieselbe Nachricht bekommt meist wieder dieselbe Antwort: überlegen, sie zurückzuschicken.',
  ],
  'class-policy': [
    'Eine Sicherheits- oder sonstige Regel des Servers',
    'Der Statuscode (4.7) spricht von Regeln: Ruf, Beglaubigung, eine Grenze oder eine Regel für diesen Absender.',
    'In der Antwort nach einem Link oder Code suchen. Kommt es von mehreren Servern, Ruf, SPF, DKIM und PTR der sendenden Adresse ansehen.',
  ],
  'phase-connect': [
    'Der Server hat die Verbindung höflich abgelehnt',
    'Der Server hat die Verbindung oder unsere Begrüßung mit einer Ablehnung beantwortet, bevor eine Nachricht genannt war.',
    'Geht meist vorbei. Bleibt es, Ruf und PTR-Eintrag unserer Adresse ansehen.',
  ],
  'phase-sender': [
    'Der Server hat beim Absender zurückgestellt',
    'Die Ablehnung kam als Antwort auf MAIL FROM, es geht also um den Absender, unseren Host oder Grenzen für sie.',
    'Die Antwort lesen. Mit anderen Nachrichten desselben Absenders vergleichen.',
  ],
  'phase-recipient': [
    'Der Server hat diesen Empfänger zurückgestellt',
    'Die Ablehnung kam als Antwort auf RCPT TO, es geht also um diesen Empfänger oder eine Regel, die Absender und Empfänger zusammen ansieht.',
    'Die Antwort lesen. Ein späterer Versuch kann angenommen werden.',
  ],
  'phase-content': [
    'Der Server hat nach dem Inhalt zurückgestellt',
    'Die Ablehnung kam, nachdem die Nachricht gesendet war, also von einer Inhaltsprüfung oder Grenze der Gegenseite.',
    'Die Antwort lesen. Ein späterer Versuch kann angenommen werden; derselbe Inhalt kann auch wieder dieselbe Antwort bekommen.',
  ],
  unrecognised: [
    'Ein Grund, der hier nicht bekannt ist',
    'Der Text passt zu keiner bekannten Antwort.',
    'Den Grund lesen; er ist, was die Gegenseite oder dieses Postfix gesagt hat.',
  ],
};
