// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.FiveStates.infos;
import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogReaderService;

/** A jar that is copied into {@code deploy/} joins the running gateway, another one at its place updates it, without it it goes. */
public class DeployIT extends GatewayConfiguration {
    private static final Path PLACE = Path.of("target", "DeployIT").toAbsolutePath();
    private static final Path HOME = PLACE.resolve("home/deploy");
    private static final Path STORAGE = PLACE.resolve("storage/deploy");

    @Inject
    private LogReaderService log;

    private Stage stage;

    /** File Install as the distribution configures it, but that it looks more often. */
    @Override
    protected Option[] more() {
        Properties settings = new Properties();
        Path file = Path.of(System.getProperty("gateway.home"), "conf/config.properties");
        try (InputStream in = Files.newInputStream(file)) {
            settings.load(in);
            clear(HOME);
            clear(STORAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String folders = settings.getProperty("felix.fileinstall.dir")
                .replace("${cenalloc.home}", PLACE + "/home/")
                .replace("${cenalloc.storage}", PLACE + "/storage/");
        settings.putAll(Map.of("felix.fileinstall.dir", folders, "felix.fileinstall.poll", "100"));
        return settings.stringPropertyNames().stream()
                .filter(name -> name.matches("felix\\.fileinstall\\..*|org\\.apache\\.felix\\.log\\..*") && !name.endsWith(".tmpdir"))
                .map(name -> frameworkProperty(name).value(settings.getProperty(name)))
                .toArray(Option[]::new);
    }

    private static void clear(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            files.map(Path::toFile).forEach(File::delete);
        }
    }

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.pool("pool", 0x1000_0000L, 16 * MIB, FIRST - 1);
        stage.device("camera", "");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
        clear(HOME);
        clear(STORAGE);
        patiently().until(() -> bundles("bank").isEmpty() && bundles("moon").isEmpty());
    }

