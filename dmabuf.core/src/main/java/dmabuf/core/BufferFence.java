// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.Fence;
import dmabuf.api.FenceInfo;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingKind;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A fence on a buffer. While it is pending it keeps the storage where it is, and the buffer alive. Its state is its
 * {@link Completion}, which changes without the buffer's lock; the buffer then takes it off its list as soon as it can,
 * and counts it as gone before.
 */
final class BufferFence implements FenceSource, Holder {
    private final Buffer buffer;
    private final Owner owner;
    private final FenceUsage usage;
    private final Optional<String> name;
    private final Duration limit;
    private final Completion completion;
    private final boolean knownToDrivers;
    private final Trace trace;
    private final long deadline;

    /** Creates a fence; drivers know it when it came from them, and was put on a dma-buf. */
    BufferFence(Buffer buffer, Owner owner, FenceRequest request, Completion completion, boolean knownToDrivers) {
        this.knownToDrivers = knownToDrivers;
        this.buffer = buffer;
        this.owner = owner;
        this.usage = request.usage(); // but not the fences before it: a chain would keep all that ever were
        this.name = request.name();
        this.limit = Duration.ofNanos(Settings.nanos(request.deadline()));
        this.completion = completion;
        this.deadline = System.nanoTime() + limit.toNanos();
        this.trace = Trace.of(buffer.core());
    }

    Buffer buffer() {
        return buffer;
    }

    Completion completion() {
        return completion;
    }

    FenceUsage usage() {
        return usage;
    }

    boolean isKnownToDrivers() {
        return knownToDrivers;
    }

    /** Returns the end of its time, by the clock of {@link System#nanoTime()}. */
    long deadline() {
        return deadline;
    }

    Duration remaining() {
        long left = deadline - System.nanoTime();
        return completion.isDone() || left < 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    @Override
    public Fence fence() {
        return new FenceView(this, owner);
    }

    @Override
    public boolean signal() {
        return completion.signal();
    }

    @Override
    public boolean fail(Reason reason, String text) {
        Objects.requireNonNull(text, "text");
        return completion.fail(Explanation.of(reason, title() + " failed: " + text));
    }

    @Override
    public void close() {
        completion.fail(Explanation.of(Reason.GONE, title() + " was given up before it was signalled"));
    }

    /** Ends it because its deadline has passed. */
    void expire() {
        completion.end(Explanation.of(
                Reason.TIMED_OUT,
                title() + " was not signalled within " + limit.toMillis() + " ms"));
    }

    @Override
    public void end() {
        String why = buffer.core().isClosed() ? "the runtime has stopped" : "bundle " + owner.name() + " has stopped";
        completion.end(Explanation.of(Reason.GONE, why + " before " + title() + " was signalled"));
    }

    /** Its own owner's end is the end of it, of which everybody is told: also who listens by the handle of the source. */
    @Override
    public void forget(Owner leaving) {
        if (leaving == owner) {
            return;
        }
        completion.forget(action -> action instanceof FenceCall call && call.isOf(leaving));
    }

    /** Throws its error when it has failed. */
    void check() {
        completion.error().ifPresent(error -> {
            throw new DmaBufException(error);
        });
    }

    String title() {
        String given = name.map(known -> " " + known).orElse("");
        return usage().name().toLowerCase(Locale.ROOT) + " fence" + given + " of bundle " + owner.name() + " on "
                + buffer.want().name() + "#" + buffer.id();
    }

    FenceInfo info() {
        return new FenceInfo(usage(), owner.name(), name, remaining());
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.FENCE;
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public Optional<String> device() {
        return Optional.empty();
    }

    @Override
    public String words() {
        return title();
    }

    @Override
    public boolean isCpu() {
        return false;
    }

    @Override
    public boolean isOver() {
        return completion.isDone();
    }
}
