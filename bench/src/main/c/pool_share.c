// SPDX-License-Identifier: Apache-2.0
// The share of a pool of 64 MiB that is live when a request is refused although its size is free, or when no frame fits any
// more: the mean of BENCH_SEEDS seeds. A frame lives for a random number of steps; each step asks for one that would fit by its size.
#include "places.h"

enum { PAGES = 16384, MOST_LIVES = PAGES / 16, LONGEST = 67 };

static double share(const struct places *places, uint64_t seed) {
    struct { int first, pages, until; } live[MOST_LIVES];
    int lives = 0, used = 0;
    places->open(PAGES);
    for (int step = 0;; step++) {
        for (int i = 0; i < lives; i++) {
            if (live[i].until <= step) {
                places->give(live[i].first, live[i].pages);
                used -= live[i].pages;
                live[i--] = live[--lives];
            }
        }
        if (PAGES - used < 16) return (double) used / PAGES;
        int pages;
        do pages = FRAMES[(next_random(&seed) >> 8 & 0xffffff) % 5];
        while (pages > PAGES - used);
        int first = places->take(pages);
        if (first == NONE) return (double) used / PAGES;
        live[lives].first = first;
        live[lives].pages = pages;
        live[lives++].until = step + 1 + (int) ((next_random(&seed) >> 8 & 0xffffff) % LONGEST);
        used += pages;
    }
}

static const struct places *places;
static uint64_t seed = 1;

static double round_of_seeds(void) {
    const char *word = getenv("BENCH_SEEDS");
    int seeds = word ? atoi(word) : 20;
    double sum = 0;
    for (int i = 0; i < seeds; i++) sum += share(places, seed++ * 0x9E3779B97F4A7C15ull);
    return sum / seeds;
}

int main(int count, char **words) {
    check(count == 2, "usage: pool_share tlsf|buddy|first-fit|best-fit");
    places = places_named(words[1]);
    return serve(round_of_seeds);
}
