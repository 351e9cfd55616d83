// SPDX-License-Identifier: Apache-2.0
// What all peers in C share: a resident program that is told `round` by a line on its input and answers with one number.
#ifndef PEER_H
#define PEER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The compiler must take it that the value is looked at.
#define KEEP(value) __asm__ volatile("" : : "g"(value) : "memory")

static inline double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static inline void check(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

// xorshift64*, Marsaglia 2003 and Vigna 2016: random enough to vary inputs.
static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Dull;
}

static inline double round_ns(void) {
    const char *millis = getenv("BENCH_ROUND_MILLIS");
    return (millis ? atof(millis) : 500) * 1e6;
}

// Does `batch` operations at a time until a round is over; answers nanoseconds for each.
static inline double measure(void (*operations)(long), long batch) {
    double began = now_ns(), least = round_ns(), passed;
    long done = 0;
    do {
        operations(batch);
        done += batch;
        passed = now_ns() - began;
    } while (passed < least);
    return passed / done;
}

// Warms up, says so, and serves rounds until its input ends.
static inline int serve(double (*round)(void)) {
    char line[64];
    round();
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        printf("%.6f\n", round());
        fflush(stdout);
    }
    return 0;
}

#endif
