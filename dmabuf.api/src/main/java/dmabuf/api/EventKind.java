// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What a {@link DmaBufEvent} tells. More kinds may come in later versions: whoever switches over them needs a default.
 * The topic of a kind in Event Admin is made of the words of its name: {@code dmabuf/buffer/CREATED} of
 * {@link #BUFFER_CREATED}, {@code dmabuf/buffer/CPU_BEGUN} of {@link #BUFFER_CPU_BEGUN}.
 */
public enum EventKind {
    /** A buffer was created; it has no storage yet. */
    BUFFER_CREATED,
    /** A device became a member of a buffer. Of several that attach in one call each is an event. */
    BUFFER_ATTACHED,
    /** A device is no longer a member: it detached, left, or whoever attached it stopped. */
    BUFFER_DETACHED,
    /** A buffer without storage got it, from the allocator that is named. */
    BUFFER_ALLOCATED,
    /** Storage went back at once, because the call that asked for it failed later on; the buffer has none again. */
    BUFFER_RETURNED,
    /** A device mapped a buffer. */
    BUFFER_MAPPED,
    /** A device's mapping ended, by its holder or by force. */
    BUFFER_UNMAPPED,
    /** A CPU access began. Delivered to those alone who name this kind. */
    BUFFER_CPU_BEGUN,
    /** A CPU access ended. Delivered to those alone who name this kind. */
    BUFFER_CPU_ENDED,
    /** Storage moved, from the previous allocator to the one that is named, or to another place of the same one. */
    BUFFER_MOVED,
    /** The allocator of a buffer's idle storage left, and nobody can take it: it stays valid where it is. */
    BUFFER_ORPHANED,
    /** A call on a buffer was refused; the event has the explanation. */
    BUFFER_REFUSED,
    /** A buffer goes on without an optional device, which did not fit or did not come in time; the event has the reason. */
    BUFFER_LEFT_OUT,
    /** Expected devices have not attached in the time that the creator gave; the explanation names them. Said once. */
    BUFFER_OVERDUE,
    /** A buffer and its storage are gone. */
    BUFFER_RELEASED,
    /**
     * A set got storage: the first, or new one for a device that joined or an allocator that left; the old buffers drain. The
     * buffer of the event has the number of the set, as in the other events of a set: its creation, its devices, its refusals.
     */
    SET_RENEWED,
    /** An allocator serves from now on: it came, or it stood by and the holder of its id left. */
    ALLOCATOR_ARRIVED,
    /** An allocator came whose id is taken: it stands by. */
    ALLOCATOR_STANDBY,
    /** What an allocator states of itself changed, for example its priority. */
    ALLOCATOR_CHANGED,
    /** An allocator is no longer there. */
    ALLOCATOR_LEFT,
    /** A device is present from now on. */
    DEVICE_ARRIVED,
    /** A device is no longer present. */
    DEVICE_LEFT,
    /** A mapper came. */
    MAPPER_ARRIVED,
    /** A mapper is no longer there. */
    MAPPER_LEFT,
    /**
     * A bundle stopped, and what it held is taken back. The buffers' own events have been said before, but for buffers
     * that were busy for longer than whoever leaves is kept waiting: theirs follow.
     */
    OWNER_RECLAIMED,
    /** This listener lost events, because it did not keep up; the event says how many. */
    EVENTS_LOST;

    private static final String TOPIC = "dmabuf/";
    private static final Set<EventKind> USUAL = Collections.unmodifiableSet(
            EnumSet.complementOf(EnumSet.of(BUFFER_CPU_BEGUN, BUFFER_CPU_ENDED)));

    /** Returns the kinds that a listener gets which names none: all but the CPU accesses. */
    public static Set<EventKind> usual() {
        return USUAL;
    }

    /** Returns what it is about, in lower case: {@code buffer}, {@code allocator}, {@code device} and so on. */
    public String subject() {
        return name().substring(0, name().indexOf('_')).toLowerCase(Locale.ROOT);
    }

    /** Returns what happened, in lower case and with blanks: {@code created}, {@code cpu begun}. */
    public String verb() {
        return action().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Returns the topic in Event Admin, for example {@code dmabuf/buffer/CREATED}. */
    public String topic() {
        return TOPIC + subject() + "/" + action();
    }

    private String action() {
        return name().substring(name().indexOf('_') + 1);
    }
}
