/* Vector instructions look at 16 or 32 places at once for the two rarest bytes of each needle;
 * only where both are, the needle is compared. Rare bytes make that seldom: the first and last
 * byte of `.com` are nearly everywhere, `@` and `x` are not. */
#include "filter/needle_search.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "filter/block.h"

#define NARROW 16
#define WIDE NEEDLE_WIDE

/* How common a byte is in addresses and replies: what is not in the list is rare. A wrong guess
 * costs time alone. */
static size_t rarity(char c)
{
	static const char common[] = "e ait0osnrl.mdu1pc-4272h3865f9b@gywv";
	const char *at = c ? strchr(common, c) : NULL;

	return at ? (size_t)(at - common) : sizeof(common);
}

static void set_probe(struct needle *n, int which, size_t at)
{
	char c = n->text.data[at];

	n->at[which] = at;
	n->byte[which] = (uint8_t)c;
	n->bit[which] = (unsigned char)(c - 'a') < 26 ? 0x20 : 0;
}

/* Two bytes suffice: with more, a block would cost more than the comparisons that are saved. */
static struct needle make_needle(struct slice text)
{
	struct needle n = {.text = text};
	size_t first = 0, second = text.len - 1;

	for (size_t i = 1; i < text.len; i++) {
		if (rarity(text.data[i]) > rarity(text.data[first]))
			first = i;
	}
	second = first == second ? 0 : second;
	for (size_t i = 0; i < text.len; i++) {
		if (i != first && rarity(text.data[i]) > rarity(text.data[second]))
			second = i;
	}
	set_probe(&n, 0, first);
	set_probe(&n, 1, second);
	return n;
}

void needle_search_init(struct needle_search *s, const struct slice *texts, size_t count)
{
	*s = (struct needle_search){.count = count};
	for (size_t i = 0; i < count; i++) {
		s->needle[i] = make_needle(texts[i]);
		if (texts[i].len > s->longest)
			s->longest = texts[i].len;
	}
#ifdef __x86_64__
	s->wide = __builtin_cpu_supports("avx2");
#endif
	for (size_t i = 0; s->wide && i < count; i++) {
		for (size_t k = 0; k < 2; k++) {
			memset(s->wide_needle[i].byte[k], s->needle[i].byte[k], NEEDLE_WIDE);
			memset(s->wide_needle[i].bit[k], s->needle[i].bit[k], NEEDLE_WIDE);
		}
	}
}

/* ---- Places worth a look ---- */

static block hits_of(const struct needle *n, const char *text)
{
	return (block)((block_load(text + n->at[0]) | n->bit[0]) == n->byte[0]) &
	       (block)((block_load(text + n->at[1]) | n->bit[1]) == n->byte[1]);
}

/* From `at` to `end`, where there is room for NARROW places and the longest needle: the places of
 * the first block with one that is worth a look, a bit each, and in *at where it begins. */
static uint32_t next_narrow(const struct needle_search *s, const char *text, size_t *at, size_t end)
{
	for (; *at < end && end - *at >= NARROW; *at += NARROW) {
		block hits = {0};
		uint32_t bits = 0;
		for (size_t i = 0; i < s->count; i++)
			hits |= hits_of(&s->needle[i], text + *at);
		if (!block_any(hits))
			continue;
		for (unsigned i = 0; i < NARROW; i++)
			bits |= (uint32_t)(hits[i] & 1) << i;
		return bits;
	}
	return 0;
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i wide_load(const void *p)
{
	return _mm256_loadu_si256(p);
}

AVX2 static inline __m256i wide_hits(
    const struct needle *n, const struct needle_wide *w, const char *text)
{
	__m256i first = wide_load(text + n->at[0]), second = wide_load(text + n->at[1]);

	first = _mm256_or_si256(first, wide_load(w->bit[0]));
	second = _mm256_or_si256(second, wide_load(w->bit[1]));
	return _mm256_and_si256(_mm256_cmpeq_epi8(first, wide_load(w->byte[0])),
	    _mm256_cmpeq_epi8(second, wide_load(w->byte[1])));
}

/* What next_narrow does, WIDE places at a time; four times that while nothing is found, so that a
 * needle's bytes are fetched once for all four. */
AVX2 static uint32_t next_wide(
    const struct needle_search *s, const char *text, size_t *place, size_t end)
{
	const struct needle_wide *wide = s->wide_needle;
	size_t at = *place, count = s->count;

	for (; at < end && end - at >= 4 * WIDE; at += 4 * WIDE) {
		const char *t = text + at;
		__m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
		for (size_t i = 0; i < count; i++) {
			const struct needle *n = &s->needle[i];
			a = _mm256_or_si256(a, wide_hits(n, &wide[i], t));
			b = _mm256_or_si256(b, wide_hits(n, &wide[i], t + WIDE));
			c = _mm256_or_si256(c, wide_hits(n, &wide[i], t + 2 * WIDE));
			d = _mm256_or_si256(d, wide_hits(n, &wide[i], t + 3 * WIDE));
		}
		a = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
		if (!_mm256_testz_si256(a, a))
			break;
	}
	for (; at < end && end - at >= WIDE; at += WIDE) {
		__m256i hits = _mm256_setzero_si256();
		for (size_t i = 0; i < count; i++)
			hits = _mm256_or_si256(hits, wide_hits(&s->needle[i], &wide[i], text + at));
		if (!_mm256_testz_si256(hits, hits)) {
			*place = at;
			return (uint32_t)_mm256_movemask_epi8(hits);
		}
	}
	*place = at;
	return 0;
}
#endif

static uint32_t next_block(const struct needle_search *s, const char *text, size_t *at, size_t end)
{
#ifdef __x86_64__
	uint32_t bits = s->wide ? next_wide(s, text, at, end) : 0;

	if (bits != 0)
		return bits;
#endif
	return next_narrow(s, text, at, end);
}

/* ---- A look ---- */

/* The length of the shortest needle that is at a place; 0: none. */
static size_t compare_at(
    const struct needle_search *s, const char *place, size_t left, size_t *vain)
{
	size_t shortest = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct needle *n = &s->needle[i];
		size_t same = 0;
		if (n->text.len > left || block_fold_char(place[n->at[0]]) != (char)n->byte[0])
			continue;
		while (same < n->text.len && block_fold_char(place[same]) == n->text.data[same])
			same++;
		if (same == n->text.len && (shortest == 0 || same < shortest))
			shortest = same;
		*vain += same;
	}
	return shortest;
}

size_t needle_search_next(const struct needle_search *s, struct slice piece, size_t at, size_t *len,
    size_t *vain, size_t vain_max)
{
	size_t end = piece.len >= s->longest ? piece.len - s->longest + 1 : 0;
	uint32_t bits;

	while ((bits = next_block(s, piece.data, &at, end)) != 0) {
		for (; bits != 0; bits &= bits - 1) {
			size_t place = at + (size_t)__builtin_ctz(bits);
			*len = compare_at(s, piece.data + place, piece.len - place, vain);
			if (*len > 0 || *vain > vain_max)
				return place;
		}
		at += s->wide && end - at >= WIDE ? WIDE : NARROW;
	}
	for (; at < piece.len; at++) {
		*len = compare_at(s, piece.data + at, piece.len - at, vain);
		if (*len > 0 || *vain > vain_max)
			return at;
	}
	return piece.len;
}
