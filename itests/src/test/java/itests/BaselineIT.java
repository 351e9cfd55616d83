// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;

/** The API compared with that of the last release; a change that its version does not tell fails the build. */
class BaselineIT {
    private static final String EXPORTER = "dmabuf/api/Exporter.class";
    private static final String ALLOCATOR = "dmabuf/api/spi/Allocator.class";

    private final ApiHistory history = new ApiHistory(Run.ROOT);

    @TempDir
    Path folder;

    @Test
    void versionsTellWhatChanged() throws Exception {
        String commit = baseline();
        try (Jar newer = present();
                Jar older = history.at(commit)) {
            assertThat(ApiDifference.complaints(newer, older))
                    .as("raise @Version in the package-info, or before the first release move the baseline in dmabuf.api/bnd.bnd;"
                            + " compared with " + commit)
                    .isEmpty();
        }
        System.out.println("API compared with " + commit);
    }

    /** Returns the commit to compare with; without one, this says so and skips. */
    private String baseline() throws Exception {
        try {
            return history.baseline();
        } catch (ApiHistory.Absent e) {
            System.out.println("API not compared with an earlier one: " + e.getMessage());
            return abort(e.getMessage());
        }
    }

    @Test
    void theHistoryIsBuiltToTheSameApiAsTheBuildDoes() throws Exception {
        String head;
        try {
            head = history.commit("HEAD");
        } catch (ApiHistory.Absent e) {
            abort(e.getMessage());
            return;
        }
        try (Jar built = history.at(head);
                Jar present = present()) {
            assertThat(exports(built).keySet()).isEqualTo(exports(present).keySet());
            assertThat(built.getResource(EXPORTER)).isNotNull();
        }
    }

    /** Returns the API as it is now, in versions that do not change from release to release. */
    private Jar presentAs10() throws Exception {
        Jar present = present();
        for (String exported : exports(present).keySet()) {
            version(present, exported, "1.0.0");
        }
        return present;
    }

    @Test
    void aMethodThatWasTakenAwayNeedsAMajorVersion() throws Exception {
        try (Jar older = presentAs10();
                Jar newer = presentAs10()) {
            change(newer, EXPORTER, dropping("allocators"));
            assertThat(ApiDifference.complaints(newer, older)).singleElement().asString()
                    .startsWith("package dmabuf.api 1.0.0 must be 2.0.0 after 1.0.0: ")
                    .contains("dmabuf.api.Exporter REMOVED METHOD allocators()");
            version(newer, "dmabuf.api", "1.1.0");
            assertThat(ApiDifference.complaints(newer, older)).hasSize(1);
            version(newer, "dmabuf.api", "2.0.0");
            assertThat(ApiDifference.complaints(newer, older)).isEmpty();
        }
    }

    @Test
    void aMethodAddedToWhatCallersImplementNeedsAMajorVersion() throws Exception {
        try (Jar older = presentAs10();
                Jar newer = presentAs10()) {
            change(newer, ALLOCATOR, adding("planted"));
            assertThat(ApiDifference.complaints(newer, older)).singleElement().asString()
                    .isEqualTo("package dmabuf.api.spi 1.0.0 must be 2.0.0 after 1.0.0:"
                            + " dmabuf.api.spi.Allocator ADDED METHOD planted()");
            version(newer, "dmabuf.api.spi", "2.0.0");
            assertThat(ApiDifference.complaints(newer, older)).isEmpty();
        }
    }

    @Test
    void aMethodAddedToWhatTheRuntimeProvidesNeedsAMinorVersion() throws Exception {
        try (Jar older = presentAs10();
                Jar newer = presentAs10()) {
            change(newer, EXPORTER, adding("planted"));
            assertThat(ApiDifference.complaints(newer, older)).singleElement().asString()
                    .isEqualTo("package dmabuf.api 1.0.0 must be 1.1.0 after 1.0.0:"
                            + " dmabuf.api.Exporter ADDED METHOD planted()");
            version(newer, "dmabuf.api", "1.1.0");
            assertThat(ApiDifference.complaints(newer, older)).isEmpty();
        }
    }

    @Test
    void aMethodWithABodyNeedsAMinorVersionOnly() throws Exception {
        try (Jar older = presentAs10();
                Jar newer = presentAs10()) {
            change(newer, ALLOCATOR, adding("planted", ClassFile.ACC_PUBLIC));
            assertThat(ApiDifference.complaints(newer, older)).singleElement().asString()
                    .startsWith("package dmabuf.api.spi 1.0.0 must be 1.1.0 after 1.0.0: ");
        }
    }

    @Test
    void aPackageThatIsGoneIsSaid() throws Exception {
        try (Jar older = present();
                Jar newer = present()) {
            Manifest manifest = newer.getManifest();
            Parameters exports = exports(newer);
            exports.remove("dmabuf.api.spi");
            manifest.getMainAttributes().putValue(Constants.EXPORT_PACKAGE, exports.toString());
            newer.setManifest(manifest);
            assertThat(ApiDifference.complaints(newer, older)).containsExactly("package dmabuf.api.spi is gone");
        }
    }

    @Test
    void whereThereIsNoHistoryThatIsSaid() {
        assertThatThrownBy(() -> new ApiHistory(folder).baseline())
                .isInstanceOf(ApiHistory.Absent.class)
                .hasMessageStartingWith("there is no git history here");
        assertThatThrownBy(() -> history.commit("v0.0.0-never"))
                .isInstanceOf(ApiHistory.Absent.class)
                .hasMessageContaining("v0.0.0-never is not in this clone")
                .hasMessageEndingWith("git fetch --unshallow --tags");
    }

    private Jar present() throws IOException {
        Path copy = Files.createTempFile(folder, "api", ".jar");
        Files.write(copy, Files.readAllBytes(Bundles.api()));
        return new Jar(copy.toFile());
    }

    private static ClassTransform dropping(String method) {
        return ClassTransform.dropping(
                element -> element instanceof MethodModel found && found.methodName().equalsString(method));
    }

    private static ClassTransform adding(String method) {
        return adding(method, ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT);
    }

    private static ClassTransform adding(String method, int flags) {
        boolean isAbstract = (flags & ClassFile.ACC_ABSTRACT) != 0;
        return ClassTransform.endHandler(type -> type.withMethod(
                method,
                MethodTypeDesc.of(ConstantDescs.CD_void),
                flags,
                added -> {
                    if (!isAbstract) {
                        added.withCode(CodeBuilder::return_);
                    }
                }));
    }

    private static void change(Jar jar, String entry, ClassTransform change) throws Exception {
        try (InputStream in = jar.getResource(entry).openInputStream()) {
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            jar.putResource(entry, new EmbeddedResource(ClassFile.of().transformClass(model, change), 0L));
        }
    }

    private static Parameters exports(Jar jar) throws Exception {
        return new Parameters(jar.getManifest().getMainAttributes().getValue(Constants.EXPORT_PACKAGE));
    }

    private static void version(Jar jar, String exported, String version) throws Exception {
        Manifest manifest = jar.getManifest();
        Parameters exports = exports(jar);
        exports.get(exported).put(Constants.VERSION_ATTRIBUTE, version);
        manifest.getMainAttributes().putValue(Constants.EXPORT_PACKAGE, exports.toString());
        jar.setManifest(manifest);
    }
}
