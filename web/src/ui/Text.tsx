/* A stranger's text: isolated in direction, invisible characters as marks. All of it goes through here. */
import { pieces, plain } from '../lib/text';
import { W } from '../words';

const nameOf = (code: number): string => W.invisible[code] ?? (code < 0xa0 ? W.controlCharacter : W.invisibleCharacter);

export function Text({ text, class: extra }: { text: string; class?: string }) {
  return (
    <bdi class={extra}>
      {pieces(text).map((piece) =>
        'text' in piece ? (
          piece.text
        ) : (
          <span class="mark" title={W.marks(piece.mark, nameOf(piece.code))}>
            {piece.mark}
          </span>
        ),
      )}
    </bdi>
  );
}

/** An envelope sender; the null sender has a name of its own. */
export function Sender({ address }: { address: string }) {
  return address === '' ? (
    <span class="null-sender" title={W.nullSenderTitle}>
      {W.nullSender}
    </span>
  ) : (
    <Text text={address} />
  );
}

export const senderText = (address: string): string => (address === '' ? W.nullSender : plain(address));
