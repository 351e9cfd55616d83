// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The listeners, and which kinds somebody wants. Whoever has something to tell asks {@link #wants} first, which costs
 * one volatile read, and makes an event only then. Posting an event takes no lock but a mailbox's own, for a moment,
 * and calls nobody: so it is done under a buffer's lock or a registry's, which gives the events their order.
 */
final class Events {
    private final ForeignCode foreign;
    private final Journal journal;
    private volatile List<Mailbox> mailboxes = List.of();
    private volatile Set<EventKind> wanted = EnumSet.noneOf(EventKind.class);

    Events(ForeignCode foreign, Journal journal) {
        this.foreign = foreign;
        this.journal = journal;
    }

    boolean wants(EventKind kind) {
        return wanted.contains(kind);
    }

    void post(DmaBufEvent event) {
        for (Mailbox mailbox : mailboxes) {
            mailbox.post(event);
        }
    }

    /** Adds a listener of a bundle. */
    Mailbox add(DmaBufListener listener, Set<EventKind> kinds, String bundle) {
        Mailbox mailbox = new Mailbox(new Party<>("event listener of " + bundle, listener), kinds, foreign, journal);
        replace(null, mailbox);
        return mailbox;
    }

    /** Removes a listener: it gets nothing more, but for the event that it is at. */
    void remove(Mailbox mailbox) {
        replace(mailbox, null);
        mailbox.close();
    }

    private synchronized void replace(@Nullable Mailbox leaving, @Nullable Mailbox coming) {
        List<Mailbox> left = new ArrayList<>(mailboxes);
        left.remove(leaving);
        Stream.ofNullable(coming).forEach(left::add);
        mailboxes = List.copyOf(left);
        refresh();
    }

    /** Works out anew which kinds somebody wants. */
    synchronized void refresh() {
        EnumSet<EventKind> union = EnumSet.noneOf(EventKind.class);
        mailboxes.forEach(mailbox -> union.addAll(mailbox.kinds()));
        wanted = union;
    }

    /** Reads the property that names kinds; INVALID for a word that names none. */
    static Set<EventKind> kinds(@Nullable Object property) {
        Stream<?> words = switch (property) {
            case null -> Stream.empty();
            case Object[] several -> Arrays.stream(several);
            case Collection<?> several -> several.stream();
            default -> Stream.of(property);
        };
        EnumSet<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        words.forEach(word -> kinds.addAll(kinds(word.toString())));
        return kinds.isEmpty() ? EventKind.usual() : kinds;
    }

    private static Set<EventKind> kinds(String word) {
        if (word.equalsIgnoreCase("all")) {
            return EnumSet.allOf(EventKind.class);
        }
        try {
            return EnumSet.of(EventKind.valueOf(word.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException _) {
            throw new DmaBufException(
                    Reason.INVALID, DmaBufListener.KINDS + "=" + word + " is no kind of event; there are all, "
                            + Arrays.toString(EventKind.values()));
        }
    }
}
