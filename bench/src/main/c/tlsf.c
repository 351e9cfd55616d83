// SPDX-License-Identifier: Apache-2.0
// Two-level segregated fit: M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator for real-time
// systems", ECRTS 2004. Good fit in constant time: sizes are rounded up to a class when searching, neighbours merge at once.
#include "places.h"

enum { CLASSES = 17, PARTS_LOG = 4, PARTS = 1 << PARTS_LOG };

static int end;
static int length[MOST_PAGES + 1];   // of the block that begins here
static int before[MOST_PAGES + 1];   // the first page of the block that ends where this one begins
static char is_free[MOST_PAGES + 1];
static int next[MOST_PAGES], previous[MOST_PAGES];
static uint32_t classes, parts[CLASSES];
static int head[CLASSES][PARTS];

static void class_of(int pages, int *class, int *part) {
    int log = 31 - __builtin_clz(pages);
    *class = log;
    *part = log < PARTS_LOG ? (pages << (PARTS_LOG - log)) & (PARTS - 1) : (pages >> (log - PARTS_LOG)) & (PARTS - 1);
}

static void insert(int first) {
    int class, part;
    class_of(length[first], &class, &part);
    is_free[first] = 1;
    previous[first] = NONE;
    next[first] = head[class][part];
    if (next[first] != NONE) previous[next[first]] = first;
    head[class][part] = first;
    parts[class] |= 1u << part;
    classes |= 1u << class;
}

static void unlink_block(int first) {
    int class, part;
    class_of(length[first], &class, &part);
    is_free[first] = 0;
    if (next[first] != NONE) previous[next[first]] = previous[first];
    if (previous[first] != NONE) {
        next[previous[first]] = next[first];
    } else if ((head[class][part] = next[first]) == NONE && !(parts[class] &= ~(1u << part))) {
        classes &= ~(1u << class);
    }
}

static void cut(int first, int pages) {
    length[first] = pages;
    before[first + pages] = first;
}

static void open_tlsf(int pages) {
    end = pages;
    classes = 0;
    memset(parts, 0, sizeof parts);
    memset(head, 0xff, sizeof head);
    memset(is_free, 0, sizeof is_free);
    before[0] = NONE;
    cut(0, pages);
    insert(0);
}

static int take_tlsf(int pages) {
    int log = 31 - __builtin_clz(pages), class, part;
    int rounded = log > PARTS_LOG ? pages + (1 << (log - PARTS_LOG)) - 1 : pages;
    class_of(rounded, &class, &part);
    uint32_t fits = class < CLASSES ? parts[class] & (~0u << part) : 0;
    if (!fits) {
        uint32_t larger = class + 1 < CLASSES ? classes & (~0u << (class + 1)) : 0;
        if (!larger) return NONE;
        class = __builtin_ctz(larger);
        fits = parts[class];
    }
    int first = head[class][__builtin_ctz(fits)], had = length[first];
    unlink_block(first);
    cut(first, pages);
    if (had > pages) {
        cut(first + pages, had - pages);
        insert(first + pages);
    }
    return first;
}

static void give_tlsf(int first, int pages) {
    int after = first + pages;
    if (after < end && is_free[after]) {
        unlink_block(after);
        pages += length[after];
    }
    if (before[first] != NONE && is_free[before[first]]) {
        unlink_block(before[first]);
        pages += first - before[first];
        first = before[first];
    }
    cut(first, pages);
    insert(first);
}

const struct places tlsf = {"tlsf", open_tlsf, take_tlsf, give_tlsf};
