// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Device;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogReaderService;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;

/** The forms that any console draws of our configurations, read in the framework as a console reads them. */
public class MetatypeIT extends GatewayConfiguration {
    private static final Set<String> FACTORIES = Set.of("allocator.contig", "dmabuf.device", "dmabuf.quota");

    private static final String MARKER = "marker";
    private static final AtomicInteger MARKERS = new AtomicInteger();

    /** What has no default and must be stated. */
    private static final Map<String, Map<String, Object>> REQUIRED = Map.of(
            "allocator.contig", Map.of("id", "form-contig", "base", "0x4000000000", "size", "1M"),
            "allocator.iommu", Map.of("id", "form-iommu", "domains", new String[] {"form"}),
            "allocator.system", Map.of("id", "system"),
            "dmabuf.device", Map.of("name", "form"),
            "dmabuf.quota", Map.of("name", "form"));

    @Inject
    private MetaTypeService metatype;

    @Inject
    private LogReaderService log;

    private Stage stage;

    @Before
    public void setUp() {
        stage = new Stage(context);
        patiently().until(() -> stage.ids().contains("system"));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void everyPidHasAForm() {
        Map<String, Boolean> found = new TreeMap<>();
        for (Bundle bundle : ours().toList()) {
            MetaTypeInformation forms = metatype.getMetaTypeInformation(bundle);
            Stream.of(forms.getPids()).forEach(pid -> found.put(pid, false));
            Stream.of(forms.getFactoryPids()).forEach(pid -> found.put(pid, true));
        }
        assertThat(found).containsExactly(
                Map.entry("allocator.contig", true), Map.entry("allocator.iommu", false),
                Map.entry("allocator.system", false), Map.entry("dmabuf.board", false),
                Map.entry("dmabuf.core", false), Map.entry("dmabuf.device", true), Map.entry("dmabuf.linux", false),
                Map.entry("dmabuf.log", false), Map.entry("dmabuf.quota", true));
    }

    @Test
    public void everyFieldSaysWhatItTakes() {
        List<String> complaints = new ArrayList<>();
        ours().flatMap(this::forms).forEach(form -> complaints.addAll(form.complaints()));
        assertThat(complaints).isEmpty();
    }

    @Test
    public void aFormThatCannotBeUsedIsCaught() throws Exception {
        Bundle bundle = context.installBundle("test:bad-form", new ByteArrayInputStream(badForm()));
        try {
            bundle.start();
            assertThat(forms(bundle).findFirst().orElseThrow().complaints()).containsExactlyInAnyOrder(
                    "bad.form has no description",
                    "bad.form count is a number without bounds or a default",
                    "bad.form size has no name",
                    "bad.form level has no description in sentences",
                    "bad.form weight has a type that nothing reads");
        } finally {
            bundle.uninstall();
        }
    }

    @Test
    public void aFormThatNobodyTouchedChangesNothing() throws Exception {
        List<Form> forms = ours().flatMap(this::forms).toList();
        assertThat(forms).isNotEmpty();
        for (Form form : forms) {
            Map<String, Object> required = REQUIRED.getOrDefault(form.pid(), Map.of());
            Map<String, Object> stored = new HashMap<>(form.untouched());
            stored.putAll(required);
            Configuration configuration = configuration(form.pid(), required);
            Map<Long, Map<String, Object>> before = services();
            int errors = errors().size();

            Stage.update(configuration, stored);
            settle();

            assertThat(errors()).as(form.pid()).hasSize(errors);
            assertThat(services()).as(form.pid()).isEqualTo(before);
        }
    }

    @Test
    public void aValueThatChangesSomethingIsSeen() throws Exception {
        Map<String, Object> pool = REQUIRED.get("allocator.contig");
        Configuration configuration = configuration("allocator.contig", pool);
        Map<Long, Map<String, Object>> before = services();
        int errors = errors().size();
        Map<String, Object> changed = new HashMap<>(pool);

        changed.put("size", "much");
        Stage.update(configuration, changed);
        settle();
        assertThat(errors()).hasSize(errors + 1);
        assertThat(errors().getLast()).contains("size=much of allocator contig");
        assertThat(services()).isEqualTo(before);

        changed.put("size", "2M");
        Stage.update(configuration, changed);
        settle();
        assertThat(services()).isNotEqualTo(before);
    }

    /** Configures a PID so that something is there. */
    private Configuration configuration(String pid, Map<String, Object> required) throws Exception {
        Configuration configuration = FACTORIES.contains(pid)
                ? stage.configureFactory(pid, "form", required)
                : stage.configure(pid, required);
        settle();
        return configuration;
    }

    /** Waits until all that was configured before has been taken: it is delivered in order, and this comes last. */
    private void settle() throws Exception {
        String name = MARKER + MARKERS.incrementAndGet();
        Configuration marker = stage.configureFactory("dmabuf.device", name, Map.of("name", name));
        patiently().alias(name).until(() -> !context.getServiceReferences(Device.class, "(" + Device.NAME + "=" + name + ")").isEmpty());
        marker.delete();
    }

    /** Returns the services of our bundles by id, with the properties that are ours. */
    private Map<Long, Map<String, Object>> services() {
        Map<Long, Map<String, Object>> services = new TreeMap<>();
        ours().flatMap(bundle -> Stream.ofNullable(bundle.getRegisteredServices()).flatMap(Arrays::stream))
                .filter(reference -> !String.valueOf(reference.getProperty(Device.NAME)).startsWith(MARKER))
                .forEach(reference -> services.put((Long) reference.getProperty(Constants.SERVICE_ID), properties(reference)));
        return services;
    }

    private static Map<String, Object> properties(ServiceReference<?> reference) {
        Map<String, Object> properties = new TreeMap<>();
        for (String key : reference.getPropertyKeys()) {
            if (key.startsWith("dmabuf.")) {
                Object value = reference.getProperty(key);
                properties.put(key, value instanceof Object[] many ? List.of(many) : value);
            }
        }
        return properties;
    }

    private List<String> errors() {
        List<LogEntry> entries = Collections.list(log.getLog());
        return entries.reversed().stream()
                .filter(entry -> entry.getLogLevel() == LogLevel.ERROR && isOurs(entry.getBundle()))
                .map(LogEntry::getMessage)
                .toList();
    }

    private Stream<Bundle> ours() {
        return Arrays.stream(context.getBundles()).filter(MetatypeIT::isOurs);
    }

    private static boolean isOurs(Bundle bundle) {
        return bundle.getSymbolicName().matches("(dmabuf|allocator)\\..*");
    }

    private Stream<Form> forms(Bundle bundle) {
        MetaTypeInformation forms = metatype.getMetaTypeInformation(bundle);
        return Stream.concat(Stream.of(forms.getPids()), Stream.of(forms.getFactoryPids()))
                .map(pid -> new Form(pid, forms.getObjectClassDefinition(pid, null)));
    }

    private static byte[] badForm() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", "bad.form");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            jar.putNextEntry(new JarEntry("OSGI-INF/metatype/bad.xml"));
            jar.write("""
                    <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.3.0">
                      <OCD id="bad" name="Bad">
                        <AD id="count" name="Count" description="Unbounded." type="Integer" required="false"/>
                        <AD id="size" description="Nameless." type="String"/>
                        <AD id="level" name="Level" description="a word" type="Long" min="1" default="2"/>
                        <AD id="weight" name="Weight" description="A fraction." type="Double" default="0.5"/>
                      </OCD>
                      <Designate pid="bad.form"><Object ocdref="bad"/></Designate>
                    </metatype:MetaData>
                    """.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
