// SPDX-License-Identifier: Apache-2.0
// GStreamer's GstBufferPool with buffers of 1 MiB: `acquire` and release, or `map` for writing and unmap as well; so many threads.
#include "peer.h"
#include <gst/gst.h>
#include <pthread.h>

static GstBufferPool *pool;
static int mapping;
static int threads;
static pthread_barrier_t start;

static void cycles(long count) {
    for (long i = 0; i < count; i++) {
        GstBuffer *buffer;
        check(gst_buffer_pool_acquire_buffer(pool, &buffer, NULL) == GST_FLOW_OK, "acquire");
        if (mapping) {
            GstMapInfo info;
            check(gst_buffer_map(buffer, &info, i & 1 ? GST_MAP_READ : GST_MAP_READWRITE), "map");
            KEEP(info.data);
            gst_buffer_unmap(buffer, &info);
        }
        gst_buffer_unref(buffer);
    }
}

static void *one_thread(void *mean) {
    pthread_barrier_wait(&start);
    *(double *) mean = measure(cycles, 1000);
    return NULL;
}

static double round_of_threads(void) {
    pthread_t thread[16];
    double mean[16], sum = 0;
    pthread_barrier_init(&start, NULL, threads);
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, one_thread, &mean[i]);
    for (int i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        sum += mean[i];
    }
    pthread_barrier_destroy(&start);
    return sum / threads;
}

int main(int count, char **words) {
    check(count == 3, "usage: gstpool acquire|map THREADS");
    mapping = strcmp(words[1], "map") == 0;
    threads = atoi(words[2]);
    check(threads >= 1 && threads <= 16, "threads");
    gst_init(NULL, NULL);
    pool = gst_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, NULL, 1 << 20, 4, 4);
    check(gst_buffer_pool_set_config(pool, config), "configure");
    check(gst_buffer_pool_set_active(pool, TRUE), "activate");
    return serve(round_of_threads);
}
