// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.lang.invoke.VarHandle;
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
    private static final String[] NO_WORDS = {};

    /*
     * Set while the event is made, and never again: see Fields. The moment is two numbers, which is an object less for each of many
     * events.
     */
    private final EventKind kind;
    private final long second;
    private final int nano;

    /** The line; null until it is read where it is given in parts. Two that read it first at once put together the same. */
    private @Nullable String text = "";

    private String[] words = NO_WORDS;
    private @Nullable String pattern;
    private @Nullable String detail;
    private long bufferId;
    private @Nullable String bufferName;
    private @Nullable String device;
    private @Nullable String allocator;
    private @Nullable String previousAllocator;
    private @Nullable String domain;
    private @Nullable String bundle;
    private @Nullable Explanation explanation;
    private long lost;

    private DmaBufEvent(EventKind kind, Instant moment) {
        this.kind = kind;
        this.second = moment.getEpochSecond();
        this.nano = moment.getNano();
    }

    private DmaBufEvent(DmaBufEvent from) {
        this(from.kind, from.moment());
        text = from.text;
        words = from.words;
        pattern = from.pattern;
        detail = from.detail;
        bufferId = from.bufferId;
        bufferName = from.bufferName;
        device = from.device;
        allocator = from.allocator;
        previousAllocator = from.previousAllocator;
        domain = from.domain;
        bundle = from.bundle;
        explanation = from.explanation;
        lost = from.lost;
    }

    /** Starts an event; the runtime makes them, and tests of listeners may. */
    public static Fields of(EventKind kind, Instant moment) {
        return new Fields(
                new DmaBufEvent(Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(moment, "moment")));
    }

    /** Returns what happened. */
    public EventKind kind() {
        return kind;
    }

    /** Returns when it took effect, by the machine's clock. */
    public Instant moment() {
        return Instant.ofEpochSecond(second, nano);
    }

    /** Returns one line in words, for people; it may be worded otherwise in a later version. */
    public String text() {
        String known = text;
        if (known == null) {
            known = (bufferName == null ? "" : bufferName + "#" + bufferId)
                    + (pattern == null ? String.join("", words) : filled(pattern));
            text = known;
        }
        return known;
    }

    private String filled(String blank) {
        StringBuilder line = new StringBuilder();
        int done = 0;
        for (int open = blank.indexOf('{'); open >= 0; open = blank.indexOf('{', done)) {
            int close = blank.indexOf('}', open);
            if (close < 0) {
                break;
            }
            line.append(blank, done, open).append(value(blank.substring(open, close + 1)));
            done = close + 1;
        }
        return line.append(blank, done, blank.length()).toString();
    }

    private String value(String place) {
        String value = switch (place) {
            case "{device}" -> device;
            case "{allocator}" -> allocator;
            case "{bundle}" -> bundle;
            case "{detail}" -> detail;
            default -> place;
        };
        return value == null ? "" : value;
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

    /** The fields of an event that is being made; not for several threads. They are those of the event itself, until it is built. */
    public static final class Fields {
        private DmaBufEvent event;
        private boolean built;

        private Fields(DmaBufEvent event) {
            this.event = event;
        }

        /** Returns the event that is being made: after one was built, another one like it. */
        private DmaBufEvent open() {
            if (built) {
                event = new DmaBufEvent(event);
                built = false;
            }
            return event;
        }

        /** Sets the line in words. */
        public Fields text(String value) {
            open().text = Objects.requireNonNull(value, "text");
            return this;
        }

        /**
         * Sets the line in words as its parts, which are put together when somebody reads it: the buffer as {@code name#id}
         * where one is set, then these.
         */
        public Fields words(String... parts) {
            open().words = parts.clone();
            open().pattern = null;
            open().text = null;
            return this;
        }

        /**
         * Sets the line in words as a pattern, which is filled in when somebody reads it: the buffer as {@code name#id} where one
         * is set, then the pattern with the values of this event in the place of {@code {device}}, {@code {allocator}} and
         * {@code {bundle}}, and this detail in that of {@code {detail}}. What is not set is left out; any other brace stays.
         */
        public Fields line(String blank, String value) {
            open().pattern = Objects.requireNonNull(blank, "blank");
            open().detail = Objects.requireNonNull(value, "value");
            open().text = null;
            return this;
        }

        /** Sets the buffer. */
        public Fields buffer(long id, String name) {
            open().bufferId = id;
            open().bufferName = Objects.requireNonNull(name, "name");
            return this;
        }

        /** Sets the device. */
        public Fields device(String name) {
            open().device = Objects.requireNonNull(name, "device");
            return this;
        }

        /** Sets the allocator. */
        public Fields allocator(String id) {
            open().allocator = Objects.requireNonNull(id, "allocator");
            return this;
        }

        /** Sets the allocator that had the storage before. */
        public Fields previousAllocator(String id) {
            open().previousAllocator = Objects.requireNonNull(id, "previousAllocator");
            return this;
        }

        /** Sets the domain. */
        public Fields domain(String name) {
            open().domain = Objects.requireNonNull(name, "domain");
            return this;
        }

        /** Sets the bundle. */
        public Fields bundle(String name) {
            open().bundle = Objects.requireNonNull(name, "bundle");
            return this;
        }

        /** Sets the explanation. */
        public Fields explanation(Explanation value) {
            open().explanation = Objects.requireNonNull(value, "explanation");
            return this;
        }

        /** Sets how many events were lost. */
        public Fields lost(long count) {
            open().lost = count;
            return this;
        }

        /** Returns the event; whoever is handed it, in whatever way, sees it complete. */
        public DmaBufEvent build() {
            built = true;
            VarHandle.releaseFence();
            return event;
        }
    }
}
