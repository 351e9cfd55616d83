// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * Who stays while others come and go: {@code mapped}, {@code idle} and {@code deferred} each make a buffer and leave it so,
 * {@code open ID SEED} takes a reference to somebody else's, in which that pattern is, and answers whether it got it; {@code verify}
 * compares every byte, frees all, and answers how many they were; {@code buffers} answers how many live in the whole gateway, and
 * {@code others} how many of them it has nothing to do with.
 */
public final class Resident implements BundleActivator {
    private static final int SIZE = 12_000;
    private static final String DEVICE = "resident.device";

    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Deque<Shared> opened = new ArrayDeque<>();
    private long seed;

    private record Shared(DmaBuf buffer, long seed) {
        void verify() {
            Pattern.verify(buffer, seed);
            Pattern.fill(buffer, ~seed);
            Pattern.verify(buffer, ~seed);
            buffer.close();
        }
    }

    private record Frame(DmaBuf buffer, Attachment member, long seed, boolean filled, Deque<Mapping> mappings) {
        void verify() {
            if (filled) {
                Pattern.verify(buffer, seed);
            }
            mappings.forEach(Mapping::close);
            member.map(Direction.TO_DEVICE).close();
            if (filled) {
                Pattern.verify(buffer, seed);
            }
            member.close();
            buffer.close();
        }
    }

    @Override
    public void start(BundleContext context) {
        Services.device(context, DEVICE, "align=4K");
        Exporter exporter = Services.exporter(context);
        Services.obey(context, "resident", word -> obey(exporter, word));
    }

    private synchronized Object obey(Exporter exporter, String words) {
        String[] word = words.split(" ", -1);
        return switch (word[0]) {
            case "open" -> open(exporter, Long.parseLong(word[1]), Long.parseLong(word[2]));
            case "mapped" -> frame(exporter, true, true);
            case "idle" -> frame(exporter, true, false);
            case "deferred" -> frame(exporter, false, false);
            case "verify" -> verify();
            case "buffers" -> exporter.buffers().size();
            case "others" -> exporter.buffers().size() - frames.size() - opened.size();
            default -> throw new IllegalArgumentException(words);
        };
    }

    private long frame(Exporter exporter, boolean filled, boolean mapped) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(SIZE));
        Frame frame = new Frame(buffer, buffer.attach(DEVICE), ++seed, filled, new ArrayDeque<>());
        if (filled) {
            Pattern.fill(buffer, frame.seed);
        }
        if (mapped) {
            frame.mappings.add(frame.member.map(Direction.BIDIRECTIONAL));
        }
        frames.add(frame);
        return buffer.id();
    }

    private boolean open(Exporter exporter, long id, long pattern) {
        try {
            return opened.add(new Shared(exporter.open(id), pattern));
        } catch (DmaBufException e) {
            if (e.reason() != Reason.GONE) {
                throw e;
            }
            return false;
        }
    }

    private int verify() {
        int count = frames.size() + opened.size();
        while (!frames.isEmpty()) frames.remove().verify();
        while (!opened.isEmpty()) opened.remove().verify();
        return count;
    }

    @Override
    public void stop(BundleContext context) {}
}
