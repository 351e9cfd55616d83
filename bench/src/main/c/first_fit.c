// SPDX-License-Identifier: Apache-2.0
// First fit over a bitmap with a bit for each page, lowest address first, as Linux's contiguous memory allocator finds a range
// (described in Documentation/mm and M. Nazarewicz, "A deep dive into CMA", LWN 2012); here without alignment.
#include "places.h"

static int end;
static uint64_t taken[MOST_PAGES / 64 + 1];

// The first page from `page` on whose bit is `bit`, or the end.
static int find(int page, int bit) {
    int word = page / 64;
    uint64_t flip = bit ? 0 : ~0ull;
    if (page >= end) return end;
    uint64_t bits = (taken[word] ^ flip) & (~0ull << (page % 64));
    while (!bits) {
        if (++word * 64 >= end) return end;
        bits = taken[word] ^ flip;
    }
    int found = word * 64 + __builtin_ctzll(bits);
    return found < end ? found : end;
}

static void mark(int first, int pages, int bit) {
    while (pages > 0) {
        int from = first % 64, count = 64 - from < pages ? 64 - from : pages;
        uint64_t mask = (count == 64 ? ~0ull : (1ull << count) - 1) << from;
        if (bit) taken[first / 64] |= mask;
        else taken[first / 64] &= ~mask;
        first += count;
        pages -= count;
    }
}

static void open_first_fit(int pages) {
    end = pages;
    memset(taken, 0, sizeof taken);
}

static int take_first_fit(int pages) {
    for (int first = find(0, 0); first + pages <= end; ) {
        int busy = find(first, 1);
        if (busy - first >= pages) {
            mark(first, pages, 1);
            return first;
        }
        first = find(busy, 0);
    }
    return NONE;
}

static void give_first_fit(int first, int pages) { mark(first, pages, 0); }

const struct places first_fit = {"first-fit", open_first_fit, take_first_fit, give_first_fit};
