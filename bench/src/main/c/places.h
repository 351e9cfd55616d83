// SPDX-License-Identifier: Apache-2.0
// Four ways to find a place in a pool of pages. The books lie beside the memory, as for memory that the CPU does not see.
// Each is written for this comparison from the description of its algorithm.
#ifndef PLACES_H
#define PLACES_H

#include "peer.h"

enum { MOST_PAGES = 1 << 16, NONE = -1 };

struct places {
    const char *name;
    void (*open)(int pages);
    int (*take)(int pages);              // the first page, or NONE
    void (*give)(int first, int pages);
};

extern const struct places tlsf, buddy, first_fit, best_fit;

// NV12 at 720p, 1080p and 4K, then 64 KiB and 256 KiB, in pages of 4 KiB.
static const int FRAMES[] = {338, 760, 3038, 16, 64};

static inline const struct places *places_named(const char *name) {
    static const struct places *all[] = {&tlsf, &buddy, &first_fit, &best_fit};
    for (int i = 0; i < 4; i++) {
        if (!strcmp(all[i]->name, name)) return all[i];
    }
    check(0, name);
    return NULL;
}

#endif
