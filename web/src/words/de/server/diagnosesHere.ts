/* Diagnoses in German: what Postfix itself says, and what this host is about. Title, likely cause, what to do. */
import type { DiagnosisTexts } from './diagnoses';

export const diagnosesHere: DiagnosisTexts = {
  paused: [
    'Von einer Pause zurückgehalten',
    'Jemand hält Mails an dieses Ziel in Postroom eine Zeit lang zurück. Postfix behält sie und versucht nichts: Den Transport, den die Pause nennt, gibt es absichtlich nicht.',
    'Nichts zu tun: Sie wird von selbst versucht, wenn die Pause endet oder aufgehoben wird (Pausen, oder postroom resume). Ein früherer Versuch sendet nichts. Darauf achten, dass die Pause vor der Lebensdauer der Mails endet.',
  ],
  'transport-unavailable': [
    'Ein Zustellprogramm dieses Postfix startet nicht',
    'Der Queue-Manager hat ein Zustellprogramm aus master.cf um eine Zustellung gebeten und keine Antwort bekommen: Das Programm fehlt, ist falsch eingerichtet, stürzt ab, oder den genannten Transport gibt es nicht.',
    'Im Mail-Log nach Zeilen mit „fatal“ oder „throttling“ des Transports suchen, master.cf oder die Transport-Tabelle berichtigen und neu laden. Postfix lässt einen solchen Transport eine Minute in Ruhe (transport_retry_time) und versucht dann jede Nachricht zu ihrer eigenen Zeit.',
  ],
  'mailbox-program-down': [
    'Der Postfachserver auf diesem Host antwortet nicht',
    'Die Zustellung geht an einen lokalen Socket (LMTP, meist Dovecot oder Cyrus), und dort antwortet nichts: Der Server ist angehalten, startet mit Fehlern, oder Postfix darf seinen Socket nicht öffnen.',
    'Den Postfachserver starten und in sein eigenes Log sehen. Pfad, Besitzer und Rechte des Sockets mit lmtp_destination oder virtual_transport vergleichen. Dann erneut versuchen, was wartet.',
  ],
  'local-service-down': [
    'Ein eigener Server antwortet nicht',
    'Der nächste Hop hat eine Loopback- oder private Adresse: ein Inhaltsfilter (Amavis, der Proxy von Rspamd, ein Virenschutz-Gateway), ein Relay oder der Mailserver hinter diesem. Er ist angehalten, hängt oder weist Verbindungen ab.',
    'Nachsehen, welcher Transport, Host und Port gemeint ist, diesen Dienst starten und in sein Log und die Firewall dazwischen sehen. Mails warten so lange sicher; ist er wieder da, die Nachrichten in einem Tempo erneut versuchen, das er verträgt.',
  ],
  'content-filter-error': [
    'Der Inhaltsfilter ist an dieser Nachricht gescheitert',
    'Der Filter hat die Verbindung angenommen, konnte die Nachricht aber nicht prüfen oder weitergeben: Sein Virenscanner läuft nicht, seine temporäre Platte ist voll, oder der Postfix-Port dahinter antwortet nicht.',
    'Im Log des Filters die ID aus der Antwort suchen. Scanner, freien Plattenplatz und den Rückgabeport (oft 10025) prüfen. Die Nachricht wird von selbst wieder versucht.',
  ],
  'forwarding-loop': [
    'Die Nachricht läuft im Kreis',
    'Ein Alias, eine .forward-Datei, eine :include:-Liste oder ein Zustellbefehl führt zu einer Adresse zurück, an die die Nachricht schon zugestellt wurde, oder die Kette ist länger, als Postfix ihr folgt.',
    'Den Empfänger durch virtuelle und Alias-Tabellen und .forward verfolgen (postmap -q, postalias -q) und den Kreis auflösen. Es geht nicht von selbst vorbei.',
  ],
  'configuration-error': [
    'Dieses Postfix ist falsch eingerichtet',
    'Eine Einstellung oder Datei dieses Postfix passt nicht: ein Protokoll, eine Adresse, ein Benutzer, Pfad oder eine Größe, mit der ein Zustellprogramm nicht arbeiten kann. Seine Zeile mit „fatal“ oder „warning“ im Mail-Log nennt es.',
    'Das Mail-Log zur Sekunde des Versuchs lesen und postfix check ausführen, die genannte Einstellung berichtigen, neu laden, dann erneut versuchen.',
  ],
  'address-resolver': [
    'Dieses Postfix kann nicht nachsehen, wohin die Adresse geht',
    'Der Dienst trivial-rewrite hat nicht geantwortet oder konnte eine Tabelle nicht lesen (transport_maps, virtuelle Domains, relocated): oft eine Datenbank oder ein Verzeichnisdienst, der nicht läuft.',
    'Im Mail-Log nach Warnungen von „trivial-rewrite“ und „proxymap“ suchen und die genannte Tabelle zum Antworten bringen (postmap -q). Dann erneut versuchen.',
  ],
  'lookup-failure-here': [
    'Eine Tabelle dieses Postfix konnte nicht gelesen werden',
    'Eine Abfrage, die dieses Postfix für die Zustellung braucht (TLS-Vorgaben, Benutzer- oder Ausweichtabelle), ist gescheitert: Eine Datenbank oder ein Verzeichnisdienst läuft nicht, oder eine Datei wurde nicht mit postmap gebaut.',
    'Das Mail-Log nennt die Tabelle zur Sekunde des Versuchs. Sie zum Antworten bringen (postmap -q), dann erneut versuchen.',
  ],
  'verify-limit': [
    'Zu viele Adressprüfungen warten in dieser Warteschlange',
    'Die Adressprüfung (reject_unverified_recipient und Ähnliches) sendet Probenachrichten, und davon sind mehr in der aktiven Warteschlange, als ihre Hälfte oder address_verify_pending_request_limit erlauben.',
    'Meist eine Flut unbekannter Adressen, oder ein Server hinter diesem antwortet nicht. Die Flut abstellen, den Server in Ordnung bringen oder address_verify_pending_request_limit erhöhen.',
  ],
  'queue-file-unreadable': [
    'Dieser Host kann die Datei der Nachricht nicht lesen',
    'Das Lesen der Queue-Datei ist während der Zustellung gescheitert: ein Fehler der Platte oder des Dateisystems oder eine beschädigte Datei.',
    'Nach Plattenfehlern (dmesg, SMART) und nach der Datei sehen (postcat -q ID). Werden andere Nachrichten zugestellt, ist nur diese Datei beschädigt.',
  ],
  'local-data-error': [
    'Dieses Postfix konnte die Nachricht nicht zum Senden vorbereiten',
    'Das Zustellprogramm ist zwischen zwei Zeilen der Nachricht auf einen eigenen Fehler gestoßen: eine Kopfzeilen- oder Inhaltsprüfung, eine Umschreibetabelle (smtp_generic_maps) oder die Form der Nachricht selbst.',
    'Die Warnung desselben Prozesses unmittelbar vor dieser Zeile im Mail-Log lesen. Nennt sie eine Tabelle, diese zum Antworten bringen; scheitert nur diese Nachricht, ihren Inhalt ansehen.',
  ],
  'forced-expire': [
    'Jemand hat die Zeit dieser Nachricht beendet',
    'Ein Administrator (oder ein Programm mit seinen Rechten) hat Postfix mit postsuper -e oder -f gesagt, dass die Nachricht abgelaufen ist.',
    'Nichts zu tun: Postfix schickt sie beim nächsten Zustellversuch an den Absender zurück.',
  ],
  'forwarding-failed': [
    'Dieses Postfix konnte die Weiterleitung nicht einreihen',
    'Die lokale Zustellung muss die Nachricht an andere Adressen weitersenden (Alias, .forward), und der Dienst cleanup hat die neue Nachricht nicht angenommen: Platte der Warteschlange voll, cleanup scheitert, oder eine Kopfzeilenprüfung oder Größengrenze hält sie auf.',
    'Im Mail-Log zur Sekunde des Versuchs nach Zeilen von cleanup sehen, und nach dem freien Platz der Warteschlange. Dann erneut versuchen.',
  ],
  'bounce-service': [
    'Postfix konnte seinen eigenen Bericht nicht schreiben',
    'Der Dienst bounce oder trace, der gescheiterte Zustellungen festhält und Benachrichtigungen sendet, hat nicht geantwortet oder konnte nicht schreiben.',
    'Im Mail-Log nach Warnungen von „bounce“ und „trace“ suchen, nach dem freien Platz der Warteschlange sehen, und nach Besitzer und Rechten ihrer Verzeichnisse bounce, defer und trace (postfix check).',
  ],
  'delivery-restricted': [
    'Postfix darf nicht in diese Datei oder an diesen Befehl zustellen',
    'Die Adresse führt zu einer Datei oder einem Befehl, wo main.cf es nicht erlaubt (allow_mail_to_files, allow_mail_to_commands), oder zu einer Datei, die ausführbar ist.',
    'Ist es gewollt, in main.cf für die Quelle erlauben, die es nennt (Alias, .forward, :include:), und neu laden; sonst den Eintrag entfernen.',
  ],
  'forward-file': [
    'Ein Home-Verzeichnis oder eine .forward-Datei ist nicht lesbar',
    'Die lokale Zustellung darf nicht in das Home-Verzeichnis des Empfängers sehen, oder das Lesen einer Datei mit Weiterleitungen ist gescheitert: falscher Besitzer, falsche Rechte oder ein Netzdateisystem, das weg ist.',
    'Prüfen, ob das Verzeichnis eingehängt ist, seinen Besitzer und seine Rechte für diesen Benutzer, und ob AppArmor oder SELinux abgelehnt hat. Dann erneut versuchen.',
  ],
  'size-limit-here': [
    'Die Nachricht ist größer, als ihr Transport annimmt',
    'Der Eintrag des Zustellprogramms in master.cf hat eine Größengrenze (size=), und die Nachricht liegt darüber.',
    'Die Grenze dieses Transports erhöhen und neu laden, oder die Nachricht an den Absender zurückschicken.',
  ],
  'bad-address': [
    'An die Adresse kann nicht zugestellt werden',
    'Die Empfängeradresse hat keine Form, die Postfix zustellen kann: leer, fehlerhaft oder von einer Umschreibetabelle dazu gemacht.',
    'Die Tabelle oder Anwendung berichtigen, die sie gemacht hat. Kam die Nachricht so herein, sie an den Absender zurückschicken.',
  ],
  relocated: [
    'Der Empfänger hat eine neue Adresse',
    'Eine Tabelle dieses Postfix (relocated_maps) sagt, dass der Benutzer umgezogen ist.',
    'Der Absender muss die neue Adresse verwenden. Ist der Eintrag falsch, die Tabelle berichtigen.',
  ],
  'user-unknown-here': [
    'Der Empfänger ist auf diesem Host nicht bekannt',
    'Die Domain gehört zu diesem Postfix, und keine Tabelle und kein Postfach hat den Benutzer.',
    'Die Schreibweise prüfen und das Postfach oder Alias anlegen, wenn es die Adresse geben soll. Sonst die Nachricht an den Absender zurückschicken.',
  ],
  'mail-loop': [
    'Das Ziel zeigt auf diesen Host zurück',
    'DNS oder die Transport-Tabelle schickt Mails dieser Domain zu eben diesem Postfix, aber sie ist keine der Domains, für die es zustellt.',
    'Die Domain in mydestination, virtual_mailbox_domains oder relay_domains aufnehmen (nur in eine), oder ihren MX-Eintrag, relayhost oder den Transport-Eintrag berichtigen. Neu einreihen ist nicht nötig: Der Weg wird bei jedem Versuch nachgesehen.',
  ],
  'alias-database': [
    'Die Alias- oder Benutzertabelle kann nicht gelesen werden',
    'Die lokale Zustellung braucht die Alias- oder Benutzerdatenbank und kann sie nicht öffnen: Sie wurde nicht gebaut (newaliases), ist gesperrt, oder der Verzeichnisdienst dahinter läuft nicht.',
    'newaliases ausführen und alias_maps prüfen; den Namensdienst (LDAP, SSSD, MySQL) mit getent passwd prüfen. Dann erneut versuchen.',
  ],
  'mailbox-locked': [
    'Die Postfachdatei ist gesperrt',
    'Ein anderes Programm hält die Sperre der Postfachdatei des Empfängers: ein Mailprogramm, eine Sicherung oder eine Sperrdatei, die ein abgestürztes Programm hinterlassen hat.',
    'Beim nächsten Versuch meist vorbei. Bleibt es, den Halter suchen (fuser, lslocks) oder eine verwaiste .lock-Datei entfernen. Ein Maildir braucht keine Sperren.',
  ],
  'disk-full': [
    'Die Platte der Postfächer auf diesem Host ist voll',
    'Das Dateisystem des Postfachs, der Warteschlange oder des Arbeitsbereichs eines Zustellbefehls hat auf diesem Host keinen Platz oder keine Inodes mehr.',
    'Platz schaffen (df -h, df -i): Warteschlange, Postfächer und Logs ansehen. Postfix nimmt keine Mails mehr an, wenn die Platte der Warteschlange fast voll ist.',
  ],
  'mailbox-size-limit': [
    'Die Postfachdatei hat die Größengrenze von Postfix erreicht',
    'Das Postfach würde größer, als mailbox_size_limit (oder virtual_mailbox_limit) erlaubt, oder die Nachricht liegt über einer Grenze des Prozesses, der sie schreibt.',
    'Das Postfach leeren, das der Grund nennt (meist das von root), oder die Grenze erhöhen und neu laden. Sie darf nicht unter message_size_limit liegen.',
  ],
  'file-quota': [
    'Die Plattenquote des Empfängers auf diesem Host ist erschöpft',
    'Die Quote des Betriebssystems oder des Zustellprogramms lässt diesem Benutzer keinen Platz für die Nachricht.',
    'Der Empfänger muss Mails löschen, oder die Quote muss erhöht werden. Postfix versucht es bis zum Ende der Lebensdauer und schickt die Nachricht dann an den Absender zurück.',
  ],
  'mailbox-permission': [
    'Das Postfach kann nicht geschrieben werden',
    'Das Zustellprogramm darf die Datei nicht anlegen oder schreiben: falscher Besitzer oder falsche Rechte, ein fehlendes Verzeichnis oder ein Sicherheitsmodul.',
    'Besitzer und Rechte des ganzen Pfads für den Benutzer prüfen, der zustellt (virtual_uid_maps, oder der Empfänger), und ob AppArmor oder SELinux abgelehnt hat. Dann erneut versuchen.',
  ],
  'delivery-command-failed': [
    'Der Zustellbefehl ist gescheitert',
    'Ein Programm, an das Postfix die Nachricht übergibt (pipe, procmail, maildrop, ein Skript), endete mit einem vorübergehenden Fehler, wurde beendet oder brauchte zu lange.',
    'Seine Ausgabe steht im Grund, wenn es eine gab; sonst sein Log lesen. Es von Hand als derselbe Benutzer ausführen. Postfix versucht es von selbst wieder.',
  ],
  'mailbox-write-error': [
    'Das Schreiben des Postfachs auf diesem Host ist gescheitert',
    'Das Zustellprogramm konnte das Postfach oder sein Verzeichnis öffnen, aber die Nachricht nicht schreiben: ein Fehler der Platte, eines Netzdateisystems oder eine Grenze des Dateisystems.',
    'Die Worte am Ende des Grundes stammen vom Betriebssystem. Nach Fehlern dieser Platte (dmesg) und nach der Datei und ihrem Verzeichnis sehen. Dann erneut versuchen.',
  ],
  'relay-login-unusable': [
    'Kein gemeinsames Anmeldeverfahren mit dem Relay',
    'Das Relay verlangt eine Anmeldung, aber dieses Postfix hat keines seiner Verfahren: Die Module der SASL-Bibliothek fehlen, oder das Relay bietet ein Passwortverfahren erst nach TLS an.',
    'Die Module installieren (Debian: libsasl2-modules), smtp_tls_security_level setzen und smtp_sasl_mechanism_filter und smtp_sasl_security_options mit dem vergleichen, was das Relay anbietet.',
  ],
  'relay-login-rate': [
    'Das Relay weist weitere Anmeldungen vorerst ab',
    'Dieser Host hat sich zu oft angemeldet, oder zu oft mit falschem Passwort, und das Relay wartet, bevor es wieder jemanden hineinlässt.',
    'Zuerst das Passwort prüfen; dann warten. Weniger Verbindungen helfen: Verbindungen wiederverwenden und mit wenigen Prozessen an das Relay senden.',
  ],
  'relay-account-blocked': [
    'Das Relay hat unser Konto gesperrt',
    'Der Maildienst, der für diesen Host weiterleitet, hat das Konto angehalten: nicht bezahlt, wegen Spam in Prüfung oder gesperrt.',
    'Die Antwort lesen, sich beim Dienst anmelden und es dort klären. Was wartet, anhalten, damit es nicht inzwischen abläuft.',
  ],
  'relay-wants-domain-proof': [
    'Das Relay will einen Nachweis, dass die Absenderdomain uns gehört',
    'Das Relay sendet nur für Domains oder Adressen, die bei ihm bestätigt wurden, durch einen DNS-Eintrag oder einen Link.',
    'Den DNS-Eintrag anlegen, den die Antwort nennt, oder den Absender beim Dienst bestätigen; dann erneut versuchen.',
  ],
  'relay-credits': [
    'Das Sendekontingent beim Relay ist aufgebraucht',
    'Der Maildienst, der für diesen Host weiterleitet, zählt die Nachrichten des Kontos, und die Grenze des Tarifs ist erreicht.',
    'Den Tarif erhöhen oder den nächsten Zeitraum abwarten. Was nicht eilt, anhalten, damit es nicht das nächste Kontingent verbraucht.',
  ],
  'relay-login-failed': [
    'Das Relay hat unsere Anmeldung abgelehnt',
    'Benutzername oder Passwort in smtp_sasl_password_maps sind falsch, abgelaufen oder gesperrt, oder der Anbieter verlangt ein App-Passwort.',
    'Die Anmeldung testen, den Eintrag berichtigen, postmap auf die Tabelle anwenden und erneut versuchen. Jeder Versuch mit falschem Passwort kann eine Sperre verlängern: Zählt der Anbieter Fehlversuche, die Nachrichten zuerst anhalten.',
  ],
  'tls-engine': [
    'TLS funktioniert in diesem Postfix nicht',
    'Die Konfiguration verlangt TLS, aber der SMTP-Client konnte es nicht einrichten: Ein Zertifikat, ein Schlüssel oder eine CA-Datei ist nicht lesbar, oder die OpenSSL-Einstellungen sind falsch.',
    'Im Mail-Log vor dieser Zeile nach der Warnung „TLS engine“ oder „cannot load“ suchen und diese Datei oder diesen Parameter berichtigen.',
  ],
  'tls-not-offered': [
    'TLS ist verlangt, aber der Server bietet es nicht an',
    'smtp_tls_security_level (oder eine Vorgabe für diese Domain) verlangt Verschlüsselung, und der Server hat kein STARTTLS, oder etwas dazwischen entfernt es.',
    'Ist die Vorgabe richtig, warten oder die Gegenseite fragen. Ist Klartext für diese Domain annehmbar, in smtp_tls_policy_maps eine Ausnahme machen, nur für sie.',
  ],
  requiretls: [
    'Der Absender verlangt gesicherte Zustellung (REQUIRETLS)',
    'Die Nachricht wurde mit REQUIRETLS gesendet: Jeder Server auf ihrem Weg muss geprüftes TLS verwenden und diesen Wunsch unterstützen. Das Ziel tut es nicht, oder die TLS-Stufe dieses Postfix ist dafür zu niedrig.',
    'Auf diesem Weg geht sie nicht: sie zurückschicken, damit der Absender es erfährt. Nennt der Grund die TLS-Stufe dieses Postfix, smtp_tls_security_level für das Ziel erhöhen (dane, verify oder secure) und erneut versuchen.',
  ],
  'tls-refused': [
    'Der Server bietet TLS an und lehnt es dann ab',
    'Die Vorgabe verlangt Verschlüsselung; der Server hat STARTTLS angekündigt und den Befehl mit einem Fehler beantwortet.',
    'Meist ein vorübergehender Fehler beim Zertifikat oder durch Last. Bleibt es, seinem Postmaster auf anderem Weg Bescheid geben; eine Ausnahme in smtp_tls_policy_maps, nur für diese Domain, würde im Klartext senden.',
  ],
  'tls-certificate': [
    'Das Zertifikat des Servers wird nicht akzeptiert',
    'Die Vorgabe für dieses Ziel verlangt ein geprüftes Zertifikat, und es ist abgelaufen, von einem unbekannten Aussteller oder für einen anderen Namen.',
    'Es ansehen: openssl s_client -starttls smtp -connect HOST:25. Das CA-Bündel dieses Hosts auffrischen (smtp_tls_CAfile), den Namen in der Vorgabe berichtigen oder dem Postmaster der Gegenseite Bescheid geben.',
  ],
  'tls-dane': [
    'Die DANE-Einträge des Ziels sind nicht brauchbar',
    'Die TLSA-Einträge des Servers konnten nicht gesichert abgefragt werden, oder sein Zertifikat passt nicht zu ihnen.',
    'Die Domain mit einem DANE-Tester und den DNSSEC prüfenden Resolver dieses Hosts prüfen. Meist ist es eine abgelaufene Signatur oder ein Zertifikat, das ohne seinen Eintrag gewechselt wurde, auf der Gegenseite.',
  ],
  'tls-handshake': [
    'Der TLS-Handschlag ist gescheitert',
    'Beide Seiten fanden keine gemeinsame Protokollversion oder Verschlüsselung, oder eine von ihnen brach ab.',
    'Mit Stufe may weicht Postfix von selbst auf Klartext aus; bei strengerer Stufe smtp_tls_protocols und smtp_tls_ciphers ansehen, und die Zeile davor im Mail-Log.',
  ],
  'starttls-demanded': [
    'Der Server will zuerst TLS',
    'Der Server nimmt Mails nur über eine verschlüsselte Verbindung an, und dieses Postfix hat nicht verschlüsselt.',
    'smtp_tls_security_level = may (oder strenger) setzen, neu laden und erneut versuchen.',
  ],
  smtputf8: [
    'Der Server kann keine internationalisierten Adressen annehmen',
    'Die Nachricht hat eine Adresse oder Kopfzeile mit anderen als ASCII-Zeichen, die SMTPUTF8 braucht, und der Server bietet es nicht an.',
    'Durch diesen Server geht sie nicht: an den Absender zurückschicken, der eine ASCII-Adresse verwenden muss. Braucht die Nachricht es nicht wirklich, smtputf8_autodetect_classes anpassen.',
  ],
  'dns-timeout': [
    'DNS hat für die Domain nicht geantwortet',
    'Die Nameserver haben nicht rechtzeitig oder mit einem Fehler geantwortet: eine defekte Zone, unerreichbare Nameserver oder der Resolver dieses Hosts.',
    'Auf diesem Host mit dig MX DOMAIN testen. Scheitern alle Domains, liegt es am Resolver; scheitert eine, muss ihr Besitzer es beheben. Eine falsch geschriebene Domain sieht oft so aus: dann die Nachricht zurückschicken.',
  ],
  'dns-malformed': [
    'DNS hat eine fehlerhafte Antwort gegeben',
    'Der MX-Eintrag der Domain ist ungültig (eine Adresse statt eines Namens, ein leerer Name), oder ein Gerät dazwischen beschädigt DNS-Antworten.',
    'dig MX DOMAIN ansehen. Der Besitzer der Domain muss den Eintrag berichtigen; bis dahin warten ihre Mails oder gehen zurück.',
  ],
  'dns-filter': [
    'Ein Filter dieses Postfix verwirft alle DNS-Antworten',
    'smtp_dns_reply_filter (oder lmtp_dns_reply_filter) entfernt jede Adresse, die der Name hat.',
    'Die Tabelle des Filters berichtigen oder Adressen ergänzen, die er durchlässt; neu laden.',
  ],
  'resolver-broken': [
    'Der Resolver dieses Hosts funktioniert nicht',
    'Der Namensdienst ließ sich nicht einrichten oder gab einen Fehler, der keine Antwort ist: resolv.conf fehlt oder ist nicht lesbar (auch im chroot), oder der Nameserver weist diesen Host ab.',
    'Auf diesem Host einen Namen auflösen (dig), /etc/resolv.conf mit der Kopie im Verzeichnis etc der Warteschlange vergleichen und Postfix neu starten.',
  ],
  'dns-loop': [
    'DNS-Aliase der Domain laufen im Kreis',
    'Der Name ist ein Alias (CNAME) eines anderen, der auf ihn zurückführt, oder die Kette ist zu lang.',
    'Der Besitzer der Domain muss es berichtigen. Bis dahin warten ihre Mails.',
  ],
  'null-srv': [
    'Die Domain sagt, dass sie diesen Dienst nicht hat',
    'Postfix hat nach einem SRV-Eintrag gesucht (use_srv_lookup), und die Domain erklärt, dass sie diesen Dienst nicht anbietet.',
    'Die Domain aus use_srv_lookup nehmen oder den nächsten Hop berichtigen; dann erneut versuchen.',
  ],
  'null-mx': [
    'Die Domain nimmt keine Mails an',
    'Die Domain sagt mit einem Null-MX-Eintrag, dass sie keine Mails annimmt (RFC 7505).',
    'Die Adresse ist falsch. Die Nachricht an den Absender zurückschicken.',
  ],
  'dns-not-found': [
    'Die Domain oder ihr Mailserver existiert nicht',
    'DNS sagt, dass es den Namen nicht gibt oder dass er keine Adresse hat. Oft eine falsch geschriebene oder abgelaufene Domain, oder ein MX, der auf nichts zeigt.',
    'Die Schreibweise und dig MX DOMAIN prüfen. Ist die Adresse falsch, die Nachricht an den Absender zurückschicken.',
  ],
  'relayhost-lookup': [
    'Der eingestellte nächste Hop lässt sich nicht auflösen',
    'Ein Host aus der Konfiguration (relayhost, Transport-Tabelle, content_filter) hat keine Adresse, oder der Resolver dieses Hosts funktioniert nicht.',
    'Die Schreibweise des Namens prüfen und ihn auf diesem Host auflösen (auch im chroot: /var/spool/postfix/etc/resolv.conf ist eine Kopie). Eckige Klammern um einen Namen schalten MX-Abfragen ab.',
  ],
  'deferred-by-configuration': [
    'Von diesem Postfix absichtlich zurückgestellt',
    'Der Transport steht in defer_transports, oder die Tabelle sagt retry: für dieses Ziel.',
    'Den Transport aus defer_transports (oder den Eintrag aus der Tabelle) nehmen und neu laden. Ein Versuch der ganzen Warteschlange übergeht defer_transports einmal.',
  ],
  'no-server-left': [
    'Kein Server des Ziels konnte versucht werden',
    'Postfix fand keinen Server des Ziels mehr, mit dem es sich verbinden konnte, nachdem die anderen gescheitert oder beschäftigt waren.',
    'Die Zeilen desselben Prozesses davor im Mail-Log sagen, was die anderen geantwortet haben. Geht meist vorbei.',
  ],
  'destination-suspended': [
    'Postfix wartet, bevor es dieses Ziel wieder versucht',
    'Ein Versuch für eine andere Nachricht an dasselbe Ziel ist eben gescheitert, darum hat der Queue-Manager diese ohne Versuch zurückgestellt (für minimal_backoff_time).',
    'Nachsehen, warum das Ziel gescheitert ist: Eine andere Nachricht dorthin hat den Grund. Wer eine Nachricht erneut versucht, versucht ihr Ziel sofort wieder.',
  ],
  'unrecognised-here': [
    'Dieses Postfix nennt einen Grund, der hier nicht bekannt ist',
    'Der Text ist keine Antwort eines Servers und keiner der bekannten Texte von Postfix: oft die Worte eines Eintrags error:, retry: oder defer: einer Tabelle, oder eines Zustellprogramms.',
    'Den Grund lesen; ihn in den Transport- und Zugriffstabellen suchen (postconf -n nennt sie), und in den Zeilen davor im Mail-Log.',
  ],
};
