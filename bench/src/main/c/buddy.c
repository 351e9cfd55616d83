// SPDX-License-Identifier: Apache-2.0
// Binary buddies: D. E. Knuth, The Art of Computer Programming, volume 1, section 2.5, algorithms R and S; K. C. Knowlton 1965.
// What a request leaves of its block goes back in smaller blocks at once, or half of a pool of frames would be padding.
#include "places.h"

enum { ORDERS = 17 };

static int top;
static int head[ORDERS];
static int next[MOST_PAGES], previous[MOST_PAGES];
static signed char order_of[MOST_PAGES]; // of the free block that begins here, else NONE

static void insert(int first, int order) {
    order_of[first] = order;
    previous[first] = NONE;
    next[first] = head[order];
    if (next[first] != NONE) previous[next[first]] = first;
    head[order] = first;
}

static void unlink_block(int first) {
    int order = order_of[first];
    order_of[first] = NONE;
    if (next[first] != NONE) previous[next[first]] = previous[first];
    if (previous[first] != NONE) next[previous[first]] = next[first];
    else head[order] = next[first];
}

static void give_block(int first, int order) {
    while (order < top && order_of[first ^ (1 << order)] == order) {
        unlink_block(first ^ (1 << order));
        first &= ~(1 << order);
        order++;
    }
    insert(first, order);
}

static void give_buddy(int first, int pages) {
    while (pages > 0) {
        int fits = 31 - __builtin_clz(pages), aligned = first ? __builtin_ctz(first) : top;
        int order = fits < aligned ? fits : aligned;
        give_block(first, order);
        first += 1 << order;
        pages -= 1 << order;
    }
}

static int take_buddy(int pages) {
    int wanted = pages == 1 ? 0 : 32 - __builtin_clz(pages - 1), order = wanted;
    while (order <= top && head[order] == NONE) order++;
    if (order > top) return NONE;
    int first = head[order];
    unlink_block(first);
    while (order > wanted) {
        order--;
        insert(first + (1 << order), order);
    }
    give_buddy(first + pages, (1 << wanted) - pages);
    return first;
}

static void open_buddy(int pages) {
    top = 31 - __builtin_clz(pages);
    memset(head, 0xff, sizeof head);
    memset(order_of, 0xff, sizeof order_of);
    give_buddy(0, pages);
}

const struct places buddy = {"buddy", open_buddy, take_buddy, give_buddy};
