// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told what happens in the runtime: register it as a service, and events come until it is unregistered. Nothing of the
 * past is told; who needs the state asks the {@link Exporter} after registering, and may then see a change twice.
 *
 * <p><b>Which</b>: the property {@link #KINDS} names the kinds that it wants; without it come those of
 * {@link EventKind#usual()}. {@link EventKind#EVENTS_LOST} always comes. Where no listener wants a kind its events are
 * not even made.
 *
 * <p><b>Order</b>: events of one buffer come in the order in which they took effect, and so do those of the allocators,
 * of the devices and of the mappers, and what one thread causes. Between others there is no order but that of
 * delivery; the moment tells.
 *
 * <p><b>Threads</b>: a listener is called outside all locks of the runtime, one event after the other, each on a thread
 * of the runtime, perhaps another one each time. It may call the runtime back. An event tells of the past: by then the
 * buffer may have changed again, or be gone.
 *
 * <p><b>Who does not keep up</b>: 1,024 events wait for a listener at most. Those that find no place are lost, and so
 * are all that come while a call takes longer than the deadline of foreign code (1 s, configurable), and while earlier
 * losses have not been told. As soon as the listener has caught up it gets one {@link EventKind#EVENTS_LOST} with
 * their number. A listener that throws misses that event alone. The first time that it throws, and that it overruns the
 * deadline, is in the log with the bundle's name. Nobody else waits for a listener.
 *
 * <p><b>Event Admin</b>: while that service is present and some {@code EventHandler} has a topic that begins with
 * {@code dmabuf/}, or {@code *}, events of the usual kinds are posted there, too: {@link EventKind#topic()} is the topic,
 * and the properties are {@code timestamp} (Long, ms), {@code message} (the text), {@link #EVENT} (the
 * {@link DmaBufEvent}) and, where the event has them, {@code buffer.id} (Long), {@code buffer.name}, {@code device},
 * {@code allocator}, {@code allocator.previous}, {@code domain}, {@code bundle.symbolicName}, {@code reason} (the name of
 * a {@link Reason}) with its {@code errno}, and {@code lost} (Long).
 */
@ConsumerType
@FunctionalInterface
public interface DmaBufListener {
    /**
     * Property {@code dmabuf.listener.kinds}: a String, or several, each the name of an {@link EventKind} in any case,
     * or {@code all}. A listener with another word is refused, its bundle named in the log.
     */
    String KINDS = "dmabuf.listener.kinds";

    /** Property of an event in Event Admin: {@code dmabuf.event}, the {@link DmaBufEvent} itself. */
    String EVENT = "dmabuf.event";

    /** Tells one event. */
    void event(DmaBufEvent event);
}
