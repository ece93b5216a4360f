#include "index/columns/grow.h"

size_t grow_capacity(size_t cap, size_t need)
{
	size_t next = cap < 256 ? 256 : cap < 4096 ? cap * 2 : cap + cap / 8;

	return next < need ? need : next;
}
