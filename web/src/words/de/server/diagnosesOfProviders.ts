/* Diagnoses in German: what single providers and lists say. Title, likely cause, what to do. */
import type { DiagnosisTexts } from './diagnoses';

export const diagnosesOfProviders: DiagnosisTexts = {
  'google-rate': [
    'Google begrenzt unsere Mails: ungewöhnliche Menge',
    'Gmail sieht von unserer Adresse, unserem Netz, unserer Domain oder einem Link mehr Mails, als es vertraut, viele davon unerwünscht. Weitergeleiteter Spam zählt als unserer.',
    'Herausfinden, wer flutet (nach Absender, Login, Client gruppieren), und es abstellen. Langsamer an Google senden, SPF, DKIM und DMARC veröffentlichen und keinen Spam weiterleiten. Geht in Stunden vorbei, wenn die Menge sinkt.',
  ],
  'recipient-rate': [
    'Der Empfänger bekommt Mails zu schnell',
    'Der Anbieter begrenzt, wie viele Mails ein Postfach in kurzer Zeit bekommen darf. Eine Mailschleife, eine Flut von Logs oder Alarmen oder ein weitergeleitetes volles Postfach bewirkt das.',
    'Nachsehen, was diesem Empfänger gesendet wird, und die Flut an der Quelle abstellen. Der Rest geht von selbst vorbei, wenn die Menge sinkt.',
  ],
  'google-unauthenticated': [
    'Google begrenzt Mails ohne SPF oder DKIM',
    'Die Nachricht war nicht beglaubigt: SPF der Absenderdomain nennt unsere Adresse nicht, und es gab keine gültige DKIM-Signatur, die zur Kopfzeile From passt.',
    'SPF für diesen Host veröffentlichen, mit DKIM signieren und From angleichen. Neue Mails sind dann signiert; was hier wartet, behält seinen alten Inhalt.',
  ],
  'google-reputation': [
    'Google misstraut unserer Adresse oder Domain',
    'Der Ruf der sendenden Adresse oder Domain ist sehr schlecht, darum verzögert Gmail oder lehnt ab.',
    'Die Domain in Google Postmaster Tools ansehen, unerwünschte Mails abstellen und einige Wochen wenig und Erwünschtes senden. Häufigeres Versuchen macht es schlimmer.',
  ],
  'google-try-later': [
    'Google bittet, es später zu versuchen',
    'Ein vorübergehender Fehler oder eine Überlastung bei Google, oder sein Schutz gegen Stöße.',
    'Nichts zu tun: Postfix versucht es von selbst wieder.',
  ],
  'microsoft-reputation': [
    'Microsoft begrenzt unsere Adresse: Ruf',
    'Outlook.com stuft den Ruf unserer Adresse als schlecht oder neu ein und lässt wenige Mails durch.',
    'Die Adresse bei SNDS und JMRP anmelden, unerwünschte Mails und weitergeleiteten Spam abstellen, langsam und gleichmäßig senden und im Formular für Absender um Milderung bitten. Geht in Tagen vorbei, nicht in Minuten.',
  ],
  'microsoft-connections': [
    'Microsoft: zu viele Verbindungen von uns',
    'Mehr gleichzeitige Verbindungen von unserer Adresse, als Microsoft ihrem Ruf erlaubt.',
    'Microsofts Domains über einen eigenen Transport mit kleiner Prozessgrenze (master.cf) und kleiner Gleichzeitigkeit leiten, dann neu laden.',
  ],
  'microsoft-rate': [
    'Microsoft: Sendemenge überschritten',
    'Unsere Adresse hat in einer Zeit mehr gesendet, als Microsoft ihrem Ruf erlaubt (RP-001 und Ähnliches).',
    'Langsamer an Microsofts Domains senden (ein eigener Transport mit default_destination_rate_delay) und den Ruf in SNDS prüfen.',
  ],
  'microsoft-busy': [
    'Microsoft sagt, dass es beschäftigt ist',
    '„Server busy“ von Exchange Online ist meist sein Schutz vor Absendern, die es nicht gut kennt, manchmal echte Last.',
    'Geht meist in Stunden vorbei. Bleibt es, auf den Seiten für Absender den Code aus der Antwort nachlesen und gleichmäßiger senden.',
  ],
  'microsoft-blocked': [
    'Microsoft hat unsere Adresse auf seiner Sperrliste',
    'Outlook.com oder Exchange Online sperrt unsere Adresse oder das Netz unseres Anbieters wegen Spam.',
    'Abstellen, was den Spam gesendet hat; dann um Streichung bitten: sendersupport.olc.protection.outlook.com für Outlook.com, sender.office.com (das Delist-Portal) für Exchange Online. Welches, sagt der Code in der Antwort.',
  ],
  'microsoft-denied': [
    'Microsoft verweigert vorerst den Zugang',
    'Microsoft hat verdächtigen Verkehr von unserer Adresse gesehen und schränkt sie ein, während es das untersucht.',
    'Nach einer Flut von diesem Host suchen, sie abstellen und das Delist-Portal verwenden, wenn der Code es nennt. Geht von selbst vorbei, wenn der Verkehr sauber ist.',
  ],
  'microsoft-tenant': [
    'Der Microsoft-Mandant des Empfängers ist für diese Mail nicht eingerichtet',
    'Der MX der Domain zeigt auf Exchange Online, aber der Mandant hat keine Postfächer, liegt in einer anderen Region oder ordnet unsere Mails einem Connector zu.',
    'Der Administrator des Empfängers muss den MX-Eintrag, die akzeptierte Domain oder den Connector berichtigen; welches, sagt der Code in der Antwort (ATTR..). Warten allein hilft selten.',
  ],
  'exchange-submission-rate': [
    'Der Exchange-Server begrenzt unsere Sendemenge',
    'Der empfangende Exchange-Connector hat eine Grenze der Nachrichten je Client-Adresse, und wir haben sie überschritten.',
    'Ist es unser eigener Exchange, MessageRateLimit seines Empfangsconnectors für dieses Relay erhöhen. Sonst langsamer dorthin senden.',
  ],
  'exchange-resources': [
    'Dem Exchange-Server fehlen Ressourcen',
    'Back Pressure von Exchange: Platte oder Speicher ist fast voll, darum nimmt er keine neuen Mails an.',
    'Ist es unser eigener, auf dem Laufwerk seiner Warteschlange Platz schaffen. Sonst warten.',
  ],
  'microsoft-internal': [
    'Ein vorübergehender Fehler in Microsofts Mailsystem',
    'Der vordere Server konnte den Postfachserver dahinter nicht erreichen (PRX-Codes, STOREDRV, Fehler auf dem Weg).',
    'Warten. Bleibt eine Domain einen Tag dabei, sollte ihr Administrator nachsehen: Ein falscher Connector oder Nameserver sieht auch so aus.',
  ],
  'yahoo-blocked': [
    'Yahoo nimmt keine Mails von unserer Adresse an',
    'Yahoo oder AOL stellt alle Mails unserer Adresse „dauerhaft“ zurück: Beschwerden oder Ruf sind zu schlecht (TSS09, TSS11, TS03).',
    'Erneut versuchen hilft nicht. Die unerwünschten Mails abstellen, auf Yahoos Seiten für Absender den Code nachlesen, das Formular ausfüllen. Überlegen, was wartet zurückzuschicken.',
  ],
  'yahoo-deferred': [
    'Yahoo stellt unsere Mails zurück: Menge oder Beschwerden',
    'Yahoo oder AOL hat von unserer Adresse eine unerwartete Menge gesehen, oder Benutzer haben ihre Mails als Spam gemeldet (TSS04 und Ähnliches); fehlendes SPF, DKIM oder DMARC bewirkt es auch.',
    'Langsamer senden, mit DKIM signieren, Beschwerden beachten und zwischen Stößen einige Stunden warten.',
  ],
  'apple-volume': [
    'Apple stellt unsere Mails zurück: Menge',
    'iCloud begrenzt Mails von unserer Adresse oder an dieses Postfach wegen ihrer Menge.',
    'Langsamer an die Domains von iCloud senden; geht von selbst vorbei, wenn die Menge sinkt.',
  ],
  'gmx-refused': [
    'GMX, WEB.DE oder mail.com lehnt unseren Server ab',
    'Ihr Gateway („Nemesis“) hat die Sitzung geschlossen: Reverse-DNS, eine dynamische Adresse, schlechter Ruf oder zu viele Verbindungen. Welches, sagen die Zeilen danach oder der Link.',
    'Den Link in der Antwort öffnen; den PTR-Eintrag oder HELO-Namen berichtigen, wenn er es sagt. Ohne genannten Fehler warten und langsamer senden.',
  ],
  't-online-refused': [
    'T-Online akzeptiert unseren Server nicht',
    'T-Online nimmt Mails nur von Servern, die es kennt: mit passendem PTR und HELO, einem erreichbaren Impressum und ohne schlechte Vorgeschichte.',
    'PTR, HELO-Namen und die Webseite dieses Namens prüfen, dann von einem anderen Postfach an die Adresse in der Antwort schreiben (tobr@rx.t-online.de).',
  ],
  'mailru-refused': [
    'Mail.ru hält unsere Mail für Spam',
    'Der Filter von Mail.ru hat die Nachricht, ihren Link oder unsere Adresse als Spam eingestuft oder begrenzt die Menge.',
    'Ansehen, was gesendet wurde; die Domain beim Postmaster-Dienst von Mail.ru anmelden und dem Link in der Antwort folgen.',
  ],
  'qq-content': [
    'QQ hält unsere Mail für Spam oder Missbrauch',
    'Der Filter von Tencent hat die Nachricht, die sendende Adresse oder das Muster der Mails als Spam eingestuft.',
    'Ansehen, was gesendet wurde, und den Hilfelink in der Antwort lesen; die Domain auf den Postmaster-Seiten von QQ anmelden.',
  ],
  'qq-frequency': [
    'QQ begrenzt die Häufigkeit unserer Mails',
    'Tencent zählt Verbindungen und Nachrichten je Adresse, Domain und Absender, und wir haben eine Grenze überschritten.',
    'Langsamer an die Domains von QQ senden (ein eigener Transport mit Verzögerung); den Hilfelink in der Antwort lesen.',
  ],
  'netease-spam': [
    'NetEase (163, 126) hält unsere Mail für Spam',
    'Der Filter von NetEase hat die Nachricht oder ihren Absender als Spam eingestuft (DT-Codes).',
    'Ansehen, was gesendet wurde; SPF, DKIM und ein stimmiges From helfen. Der Code ist unter mail.163.com/help erklärt. War es die Menge, kann ein späterer Versuch durchgehen.',
  ],
  'netease-rate': [
    'NetEase (163, 126) begrenzt unsere Mails',
    'NetEase zählt Verbindungen, Nachrichten und Empfänger je Adresse, und eine Grenze ist erreicht (RP- und MI-Codes).',
    'Langsamer an die Domains von NetEase senden (ein eigener Transport mit Verzögerung und wenigen Verbindungen). Der Code ist unter mail.163.com/help erklärt.',
  ],
  'orange-connections': [
    'Orange oder La Poste: zu viele Verbindungen von uns',
    'Mehr gleichzeitige Verbindungen, als diese Anbieter erlauben: wenige (zwei oder drei) für eine unbekannte Adresse.',
    'Ihre Domains über einen Transport mit einer Prozessgrenze von zwei leiten und neu laden.',
  ],
  'orange-refused': [
    'Orange oder La Poste lehnt unseren Server vorerst ab',
    'Ihrem Gateway (Codes OFR und LPN) missfällt der Ruf unserer Adresse, oder es begrenzt ihre Mails.',
    'Den Code auf ihren Postmaster-Seiten nachsehen. Unsere Adresse bei Cloudmark und Spamhaus prüfen, die sie verwenden. Langsamer senden.',
  ],
  'sfr-refused': [
    'SFR lehnt unseren Server ab',
    'SFR hat Missbrauch von unserer Adresse gesehen (Codes GU_EIB und LBC) oder begrenzt sie.',
    'Den Code auf den Postmaster-Seiten von SFR nachsehen, die unerwünschten Mails abstellen und dort um Streichung bitten.',
  ],
  'free-blocked': [
    'Free (Frankreich) hat Spam von unserer Adresse gesehen',
    'Free zählt Spam und Fehler je Adresse und schließt die Tür für bis zu einen Tag.',
    'Den Spam abstellen (weitergeleitete Mails zählen), einen Tag warten und postmaster.free.fr ansehen.',
  ],
  'comcast-throttled': [
    'Comcast begrenzt unsere Menge',
    'Comcast erlaubt einer Adresse je nach ihrem Ruf nur so viele Nachrichten in der Stunde (RL-Codes).',
    'Langsamer an Comcast senden; ein PTR-Eintrag und eine saubere Vorgeschichte heben die Grenze.',
  ],
  'facebook-refused': [
    'Facebook nimmt diese Mail jetzt nicht an',
    'Facebook antwortet mit einem Code: Das Konto des Empfängers ist nicht verfügbar, oder die Mails des Absenders sind begrenzt.',
    'Den Link in der Antwort öffnen, der den Code erklärt. Mails an solche Adressen kommen selten an: überlegen, sie zurückzuschicken.',
  ],
  'forwarder-upstream': [
    'Der Weiterleitungsdienst konnte die Mail nicht weitergeben',
    'Die Domain liegt hinter einem Weiterleitungsdienst (wie dem Email Routing von Cloudflare), dessen nächster Server abgelehnt hat oder gescheitert ist.',
    'Der Empfänger muss das Ziel der Weiterleitung ansehen. Eine Nachricht, die für das Ziel wie Spam aussieht, bleibt abgelehnt.',
  ],
  'mimecast-deferred': [
    'Mimecast stellt Mails unbekannter Absender zurück',
    '„internal resource temporarily unavailable“ ist bei Mimecast das Greylisting von Absendern und Adressen, die es noch nicht kennt.',
    'Warten: Ein späterer Versuch von derselben Adresse wird angenommen. Senden wir von mehreren Adressen, für ein Ziel bei einer bleiben.',
  ],
  'cisco-reputation': [
    'Unsere Adresse hat bei Cisco (Talos) einen schlechten Ruf',
    'Der empfangende Server ist ein Cisco-Gateway (IronPort), das Talos (SenderBase) fragt, und unsere Adresse ist schlecht eingestuft.',
    'Die Adresse auf talosintelligence.com nachsehen, die Ursache beseitigen und dort um eine neue Einstufung bitten. Es dauert Tage.',
  ],
  'blocklist-spamhaus': [
    'Unsere Adresse oder Domain steht auf einer Liste von Spamhaus',
    'Der empfangende Server fragt Spamhaus, und es führt unsere Adresse (SBL, XBL, PBL, CSS) oder Domain (DBL). Eine zeitlich begrenzte Antwort anstelle eines Eintrags kann daher kommen, dass Spamhaus über einen öffentlichen Resolver gefragt wird.',
    'Die Adresse auf check.spamhaus.org nachsehen, die dort genannte Ursache beseitigen (ein befallener Host, ein offenes Formular, eine dynamische Adresse), dann um Streichung bitten.',
  ],
  'blocklist-barracuda': [
    'Unsere Adresse hat bei Barracuda einen schlechten Ruf',
    'Der empfangende Server verwendet die Rufliste von Barracuda, die unsere Adresse führt.',
    'Abstellen, was den Spam gesendet hat, dann auf barracudacentral.org um Streichung bitten.',
  ],
  'blocklist-proofpoint': [
    'Proofpoint oder Cloudmark sperrt unsere Adresse',
    'Der empfangende Server fragt den Rufdienst von Proofpoint oder Cloudmark, der unsere Adresse als Quelle von Spam führt.',
    'Dem Link in der Antwort folgen, die Ursache beseitigen und dort um Zurücksetzen bitten.',
  ],
  'fake-mx': [
    'Ein Fallenserver hat geantwortet: Ein anderer MX nimmt die Mail',
    'Der Server mit der höchsten MX-Nummer nimmt nie Mails an; er soll Spamprogramme fangen und verweist ehrliche Server an einen anderen.',
    'Nichts zu tun: Postfix versucht auch die anderen Server. Bleibt es, antworten die echten Server der Domain nicht.',
  ],
  'one-domain-per-transaction': [
    'Der Server nimmt nur eine Domain auf einmal',
    'Die Empfänger einer Übertragung gehören zu Domains, die der Server getrennt behandelt, darum will er den Rest in einer anderen.',
    'Nichts zu tun: Der Rest geht beim nächsten Versuch. Für dieses Ziel vermeidet es smtp_destination_recipient_limit = 1 (in einem eigenen Transport).',
  ],
  'blocklist-other': [
    'Unsere Adresse steht auf einer Sperrliste',
    'Der empfangende Server hat unsere Adresse auf einer DNS-Sperrliste oder auf seiner eigenen gefunden.',
    'Die Antwort nennt die Liste oder einen Link: die Adresse dort nachsehen, die Ursache beseitigen und um Streichung bitten. Ist es eine Liste, die niemand mehr betreibt, dem Postmaster auf anderem Weg Bescheid geben.',
  ],
};
