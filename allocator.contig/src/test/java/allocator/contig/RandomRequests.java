// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import doubles.RequestDouble;
import java.util.Random;

/** Requests of up to 96 KiB for up to three devices with limits of all kinds. */
final class RandomRequests {
    private static final String[] RANGES = {
        "", "", "range=0x40008000..0x40035fff", "range=0x40000000..0x4001ffff,0x40020000..0x4003ffff"
    };

    private RandomRequests() {}

    static RequestDouble next(Random random) {
        String[] devices = new String[random.nextInt(4)];
        for (int i = 0; i < devices.length; i++) {
            devices[i] = device(random);
        }
        return RequestDouble.ofSize(1 + random.nextInt(96 << 10))
                .align(1L << random.nextInt(17))
                .direct(devices);
    }

    private static String device(Random random) {
        StringBuilder words = new StringBuilder(RANGES[random.nextInt(RANGES.length)]);
        add(words, random, " align=", 1L << random.nextInt(16));
        add(words, random, " granule=", 1L << random.nextInt(14));
        add(words, random, " maxSegments=", 1 + random.nextInt(6));
        add(words, random, " maxSegmentSize=", (1L + random.nextInt(16)) << (10 + random.nextInt(3)));
        add(words, random, " boundary=", 1L << (13 + random.nextInt(5)));
        return words.toString();
    }

    private static void add(StringBuilder words, Random random, String key, long value) {
        if (random.nextInt(3) == 0) {
            words.append(key).append(value);
        }
    }
}
