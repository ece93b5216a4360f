/* Whether the table has room for columns, or shows two-line cards. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const NARROW = '(max-width: 760px)';

export function useNarrow() {
  const narrow = useSignal(matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const change = () => {
      narrow.value = query.matches;
    };
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return narrow;
}
