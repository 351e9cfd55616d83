// SPDX-License-Identifier: Apache-2.0
// Nanoseconds for one free and one allocation of a frame in a pool that is half full: each time another slot, another size.
#include "places.h"

enum { MEAN_PAGES = 843, MOST_SLOTS = MOST_PAGES / 2 / MEAN_PAGES };

static const struct places *places;
static struct { int first, pages; } slots[MOST_SLOTS];
static int count_of_slots;
static uint64_t seed = 42;

static void exchange(long count) {
    for (long i = 0; i < count; i++) {
        uint64_t random = next_random(&seed);
        int at = (random >> 32) % count_of_slots, pages = FRAMES[(random >> 8 & 0xffffff) % 5];
        if (slots[at].pages) places->give(slots[at].first, slots[at].pages);
        int first = places->take(pages);
        slots[at].first = first;
        slots[at].pages = first == NONE ? 0 : pages;
    }
}

static double round_of_exchanges(void) { return measure(exchange, 1000); }

int main(int count, char **words) {
    check(count == 3, "usage: pool_cost tlsf|buddy|first-fit|best-fit MEGABYTES");
    places = places_named(words[1]);
    int pages = atoi(words[2]) * 256;
    check(pages > 0 && pages <= MOST_PAGES, "256 megabytes at most");
    count_of_slots = pages / 2 / MEAN_PAGES;
    places->open(pages);
    return serve(round_of_exchanges);
}
