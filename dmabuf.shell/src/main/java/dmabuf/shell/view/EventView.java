// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.DmaBufEvent;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Events, one line each. */
public final class EventView {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private EventView() {}

    /** Returns when by the clock on the wall, what, and the words. */
    public static String text(DmaBufEvent event) {
        return String.format(
                "%s  %-9s %-9s  %s",
                TIME.format(event.moment().atZone(ZoneId.systemDefault())), event.kind().subject(), event.kind().verb(),
                event.text());
    }

    /** Returns the same as data. */
    public static Map<String, Object> data(DmaBufEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", event.kind().name());
        fields.put("moment", event.moment().toString());
        fields.put("buffer", event.bufferName());
        fields.put("id", event.bufferId());
        fields.put("device", event.device());
        fields.put("allocator", event.allocator());
        fields.put("previousAllocator", event.previousAllocator());
        fields.put("domain", event.domain());
        fields.put("bundle", event.bundle());
        fields.put("explanation", event.explanation().map(PlanView::data));
        fields.put("lost", event.lost());
        fields.put("text", event.text());
        return fields;
    }
}
