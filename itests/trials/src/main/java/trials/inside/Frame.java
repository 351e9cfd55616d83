// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Attachment;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import dmabuf.api.UserMapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** One worker's buffer: what is attached, mapped and written, and what the next step may be. */
final class Frame {
    private static final List<String> DEVICES = List.of("codec@38300000", "display@32e00000", "decoder@38400000");
    private static final int MAPPINGS = 3;

    private final DmaBuf buffer;
    private final Random random;
    private final Ledger ledger;
    private final TreeMap<String, Attachment> members = new TreeMap<>();
    private final List<Mapping> mappings = new ArrayList<>();
    private List<Segment> entered = List.of();
    private long written;

    Frame(DmaBuf buffer, Random random, Ledger ledger) {
        this.buffer = buffer;
        this.random = random;
        this.ledger = ledger;
    }

    /** Calls one thing on the buffer. What is refused has changed nothing. */
    void step() {
        ledger.operation();
        switch (random.nextInt(16)) {
            case 0, 1 -> attach();
            case 2, 3, 4, 5 -> map();
            case 6, 7, 8, 9 -> unmap();
            case 10 -> fill();
            case 11, 12 -> verify();
            case 13 -> detach();
            case 14 -> view();
            default -> moveOrPublish();
        }
    }

    private void attach() {
        String device = DEVICES.get(random.nextInt(DEVICES.size()));
        if (members.containsKey(device)) {
            map();
        } else {
            members.put(device, buffer.attach(device));
        }
    }

    private void detach() {
        if (members.isEmpty()) {
            attach();
        } else if (mappings.isEmpty()) {
            members.firstEntry().getValue().close();
            members.pollFirstEntry();
        } else {
            unmap();
        }
    }

    private void map() {
        if (members.isEmpty()) {
            attach();
        } else if (mappings.size() < MAPPINGS) {
            mappings.add(any(members.values()).map(request()));
            if (mappings.size() == 1) {
                List<Segment> segments = buffer.info().segments();
                ledger.enter(segments);
                entered = segments;
            }
        } else {
            unmap();
        }
    }

    private Attachment any(Collection<Attachment> attachments) {
        return attachments.stream().skip(random.nextInt(attachments.size())).findFirst().orElseThrow();
    }

    private MapRequest request() {
        MapRequest request = MapRequest.of(Direction.BIDIRECTIONAL);
        return random.nextInt(8) == 0 ? request.withTrying() : request;
    }

    private void unmap() {
        if (mappings.isEmpty()) {
            map();
        } else {
            if (mappings.size() == 1) {
                ledger.leave(entered);
                entered = List.of();
            }
            mappings.removeLast().close();
        }
    }

    private void fill() {
        if (ledger.published.containsKey(buffer.id())) {
            verify();
        } else {
            long seed = random.nextLong() | 1;
            Pattern.fill(buffer, seed);
            written = seed;
        }
    }

    /** Compares every byte. */
    void verify() {
        Pattern.verify(buffer, written);
    }

    private void view() {
        if (!mappings.isEmpty() && random.nextBoolean()) {
            mappings.getFirst().openFile();
            return;
        }
        try (UserMapping view = buffer.mapForUser(CpuRequest.of(CpuMode.READ))) {
            view.begin().close();
            ledger.operation();
        }
        ledger.operation();
    }

    private void moveOrPublish() {
        if (random.nextBoolean()) {
            buffer.move();
        } else if (buffer.info().state() == BufferState.BACKED && ledger.published.size() < 64) {
            ledger.published.put(buffer.id(), written);
        } else {
            verify();
        }
    }

    /** Gives everything back. */
    void end() {
        ledger.published.remove(buffer.id());
        ledger.leave(entered);
        mappings.forEach(Mapping::close);
        members.values().forEach(Attachment::close);
        buffer.close();
        for (int i = mappings.size() + members.size() + 1; i > 0; i--) ledger.operation();
    }
}
