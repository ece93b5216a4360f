/* Pages of a hundred, for those who would rather not scroll. */
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { W } from '../words';

export const PAGE_ROWS = 100;

export function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  return (
    <nav class="pager" aria-label={W.pages}>
      <button type="button" class="button small" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <Icon name="chevron-left" /> {W.previous}
      </button>
      <label>
        <Phrase
          text={W.page(pages)}
          parts={{
            input: (
              <input
                type="number"
                min={1}
                max={pages}
                value={page + 1}
                onChange={(event) => onPage(Math.min(Math.max(Number(event.currentTarget.value) || 1, 1), pages) - 1)}
              />
            ),
          }}
        />
      </label>
      <button type="button" class="button small" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        {W.next} <Icon name="chevron-right" />
      </button>
    </nav>
  );
}
