// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.SgTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * Many buffers: {@code fill COUNT} makes them, in turn mapped, idle and deferred; {@code on ALLOCATOR} answers how many have storage of an
 * allocator; {@code verify} compares every byte and every table, lets go of the mapped ones, maps all once more and compares again;
 * {@code free} frees them.
 */
public final class Crowd implements BundleActivator {
    private static final String DEVICE = "crowd.device";

    private final List<Member> members = new ArrayList<>();

    /** A buffer, and the table that a device was given for as long as it is mapped. */
    private record Member(DmaBuf buffer, Attachment attachment, Optional<Mapping> mapping, Optional<SgTable> table, long seed) {
        void verify() {
            if (seed == 0) {
                isDeferred();
            } else {
                Pattern.verify(buffer, seed);
            }
            mapping.ifPresent(this::unmap);
            attachment.map(Direction.TO_DEVICE).close();
            Pattern.verify(buffer, seed);
        }

        private void isDeferred() {
            if (buffer.info().state() != BufferState.DEFERRED) {
                throw new AssertionError("nobody asked for storage: " + buffer.info());
            }
        }

        private void unmap(Mapping mapped) {
            if (!mapped.table().equals(table.orElseThrow())) {
                throw new AssertionError("the table changed while it was mapped: " + buffer.info());
            }
            mapped.close();
        }

        void free() {
            attachment.close();
            buffer.close();
        }
    }

    @Override
    public void start(BundleContext context) {
        Services.device(context, DEVICE, "");
        Exporter exporter = Services.exporter(context);
        Services.obey(context, "crowd", words -> obey(exporter, words));
    }

    private Object obey(Exporter exporter, String words) {
        String[] word = words.split(" ", -1);
        return switch (word[0]) {
            case "fill" -> fill(exporter, Integer.parseInt(word[1]));
            case "on" -> members.stream().map(member -> member.buffer.info()).filter(info -> isOn(info, word[1])).count();
            case "verify" -> verify();
            case "free" -> free();
            default -> throw new IllegalArgumentException(words);
        };
    }

    private static boolean isOn(BufferInfo info, String allocator) {
        return info.allocator().equals(Optional.of(allocator));
    }

    private int fill(Exporter exporter, int count) {
        for (int number = 1; number <= count; number++) members.add(member(exporter, number));
        return members.size();
    }

    private static Member member(Exporter exporter, int number) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(3000 + number % 3000));
        Attachment attachment = buffer.attach(DEVICE);
        if (number % 3 == 0) {
            return new Member(buffer, attachment, Optional.empty(), Optional.empty(), 0);
        }
        Pattern.fill(buffer, number);
        if (number % 3 == 1) {
            return new Member(buffer, attachment, Optional.empty(), Optional.empty(), number);
        }
        Mapping mapping = attachment.map(Direction.BIDIRECTIONAL);
        return new Member(buffer, attachment, Optional.of(mapping), Optional.of(mapping.table()), number);
    }

    private int verify() {
        members.forEach(Member::verify);
        return members.size();
    }

    private int free() {
        int count = members.size();
        members.forEach(Member::free);
        members.clear();
        return count;
    }

    @Override
    public void stop(BundleContext context) {}
}
