// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What somebody would write who knows his fields and his allocators: intersect, take the larger, take the smaller, find the
 * allocators whose memory the devices reach. A refusal names the first devices that it meets and why each allocator is out.
 * No alternatives, no IOMMU, no pools, no test of single devices, no smallest conflict.
 */
final class WrittenMerge {
    /** A device. */
    record Device(String name, long low, long high, long alignment, int maxSegments) {}

    /** An allocator. */
    record Pool(String id, long base, long byteSize) {
        boolean matches(Device device) {
            return base <= device.high && base + byteSize - 1 >= device.low;
        }
    }

    /** What was agreed. */
    record Merged(long low, long high, long alignment, int maxSegments, List<String> candidates) {}

    /** Why not. */
    record Refusal(String text, List<String> devices, List<String> reasons) {}

    private final Map<String, Device> devices = new HashMap<>();
    private final List<Pool> pools = new ArrayList<>();

    void addDevice(String name, long low, long high, long alignment, int maxSegments) {
        devices.put(name, new Device(name, low, high, alignment, maxSegments));
    }

    void addAllocator(String id, long base, long byteSize) {
        pools.add(new Pool(id, base, byteSize));
    }

    Question question(long byteSize, List<String> names) {
        return new Question(byteSize, names.stream().map(devices::get).toArray(Device[]::new), pools.toArray(Pool[]::new));
    }

    /** One question. */
    static final class Question {
        private final long byteSize;
        private final Device[] devices;
        private final Pool[] pools;

        private Question(long byteSize, Device[] devices, Pool[] pools) {
            this.byteSize = byteSize;
            this.devices = devices;
            this.pools = pools;
        }

        boolean agrees() {
            return ask() instanceof Merged;
        }

        Object ask() {
            long low = 0;
            long high = Long.MAX_VALUE;
            long alignment = 1;
            int segments = Integer.MAX_VALUE;
            for (Device device : devices) {
                low = Math.max(low, device.low);
                high = Math.min(high, device.high);
                alignment = Math.max(alignment, device.alignment);
                segments = Math.min(segments, device.maxSegments);
            }
            if (high - ((low + alignment - 1) & -alignment) + 1 < byteSize) {
                return refused("the ranges of the devices have no room for it in common: " + low + ".." + high);
            }
            List<String> candidates = new ArrayList<>(pools.length);
            for (Pool pool : pools) {
                if (allMatch(pool)) {
                    candidates.add(pool.id);
                }
            }
            return candidates.isEmpty()
                    ? refused("no allocator serves all of them")
                    : new Merged(low, high, alignment, segments, candidates);
        }

        private boolean allMatch(Pool pool) {
            for (Device device : devices) {
                if (!pool.matches(device)) {
                    return false;
                }
            }
            return true;
        }

        private Refusal refused(String text) {
            List<String> names = new ArrayList<>(devices.length);
            for (Device device : devices) {
                names.add(device.name);
            }
            List<String> reasons = new ArrayList<>(pools.length);
            for (Pool pool : pools) {
                for (Device device : devices) {
                    if (!pool.matches(device)) {
                        reasons.add(pool.id + " does not serve " + device.name);
                        break;
                    }
                }
            }
            return new Refusal(text, names, reasons);
        }
    }
}
