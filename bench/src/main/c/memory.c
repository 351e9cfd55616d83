// SPDX-License-Identifier: Apache-2.0
// What the C library and the kernel do with memory: `memset` of so many bytes of resident shared memory with a
// touch of each page after it, `memcpy` of as many, and
// `fresh`: memfd_create, ftruncate, mmap, a touch of each page, munmap, close. `heap`: a dma-buf of the system heap, mapped, an
// access begun and ended by DMA_BUF_IOCTL_SYNC, unmapped, closed.
#define _GNU_SOURCE
#include "peer.h"
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t size;
static char *from, *to;

static char *resident(void) {
    int descriptor = memfd_create("peer", MFD_CLOEXEC);
    check(descriptor >= 0 && ftruncate(descriptor, size) == 0, "memfd");
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    check(at != MAP_FAILED, "mmap");
    memset(at, 1, size);
    return at;
}

static void touch(char *at, char value) {
    for (size_t byte = 0; byte < size; byte += 4096) ((volatile char *) at)[byte] = value;
}

static void set(long count) {
    for (long i = 0; i < count; i++) {
        memset(to, 0, size);
        touch(to, (char) i);
    }
}

static void copy(long count) {
    for (long i = 0; i < count; i++) {
        memcpy(i & 1 ? to : from, i & 1 ? from : to, size);
        KEEP(to);
    }
}

static void fresh(long count) {
    for (long i = 0; i < count; i++) {
        int descriptor = memfd_create("peer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        check(descriptor >= 0 && ftruncate(descriptor, size) == 0, "memfd");
        char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        check(at != MAP_FAILED, "mmap");
        touch(at, (char) i);
        check(munmap(at, size) == 0 && close(descriptor) == 0, "munmap");
    }
}

static int heap = -1;

static void heap_cycle(long count) {
    for (long i = 0; i < count; i++) {
        struct dma_heap_allocation_data made = {.len = size, .fd_flags = O_RDWR | O_CLOEXEC};
        check(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &made) == 0, "DMA_HEAP_IOCTL_ALLOC");
        char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, made.fd, 0);
        check(at != MAP_FAILED, "mmap");
        struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
        check(ioctl(made.fd, DMA_BUF_IOCTL_SYNC, &sync) == 0, "DMA_BUF_IOCTL_SYNC");
        sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
        check(ioctl(made.fd, DMA_BUF_IOCTL_SYNC, &sync) == 0, "DMA_BUF_IOCTL_SYNC");
        check(munmap(at, size) == 0 && close(made.fd) == 0, "munmap");
    }
}

static void (*work)(long);

static double round_of_work(void) { return measure(work, 1); }

int main(int count, char **words) {
    check(count == 3, "usage: memory memset|memcpy|fresh|heap BYTES");
    size = strtoull(words[2], NULL, 10);
    work = !strcmp(words[1], "memset") ? set : !strcmp(words[1], "memcpy") ? copy : !strcmp(words[1], "heap") ? heap_cycle : fresh;
    if (work == heap_cycle && (heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC)) < 0) {
        puts("skipped: /dev/dma_heap/system cannot be opened");
        return 0;
    }
    if (work == set || work == copy) {
        from = resident();
        to = resident();
    }
    return serve(round_of_work);
}
