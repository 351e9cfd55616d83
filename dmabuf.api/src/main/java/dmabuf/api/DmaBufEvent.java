// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened. Immutable, and made of values alone: it may be kept, and holds nothing of a bundle that left.
 * What does not belong to a kind is empty; see {@link EventKind}.
 */
public final class DmaBufEvent {
    private final EventKind kind;
    private final Instant moment;

    /** The line; null until it is read where it is given in parts. Two that read it first at once put together the same. */
    private @Nullable String text;

    private final String[] words;
    private final long bufferId;
    private final @Nullable String bufferName;
    private final @Nullable String device;
    private final @Nullable String allocator;
    private final @Nullable String previousAllocator;
    private final @Nullable String domain;
    private final @Nullable String bundle;
    private final @Nullable Explanation explanation;
    private final long lost;

    private DmaBufEvent(Fields from) {
        this.kind = from.kind;
        this.moment = from.moment;
        this.text = from.text;
        this.words = from.words;
        this.bufferId = from.bufferId;
        this.bufferName = from.bufferName;
        this.device = from.device;
        this.allocator = from.allocator;
        this.previousAllocator = from.previousAllocator;
        this.domain = from.domain;
        this.bundle = from.bundle;
        this.explanation = from.explanation;
        this.lost = from.lost;
    }

    /** Starts an event; the runtime makes them, and tests of listeners may. */
    public static Fields of(EventKind kind, Instant moment) {
        return new Fields(Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(moment, "moment"));
    }

    /** Returns what happened. */
    public EventKind kind() {
        return kind;
    }

    /** Returns when it took effect, by the machine's clock. */
    public Instant moment() {
        return moment;
    }

    /** Returns one line in words, for people; it may be worded otherwise in a later version. */
    public String text() {
        String known = text;
        if (known == null) {
            known = (bufferName == null ? "" : bufferName + "#" + bufferId) + String.join("", words);
            text = known;
        }
        return known;
    }

    /** Returns the buffer's id. */
    public OptionalLong bufferId() {
        return bufferName == null ? OptionalLong.empty() : OptionalLong.of(bufferId);
    }

    /** Returns the buffer's name. */
    public Optional<String> bufferName() {
        return Optional.ofNullable(bufferName);
    }

    /** Returns the device's name. */
    public Optional<String> device() {
        return Optional.ofNullable(device);
    }

    /** Returns the id of the allocator that is concerned: of a buffer's event the one that has its storage now. */
    public Optional<String> allocator() {
        return Optional.ofNullable(allocator);
    }

    /** Returns the id of the allocator that had the storage before it moved. */
    public Optional<String> previousAllocator() {
        return Optional.ofNullable(previousAllocator);
    }

    /** Returns the domain of the mapper that is concerned. */
    public Optional<String> domain() {
        return Optional.ofNullable(domain);
    }

    /** Returns the bundle that created the buffer, registered the allocator or the device, or stopped. */
    public Optional<String> bundle() {
        return Optional.ofNullable(bundle);
    }

    /** Returns why something was refused, or why storage is orphaned. */
    public Optional<Explanation> explanation() {
        return Optional.ofNullable(explanation);
    }

    /** Returns the reason of {@link #explanation()}. */
    public Optional<Reason> reason() {
        return explanation().map(Explanation::reason);
    }

    /** Returns how many events were lost; 0 for every kind but {@link EventKind#EVENTS_LOST}. */
    public long lost() {
        return lost;
    }

    /** Returns kind and text, for messages. */
    @Override
    public String toString() {
        return kind + ": " + text();
    }

    /** The fields of an event that is being made; not for several threads. */
    public static final class Fields {
        private final EventKind kind;
        private final Instant moment;
        private @Nullable String text = "";
        private String[] words = {};
        private long bufferId;
        private @Nullable String bufferName;
        private @Nullable String device;
        private @Nullable String allocator;
        private @Nullable String previousAllocator;
        private @Nullable String domain;
        private @Nullable String bundle;
        private @Nullable Explanation explanation;
        private long lost;

        private Fields(EventKind kind, Instant moment) {
            this.kind = kind;
            this.moment = moment;
        }

        /** Sets the line in words. */
        public Fields text(String value) {
            text = Objects.requireNonNull(value, "text");
            return this;
        }

        /**
         * Sets the line in words as its parts, which are put together when somebody reads it: the buffer as {@code name#id}
         * where one is set, then these.
         */
        public Fields words(String... parts) {
            words = parts.clone();
            text = null;
            return this;
        }

        /** Sets the buffer. */
        public Fields buffer(long id, String name) {
            bufferId = id;
            bufferName = Objects.requireNonNull(name, "name");
            return this;
        }

        /** Sets the device. */
        public Fields device(String name) {
            device = Objects.requireNonNull(name, "device");
            return this;
        }

        /** Sets the allocator. */
        public Fields allocator(String id) {
            allocator = Objects.requireNonNull(id, "allocator");
            return this;
        }

        /** Sets the allocator that had the storage before. */
        public Fields previousAllocator(String id) {
            previousAllocator = Objects.requireNonNull(id, "previousAllocator");
            return this;
        }

        /** Sets the domain. */
        public Fields domain(String name) {
            domain = Objects.requireNonNull(name, "domain");
            return this;
        }

        /** Sets the bundle. */
        public Fields bundle(String name) {
            bundle = Objects.requireNonNull(name, "bundle");
            return this;
        }

        /** Sets the explanation. */
        public Fields explanation(Explanation value) {
            explanation = Objects.requireNonNull(value, "explanation");
            return this;
        }

        /** Sets how many events were lost. */
        public Fields lost(long count) {
            lost = count;
            return this;
        }

        /** Returns the event. */
        public DmaBufEvent build() {
            return new DmaBufEvent(this);
        }
    }
}
