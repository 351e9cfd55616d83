// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.util.List;

/** The frames of rows 9 and 10; {@code places.h} has the same. */
final class Frames {
    static final long PAGE = 4096;

    /** NV12 at 720p, 1080p and 4K in whole pages, then 64 KiB and 256 KiB. */
    static final List<Long> BYTES = List.of(338 * PAGE, 760 * PAGE, 3038 * PAGE, 16 * PAGE, 64 * PAGE);

    private Frames() {}
}
