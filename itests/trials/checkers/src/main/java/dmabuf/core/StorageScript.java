// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.PlacementPromise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an input says, a line for each: {@code size N}, {@code align N}, {@code device CONSTRAINTS}, {@code memory N},
 * {@code segment ADDRESS+LENGTH}, {@code promise PIECE ALIGNMENT RANGES}, and the words {@code verified}, {@code same} (one
 * memory for all), {@code fresh} (other addresses each time), {@code null}, {@code throw REASON} and {@code error}.
 *
 * @param byteSize of the buffer
 * @param alignment of the buffer
 * @param devices how the devices reach memory
 * @param memorySize what the allocator obtains
 * @param segments where it says that lies
 * @param promise what it says instead
 * @param words the words that stand alone
 * @param fails with what it fails
 */
record StorageScript(
        long byteSize, long alignment, List<DmaPath> devices, long memorySize, List<Segment> segments,
        Optional<PlacementPromise> promise, List<String> words, Optional<Reason> fails) {
    private static final int MOST_DEVICES = 3;
    private static final int MOST_SEGMENTS = 64;

    /** Reads an input; INVALID when it says nothing that can be done. */
    static StorageScript of(byte[] input) {
        Reading reading = new Reading();
        try {
            new String(input, StandardCharsets.UTF_8).lines().forEach(line -> reading.line(line.split(" ", 2)));
        } catch (IllegalArgumentException e) {
            throw new DmaBufException(Reason.INVALID, String.valueOf(e.getMessage()), e);
        }
        return new StorageScript(
                reading.byteSize, reading.alignment, reading.devices, reading.memorySize, reading.segments,
                reading.promise, reading.words, reading.fails);
    }

    boolean says(String word) {
        return words.contains(word);
    }

    private static final class Reading {
        private long byteSize = 4096;
        private long alignment = 1;
        private long memorySize = 4096;
        private final List<DmaPath> devices = new ArrayList<>();
        private final List<Segment> segments = new ArrayList<>();
        private final List<String> words = new ArrayList<>();
        private Optional<PlacementPromise> promise = Optional.empty();
        private Optional<Reason> fails = Optional.empty();

        private void line(String[] words) {
            String rest = words.length > 1 ? words[1] : "";
            switch (words[0]) {
                case "size" -> byteSize = Quantity.parse(rest);
                case "align" -> alignment = Quantity.parse(rest);
                case "memory" -> memorySize = Quantity.parse(rest);
                case "device" -> device(rest);
                case "segment" -> segment(rest);
                case "promise" -> promise = Optional.of(promise(rest.split(" ", 3)));
                case "throw" -> fails = Optional.of(Reason.valueOf(rest));
                default -> this.words.add(words[0]);
            }
        }

        private void device(String text) {
            if (devices.size() < MOST_DEVICES) {
                devices.add(DmaPath.parse(text));
            }
        }

        private void segment(String text) {
            int plus = text.indexOf('+');
            if (plus > 0 && segments.size() < MOST_SEGMENTS) {
                segments.add(new Segment(
                        Quantity.parse(text.substring(0, plus)), Quantity.parse(text.substring(plus + 1))));
            }
        }

        private static PlacementPromise promise(String[] words) {
            if (words.length < 3) {
                throw new IllegalArgumentException("promise PIECE ALIGNMENT RANGES");
            }
            return new PlacementPromise(
                    Quantity.parse(words[0]), Quantity.parse(words[1]), AddressRanges.parse(words[2]));
        }
    }
}
