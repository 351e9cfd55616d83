// SPDX-License-Identifier: Apache-2.0
// Best fit: of the free blocks that hold a request the smallest, of equal ones the lowest. D. E. Knuth, The Art of Computer
// Programming, volume 1, section 2.5. Blocks lie in an array by address, so that its cost grows with their number.
#include "places.h"

static struct block { int first, pages; } blocks[MOST_PAGES];
static int count;

static void open_best_fit(int pages) {
    blocks[0] = (struct block) {0, pages};
    count = 1;
}

static void drop(int at) { memmove(blocks + at, blocks + at + 1, sizeof *blocks * (--count - at)); }

static int take_best_fit(int pages) {
    int best = NONE;
    for (int i = 0; i < count; i++) {
        if (blocks[i].pages >= pages && (best == NONE || blocks[i].pages < blocks[best].pages)) best = i;
    }
    if (best == NONE) return NONE;
    int first = blocks[best].first;
    blocks[best].first += pages;
    if ((blocks[best].pages -= pages) == 0) drop(best);
    return first;
}

static void give_best_fit(int first, int pages) {
    int at = 0;
    while (at < count && blocks[at].first < first) at++;
    int low = at > 0 && blocks[at - 1].first + blocks[at - 1].pages == first;
    int high = at < count && first + pages == blocks[at].first;
    if (low && high) {
        blocks[at - 1].pages += pages + blocks[at].pages;
        drop(at);
    } else if (low) {
        blocks[at - 1].pages += pages;
    } else if (high) {
        blocks[at] = (struct block) {first, blocks[at].pages + pages};
    } else {
        memmove(blocks + at + 1, blocks + at, sizeof *blocks * (count++ - at));
        blocks[at] = (struct block) {first, pages};
    }
}

const struct places best_fit = {"best-fit", open_best_fit, take_best_fit, give_best_fit};
