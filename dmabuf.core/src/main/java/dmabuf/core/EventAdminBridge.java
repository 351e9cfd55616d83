// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/**
 * Hands the events on to Event Admin; see {@link DmaBufListener} for topics and properties. It is there only while
 * Event Admin is and somebody handles such topics: both references need one at least, which is said by the minimum
 * cardinality and not in the bundle's requirements, because the runtime does without. The package of Event Admin is
 * imported optionally, and this class is loaded when the component is wanted.
 */
@Component(
        property = {"events.cardinality.minimum:Integer=1", "handlers.cardinality.minimum:Integer=1"})
public final class EventAdminBridge implements DmaBufListener {
    private final Collection<EventAdmin> events;

    /** Starts handing on. */
    @Activate
    public EventAdminBridge(
            @Reference(name = "events", cardinality = ReferenceCardinality.MULTIPLE) Collection<EventAdmin> events) {
        this.events = events;
    }

    @Reference(
            name = "handlers",
            service = EventHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            target = "(|(event.topics=\\*)(event.topics=dmabuf/*))")
    void bindHandler(ServiceReference<EventHandler> handler) {}

    void unbindHandler(ServiceReference<EventHandler> handler) {}

    @Override
    public void event(DmaBufEvent event) {
        Event handed = new Event(event.kind().topic(), properties(event));
        events.forEach(admin -> admin.postEvent(handed));
    }

    private static Map<String, Object> properties(DmaBufEvent event) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(EventConstants.TIMESTAMP, event.moment().toEpochMilli());
        properties.put(EventConstants.MESSAGE, event.text());
        properties.put(DmaBufListener.EVENT, event);
        event.bufferId().ifPresent(id -> properties.put("buffer.id", id));
        event.bufferName().ifPresent(name -> properties.put("buffer.name", name));
        event.device().ifPresent(device -> properties.put("device", device));
        event.allocator().ifPresent(id -> properties.put("allocator", id));
        event.previousAllocator().ifPresent(id -> properties.put("allocator.previous", id));
        event.domain().ifPresent(domain -> properties.put("domain", domain));
        event.bundle().ifPresent(bundle -> properties.put(EventConstants.BUNDLE_SYMBOLICNAME, bundle));
        event.reason().ifPresent(reason -> {
            properties.put("reason", reason.name());
            properties.put("errno", reason.errno());
        });
        if (event.lost() > 0) {
            properties.put("lost", event.lost());
        }
        return properties;
    }
}
