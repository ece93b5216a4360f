/* One-time passwords: the second step of signing in, and setting one up. */
import type { oneTimeWords as English } from '../en/oneTime';
import { n } from '../number';

export const oneTimeWords: typeof English = {
  title: 'Einmalpasswort',
  step: {
    title: 'Noch ein Schritt',
    what: 'Die sechs Ziffern, die die Authenticator-App jetzt zeigt, oder einer der Ersatzcodes.',
    code: 'Code',
    button: 'Anmelden',
    back: 'Von vorn',
  },
  what: 'Damit reicht ein gestohlenes Passwort nicht zur Anmeldung: Eine App auf dem Telefon zeigt sechs Ziffern, alle 30 Sekunden neue.',
  off: 'Für diese Anmeldung gibt es keines: {setting} ist auf diesem Host aus, oder die Anmeldung war nicht mit Passwort.',
  none: 'Es ist keines eingerichtet.',
  required: 'Hier ist ein Einmalpasswort nötig. Nach dem Einrichten geht es weiter: Es braucht eine Minute und eine Authenticator-App.',
  since: 'Eingerichtet {time}.',
  codesLeft: (value) =>
    value === 0
      ? 'Kein Ersatzcode ist übrig. Für neue: abnehmen und neu einrichten.'
      : n(value, { one: '# Ersatzcode ist übrig.', other: '# Ersatzcodes sind übrig.' }),
  begin: 'Einrichten',
  first: 'Ein offener Browser allein darf dafür nicht genügen.',
  goOn: 'Weiter',
  scan: 'Dieses Bild mit der Authenticator-App scannen.',
  picture: 'QR-Code für die Authenticator-App; der Text daneben sagt dasselbe',
  byHand: 'Oder diesen Schlüssel eintippen:',
  enter: 'Danach die sechs Ziffern eingeben, die sie zeigt.',
  confirm: 'Bestätigen',
  wrong: 'Das zeigt die App jetzt nicht. Geht die Uhr des Telefons richtig?',
  codes: {
    title: 'Die Ersatzcodes',
    what: 'Jeder öffnet das Konto einmal, wenn das Telefon fehlt. Sie sind nur dieses eine Mal zu sehen: dort aufbewahren, wo das Telefon nicht ist.',
    copy: 'Alle kopieren',
    save: 'Als Datei sichern',
    file: 'postroom-ersatzcodes.txt',
    kept: 'Sie sind aufbewahrt',
  },
  stays: 'Hier ist es nötig: Wird es abgenommen, geht es erst nach dem Einrichten eines neuen weiter.',
  take: 'Abnehmen',
  takeTitle: 'Das Einmalpasswort abnehmen?',
  takeWhat: 'Danach reicht zur Anmeldung das Passwort. Passwort und Code zeigen, dass wirklich der Besitzer des Kontos fragt.',
  taken: 'Das Einmalpasswort ist abgenommen.',
};
