// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.Exporter;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.junit.Test;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** Events as services get them: by the whiteboard, by Event Admin, and by the command watch. */
public class WatchIT extends GatewayConfiguration {
    @Inject
    private CommandProcessor gogo;

    @Inject
    private Exporter exporter;

    @Test
    public void watchTellsUntilThereWereEnough() throws Exception {
        try (Terminal terminal = new Terminal(gogo)) {
            CompletableFuture<String> watch = run(terminal, "dmabuf:watch --json --count 4");
            patiently().until(() -> {
                exporter.create(BufferRequest.ofSize(4096).withName("seen")).close();
                return watch.isDone();
            });
            List<JsonObject> events = terminal.lines().stream().map(WatchIT::json).toList();
            assertThat(events).as("as many as were asked for").hasSize(4);
            assertThat(events).extracting(event -> event.getString("kind"))
                    .containsSubsequence("BUFFER_CREATED", "BUFFER_RELEASED");
            assertThat(events).extracting(event -> event.getString("buffer")).containsOnly("seen");
        }
        assertThat(watchers()).isEmpty();
    }

    @Test
    public void anInterruptEndsAWatch() throws Exception {
        try (Terminal terminal = new Terminal(gogo)) {
            CompletableFuture<String> watch = run(terminal, "dmabuf:watch");
            patiently().untilAsserted(() -> {
                exporter.create(BufferRequest.ofSize(4096).withName("seen")).close();
                assertThat(terminal.text()).containsPattern("[0-9:.]{12}  buffer    created    seen#[0-9]+ of 4K created by ");
            });
            terminal.session().foregroundJob().interrupt();
            patiently().until(watch::isDone);
            patiently().until(() -> watchers().isEmpty());
        }
    }

    @Test
    public void tooFewEventsInTimeAreAFailure() throws Exception {
        try (Terminal terminal = new Terminal(gogo)) {
            assertThat(terminal.run("dmabuf:watch --for 1 --count 5")).isEqualTo("ETIME: fewer than 5 events within 1 s\n");
            assertThat(terminal.run("dmabuf:watch --count 0")).startsWith("watch: --count is a number from 1 on, not 0\n");
        }
    }

    private CompletableFuture<String> run(Terminal terminal, String line) {
        CompletableFuture<String> done = CompletableFuture.supplyAsync(() -> {
            try {
                return terminal.run(line);
            } catch (Exception e) {
                return e.toString();
            }
        });
        patiently().until(() -> watchers().size() == 1);
        return done;
    }

    private List<ServiceReference<DmaBufListener>> watchers() throws Exception {
        return context.getServiceReferences(DmaBufListener.class, null).stream()
                .filter(reference -> reference.getBundle().getSymbolicName().equals("dmabuf.shell"))
                .toList();
    }

    private static JsonObject json(String line) {
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    @Test
    public void eventAdminGetsTheEventsWhileSomebodyHandlesThem() throws Exception {
        assertThat(bridges()).as("nobody handles them").isEmpty();
        List<Event> handled = new CopyOnWriteArrayList<>();
        ServiceRegistration<EventHandler> handler = context.registerService(
                EventHandler.class, handled::add,
                FrameworkUtil.asDictionary(Map.of(EventConstants.EVENT_TOPIC, "dmabuf/buffer/*")));
        patiently().until(() -> bridges().size() == 1);
        DmaBuf frame = exporter.create(BufferRequest.ofSize(4096).withName("frame"));
        frame.close();
        patiently().until(() -> handled.size() == 2);
        Event created = handled.getFirst();
        assertThat(created.getTopic()).isEqualTo("dmabuf/buffer/CREATED");
        assertThat(created.getProperty("buffer.id")).isEqualTo(frame.id());
        assertThat(created.getProperty("buffer.name")).isEqualTo("frame");
        assertThat(created.getProperty(EventConstants.TIMESTAMP)).isInstanceOf(Long.class);
        assertThat(created.getProperty(DmaBufListener.EVENT)).isInstanceOf(DmaBufEvent.class);
        assertThat((String) created.getProperty(EventConstants.MESSAGE)).startsWith("frame#" + frame.id() + " of 4K created by ");
        assertThat(handled.getLast().getTopic()).isEqualTo("dmabuf/buffer/RELEASED");
        handler.unregister();
        patiently().until(() -> bridges().isEmpty());
    }

    private List<ServiceReference<DmaBufListener>> bridges() throws Exception {
        return context.getServiceReferences(DmaBufListener.class, null).stream()
                .filter(reference -> reference.getBundle().getSymbolicName().equals("dmabuf.core"))
                .toList();
    }

    @Test
    public void aListenerChoosesItsKindsAndChangesThem() throws Exception {
        List<DmaBufEvent> told = new CopyOnWriteArrayList<>();
        ServiceRegistration<DmaBufListener> listener = context.registerService(
                DmaBufListener.class, told::add,
                FrameworkUtil.asDictionary(Map.of(DmaBufListener.KINDS, "buffer_released")));
        exporter.create(BufferRequest.ofSize(4096)).close();
        patiently().until(() -> told.size() == 1);
        listener.setProperties(FrameworkUtil.asDictionary(
                Map.of(DmaBufListener.KINDS, new String[] {"BUFFER_CREATED"})));
        exporter.create(BufferRequest.ofSize(4096)).close();
        patiently().until(() -> told.size() == 2);
        listener.unregister();
        exporter.create(BufferRequest.ofSize(4096)).close();
        assertThat(told).extracting(DmaBufEvent::kind).containsExactly(EventKind.BUFFER_RELEASED, EventKind.BUFFER_CREATED);
    }
}