    @Test
    public void aBetterAllocatorComesIsUpdatedAndGoes() throws Exception {
        deploy(TestBundle.low("1.0.0"), STORAGE.resolve("bank.jar"));
        patiently().until(() -> stage.ids().contains("bank"));
        FiveStates buffers = new FiveStates(stage, "camera");
        assertThat(infos(buffers.backed())).allMatch(info -> info.allocator().equals(Optional.of("bank")));

        deploy(TestBundle.high("2.0.0"), STORAGE.resolve("bank.jar"));
        patiently().until(() -> versions("bank").equals(List.of("2.0.0")) && stage.ids().contains("bank"));
        assertThat(buffers.idle.info().allocator()).as("evacuated").contains("pool");
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.inUse())).as("and back").allMatch(info -> info.allocator().equals(Optional.of("bank"))
                && info.moves() == 1
                && info.segments().getFirst().address() >= 0x3000_0000L);
        buffers.verify();

        Files.delete(STORAGE.resolve("bank.jar"));
        patiently().until(() -> bundles("bank").isEmpty());
        patiently().untilAsserted(() -> assertThat(infos(buffers.backed()))
                .noneMatch(BufferInfo::orphaned)
                .allMatch(info -> info.allocator().equals(Optional.of("pool"))));
        buffers.verify();
        assertThat(stage.ids()).doesNotContain("bank");
    }

    @Test
    public void whatTheInstallationBringsIsThereToo() throws Exception {
        deploy(TestBundle.low("1.0.0"), HOME.resolve("bank.jar"));

        patiently().until(() -> served("camera").equals("bank"));
    }

    @Test
    public void aJarThatIsNotCompleteIsNamedAndTakenWhenItIs() throws Exception {
        byte[] jar = bytes(TestBundle.low("1.0.0"));
        Path file = STORAGE.resolve("slow.jar");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(jar, 0, jar.length / 2);
            out.flush();
            patiently().until(() -> logged("slow.jar is passed over: no complete jar"));
            assertThat(stage.ids()).doesNotContain("bank");
            out.write(jar, jar.length / 2, jar.length - jar.length / 2);
        }
        patiently().until(() -> stage.ids().contains("bank"));
    }

    @Test
    public void whatIsNoBundleIsNamedAndHarmless() throws Exception {
        Files.writeString(STORAGE.resolve("notes.txt"), "to whom it may concern");
        Files.write(STORAGE.resolve("noise.jar"), Pattern.of(1, 10_000));
        Files.write(STORAGE.resolve("empty.jar"), new byte[0]);
        try (OutputStream out = Files.newOutputStream(STORAGE.resolve("library.jar"))) {
            new JarOutputStream(out, manifest()).close();
        }
        for (String name : List.of("noise.jar", "empty.jar")) {
            patiently().until(() -> logged(name + " is passed over: no complete jar"));
        }
        patiently().until(() -> logged("notes.txt is passed over: neither a bundle (.jar) nor a configuration (.config or .cfg)"));
        patiently().until(() -> logged("library.jar is passed over: a jar, but its manifest has no Bundle-SymbolicName"));

        deploy(TestBundle.low("1.0.0"), STORAGE.resolve("noise.jar"));

        patiently().until(() -> stage.ids().contains("bank"));
        assertThat(entries("notes.txt is passed over")).as("said once").hasSize(1);
    }

    @Test
    public void whatABundleLacksIsInTheLogAndItStartsWhenThatIsThere() throws Exception {
        Manifest manifest = manifest("moon", "1.0.0");
        manifest.getMainAttributes().putValue("Require-Capability", "dmabuf.allocator;filter:=\"(type=cheese)\"");
        jar(manifest, STORAGE.resolve("moon.jar"));
        patiently().until(() -> logged("moon.jar") && logged("missing requirement") && logged("(type=cheese)"));
        assertThat(bundles("moon")).extracting(Bundle::getState).containsExactly(Bundle.INSTALLED);

        Manifest provider = manifest("bank", "1.0.0");
        provider.getMainAttributes().putValue("Provide-Capability", "dmabuf.allocator;type=cheese");
        jar(provider, STORAGE.resolve("provider.jar"));

        patiently().until(() -> bundles("moon").getFirst().getState() == Bundle.ACTIVE);
    }

    @Test
    public void ofTwoVersionsTheSecondStandsByAndTakesOver() throws Exception {
        deploy(TestBundle.low("1.0.0"), STORAGE.resolve("one.jar"));
        patiently().until(() -> stage.ids().contains("bank"));
        deploy(TestBundle.high("2.0.0"), STORAGE.resolve("two.jar"));

        patiently().until(() -> stage.exporter().allocators().stream().anyMatch(AllocatorInfo::standby));
        assertThat(versions("bank")).containsExactlyInAnyOrder("1.0.0", "2.0.0");
        Files.delete(STORAGE.resolve("one.jar"));

        patiently().until(() -> versions("bank").equals(List.of("2.0.0")) && stage.ids().contains("bank"));
        assertThat(stage.exporter().allocators()).noneMatch(AllocatorInfo::standby);
    }

    @Test
    public void theSameNameAndVersionInAnotherFileReplacesTheBundle() throws Exception {
        deploy(TestBundle.low("1.0.0"), STORAGE.resolve("one.jar"));
        patiently().until(() -> served("camera").equals("bank"));
        deploy(TestBundle.high("1.0.0"), STORAGE.resolve("two.jar"));

        patiently().until(() -> logged("A bundle with the same symbolic name (bank) and version (1.0.0) is already installed."));
        patiently().until(() -> placed("camera") >= 0x3000_0000L);
        assertThat(bundles("bank")).hasSize(1);
    }

    @Test
    public void aSymbolicLinkIsFollowedAlsoWhenItsTargetIsReplaced() throws Exception {
        Path target = PLACE.resolve("outside.jar");
        deploy(TestBundle.low("1.0.0"), target);
        Files.createSymbolicLink(STORAGE.resolve("link.jar"), target);
        patiently().until(() -> stage.ids().contains("bank"));

        deploy(TestBundle.high("2.0.0"), target);
        patiently().until(() -> versions("bank").equals(List.of("2.0.0")) && stage.ids().contains("bank"));

        Files.delete(STORAGE.resolve("link.jar"));
        patiently().until(() -> bundles("bank").isEmpty());
    }

    @Test
    public void configurationFilesComeAndGoInTheSameWay() throws Exception {
        Path file = STORAGE.resolve("allocator.contig-far.config");
        Files.writeString(file, """
                id="far"
                base="0x20000000"
                size="16M"
                priority=I"2000"
                """);
        patiently().until(() -> stage.ids().getFirst().equals("far"));
        assertThat(served("camera")).isEqualTo("far");

        Files.delete(file);
        patiently().until(() -> !stage.ids().contains("far"));
    }

    private String served(String device) {
        try (DmaBuf buffer = stage.buffer(MIB);
                Mapping mapping = buffer.attach(device).map(Direction.TO_DEVICE)) {
            return mapping.allocator();
        }
    }

    private long placed(String device) {
        try (DmaBuf buffer = stage.buffer(MIB)) {
            buffer.attach(device).map(Direction.TO_DEVICE).close();
            return buffer.info().segments().getFirst().address();
        }
    }

    /** Copies as {@code cp} does: into the file that is there. */
    private static void deploy(TestBundle bundle, Path file) throws IOException {
        Files.write(file, bytes(bundle));
    }

    private static byte[] bytes(TestBundle bundle) throws IOException {
        try (InputStream jar = bundle.jar()) {
            return jar.readAllBytes();
        }
    }

    private static void jar(Manifest manifest, Path file) throws IOException {
        Path temporary = Files.createTempFile(PLACE, "new", ".jar");
        try (OutputStream out = Files.newOutputStream(temporary)) {
            new JarOutputStream(out, manifest).close();
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        return manifest;
    }

    private static Manifest manifest(String symbolicName, String version) {
        Manifest manifest = manifest();
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", symbolicName);
        manifest.getMainAttributes().putValue("Bundle-Version", version);
        return manifest;
    }

    private List<Bundle> bundles(String symbolicName) {
        return Arrays.stream(context.getBundles()).filter(bundle -> symbolicName.equals(bundle.getSymbolicName())).toList();
    }

    private List<String> versions(String symbolicName) {
        return bundles(symbolicName).stream().map(bundle -> bundle.getVersion().toString()).toList();
    }

    private boolean logged(String part) {
        return !entries(part).isEmpty();
    }

    /** Returns the entries that say something, or whose exception does. */
    private List<String> entries(String part) {
        return Collections.list(log.getLog()).stream()
                .map(entry -> entry.getMessage() + " " + entry.getException())
                .filter(text -> text.contains(part))
                .toList();
    }
}
